"""A second count of sales and refunds, kept by hand beside the house's own."""

from fractions import Fraction

from huiquan.domain.redemptions import Redemption
from huiquan.domain.refund_rules import RefundPolicy
from huiquan.domain.refunds import RefundsSoFar
from huiquan.domain.settlement import Due


class Sale:
    """One redemption as the second count sees it: who bore what of the goods that stayed sold."""

    def __init__(self, redemption: Redemption, face_fen: int) -> None:
        self.redemption = redemption
        self.face_fen = face_fen
        self.order_fen = redemption.quote.order_fen
        self.offers_fen = redemption.quote.offers_fen
        self.net_fen = self.order_fen - self.offers_fen
        self.paid_by_consumer_fen = self.net_fen - face_fen
        self.paid_by_fund_fen = face_fen
        self.goods_fen = self.net_fen
        self.so_far = RefundsSoFar()
        self.settled = False

    def fund_share(self, policy: RefundPolicy, back_fen: int) -> int:
        """The fund's running share by exact fractions, in place of whole-number arithmetic."""
        if policy is RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_POOL:
            return self.face_fen if back_fen > self.face_fen else back_fen
        return int(Fraction(self.face_fen * back_fen, self.net_fen) + Fraction(1, 2))

    def give_back(self, policy: RefundPolicy, amount_fen: int) -> int:
        """Take goods back; gives the fund's part of the amount."""
        back_fen = self.net_fen - self.goods_fen + amount_fen
        returned_fen = self.face_fen - self.paid_by_fund_fen
        fund_fen = self.fund_share(policy, back_fen) - returned_fen
        self.goods_fen -= amount_fen
        self.paid_by_fund_fen -= fund_fen
        self.paid_by_consumer_fen -= amount_fen - fund_fen
        return fund_fen

    def due(self) -> Due:
        """The sale as a settlement sees it while it is in none."""
        return Due(
            day=self.redemption.day,
            lane=self.redemption.lane,
            count=1,
            redeemed_fen=self.face_fen,
            returned_fen=self.face_fen - self.paid_by_fund_fen,
        )
