"""What a bank does in a played season: it pays, and gives payments back, early or late."""

from collections import Counter, defaultdict
from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from huiquan.domain import ledger
from huiquan.domain.ledger import AccountRef, Transfer
from huiquan.domain.settlement import LaneAmount, Settlement, bounce_transfers
from huiquan.domain.settlement import decide_payment as decide_pay


class BankLife(RuleBasedStateMachine):
    """The bank's rules, and the second count of what it was told, paid and gave back."""

    def __init__(self) -> None:
        super().__init__()
        self.transfers: list[Transfer] = []
        self.books: dict[AccountRef, int] = {}
        self.settlements: dict[tuple[int, date], Settlement] = {}
        self.told: dict[tuple[int, date], int] = {}
        self.paid: Counter[tuple[int, date]] = Counter()
        self.bounced: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self.owed: Counter[int] = Counter()
        self.count: Counter[str] = Counter()

    def move(self, *transfers: Transfer) -> None:
        for transfer in transfers:
            self.books = ledger.apply(self.books, transfer)
            self.transfers.append(transfer)

    @precondition(lambda self: any(self.told.values()))
    @rule(data=st.data())
    def the_bank_pays(self, data: st.DataObject) -> None:
        waiting = sorted(key for key, fen in self.told.items() if fen)
        merchant_id, day = data.draw(st.sampled_from(waiting))
        told_fen = self.told[merchant_id, day]
        paid = decide_pay(
            merchant_id=merchant_id,
            ref=self.settlements[merchant_id, day].ref,
            amount_fen=told_fen,
            confirmed_fen=told_fen,
        )
        assert isinstance(paid, Transfer)
        self.move(paid)
        self.told[merchant_id, day] = 0
        self.count["paid"] += told_fen
        self.paid[merchant_id, day] = told_fen

    @precondition(lambda self: any(self.told.values()) or any(self.paid.values()))
    @rule(data=st.data())
    def the_bank_gives_a_payment_back(self, data: st.DataObject) -> None:
        """Before it was paid or days after; twice it does not."""
        waiting = {key for key, fen in (*self.told.items(), *self.paid.items()) if fen}
        key = data.draw(st.sampled_from(sorted(waiting)))
        settlement, was_paid = self.settlements[key], bool(self.paid[key])
        lines = [LaneAmount(lane=one.lane, amount_fen=one.amount_fen) for one in settlement.lines]
        self.move(
            *bounce_transfers(
                merchant_id=key[0], ref=settlement.ref, lines=lines, was_paid=was_paid
            )
        )
        back_fen = self.paid[key] or self.told[key]
        if was_paid:
            self.count["paid"] -= back_fen
        self.paid[key] = self.told[key] = 0
        self.owed[key[0]] += back_fen
        for line in settlement.lines:
            if line.amount_fen:
                self.bounced[key[0]][line.lane] += line.amount_fen
