"""What moves the fund beside the vouchers, for the season that is played at random."""

from collections import Counter
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from huiquan.domain import fund
from huiquan.domain.ledger import Transfer
from huiquan.domain.refusals import Refusal

MERCHANTS = {17: 7, 18: 8}


class PayersAndDebtors(RuleBasedStateMachine):
    """Compensation, cash of merchants, and remainders that go back, each counted by hand."""

    now: datetime
    count: Counter[str]
    back: Counter[int]
    debt: Counter[int]
    paid_in: list[int]

    def move(self, *transfers: Transfer) -> None:
        """Book these movements."""
        raise NotImplementedError

    def ref(self) -> str:
        """A reference that was never used."""
        raise NotImplementedError

    @rule(amount_fen=st.integers(1, 10**5))
    def the_platform_makes_something_good(self, amount_fen: int) -> None:
        self.move(fund.compensate(amount_fen=amount_fen, ref=self.ref()))
        self.count["compensated"] += amount_fen
        self.count["pool"] += amount_fen

    @precondition(lambda self: any(self.debt.values()))
    @rule(data=st.data(), amount_fen=st.integers(1, 30_000))
    def a_merchant_repays_in_cash(self, data: st.DataObject, amount_fen: int) -> None:
        merchant_id = data.draw(st.sampled_from(sorted(MERCHANTS)))
        owed_fen = self.debt[merchant_id]
        outcome = fund.decide_repayment(
            merchant_id=merchant_id,
            amount_fen=amount_fen,
            receivable_fen=owed_fen,
            bank_ref=self.ref(),
        )
        if amount_fen > owed_fen:
            assert outcome is Refusal.MORE_THAN_OWED
            return
        assert not isinstance(outcome, Refusal)
        self.move(*outcome)
        self.debt[merchant_id] -= amount_fen
        self.back[fund.CASH_LANE] += amount_fen
        self.count["repaid"] += amount_fen

    @precondition(lambda self: self.count["pool"] > 0)
    @rule(percent=st.integers(1, 100))
    def a_part_of_the_pool_goes_back_to_the_payers(self, percent: int) -> None:
        """At the end it is all of it; here a part, so that the season goes on."""
        part_fen = self.count["pool"] * percent // 100
        tranches = [
            fund.Tranche(
                tranche_no=number,
                planned_fen=fen,
                due_on=self.now.date(),
                payer="x",
                payer_account="",
                bank_ref="y",
                received_fen=fen,
            )
            for number, fen in enumerate(self.paid_in, start=1)
        ]
        shares = fund.share_remainder(part_fen, tranches)
        assert sum(share.amount_fen for share in shares) == part_fen
        for share in shares:
            exact = part_fen * self.paid_in[share.tranche_no - 1]
            assert abs(share.amount_fen * sum(self.paid_in) - exact) < sum(self.paid_in)
            self.move(fund.return_remainder(amount_fen=share.amount_fen, ref=self.ref()))
        self.count["pool"] -= part_fen
        self.count["remainder"] += part_fen
