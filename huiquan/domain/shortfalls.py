"""Shortfalls: how far an order is below its voucher's threshold, said with its sums.  差额"""

from dataclasses import dataclass

from huiquan.domain.money import yuan
from huiquan.domain.offers import Order, decide_net
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """An order that is too small: the voucher's threshold and what is left after offers, fen."""

    threshold_fen: int
    net_fen: int

    @property
    def missing_fen(self) -> int:
        """How much more the customer has to buy."""
        return self.threshold_fen - self.net_fen

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        threshold, net, missing = self._sums()
        return f"这张券满 {threshold} 元可用，本单扣除优惠后为 {net} 元，还差 {missing} 元。"

    @property
    def en(self) -> str:
        """The sentence in English."""
        threshold, net, missing = self._sums()
        return (
            f"This voucher takes an order of {threshold} yuan or more; after offers this one is "
            f"{net} yuan, {missing} yuan are missing."
        )

    def _sums(self) -> tuple[str, str, str]:
        return yuan(self.threshold_fen), yuan(self.net_fen), yuan(self.missing_fen)


def shortfall_of(threshold_fen: int, order: Order) -> Shortfall | None:
    """What an order lacks for a voucher with this threshold (R1.2); None if it lacks nothing."""
    net_fen = decide_net(order)
    if isinstance(net_fen, Refusal) or net_fen >= threshold_fen:
        return None
    return Shortfall(threshold_fen=threshold_fen, net_fen=net_fen)
