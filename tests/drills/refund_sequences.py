"""A million sequences of redemptions, refunds, settlements and lying banks: who has public money?

    python -m tests.drills.refund_sequences --sequences 1000000 --seed 1

Each sequence is one merchant and one customer who work together, with up to three vouchers. They
redeem, bring goods back in any amounts, are settled, paid, not paid, paid and not; vouchers that
return are redeemed again. After each step a second count, in plain numbers and with arithmetic of
its own, says what of each order's goods stayed sold, and the house's decisions and transfers are
held against it:

* customer, fund and merchant always sum to the order;
* the pair never holds a fen of public money beyond the vouchers' share of goods that stayed sold;
* what it holds too much after late refunds is written down as its debt, to the fen.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

from huiquan.domain.days import day_of
from huiquan.domain.ledger import Account, Transfer, movement_of, redeem
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refund_rules import PRESETS, RefundPolicy, RefundRules, Share
from huiquan.domain.refunds import Refund, RefundsSoFar, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.settlement import (
    Due,
    LaneAmount,
    MerchantAccount,
    Settlement,
    Terms,
    bounce_transfers,
    decide_payment,
    decide_settlement,
)
from tests.domain.tills import redeemed

MERCHANT = 17
BEGIN = redeemed()
VALID_UNTIL = BEGIN.redeemed_at + timedelta(days=5)
STEPS_MAX = 18
BATCH = 2_000
OTHER_RULES = (
    RefundRules(voucher_returns_if_whole=False, partial=Share.FUND_FIRST, refunds_max=3),
    RefundRules(voucher_returns_if_whole=True, partial=Share.PRO_RATA, within_days=9),
)
RULES = (*(PRESETS[policy] for policy in RefundPolicy), *OTHER_RULES)


@dataclass
class Order:
    """One order as the second count sees it, beside the house's redemption."""

    redemption: Redemption
    face_fen: int
    net_fen: int
    back_fen: int = 0
    fund_back_fen: int = 0
    refunds: int = 0
    so_far: RefundsSoFar = field(default_factory=RefundsSoFar)
    settled: bool = False

    def share(self, rules: RefundRules, back_fen: int) -> int:
        """The fund's part of goods that came back, by long division and not by one formula."""
        if rules.partial is Share.FUND_FIRST:
            return back_fen if back_fen < self.face_fen else self.face_fen
        whole, rest = divmod(self.face_fen * back_fen, self.net_fen)
        return whole + 1 if rest * 2 >= self.net_fen else whole


class Sequence:
    """One sequence; every step asserts."""

    def __init__(self, seed: str) -> None:
        self.dice = random.Random(seed)
        self.rules = self.dice.choice(RULES)
        self.now = BEGIN.redeemed_at
        self.books: Counter[Account] = Counter()
        self.orders: list[Order] = []
        self.free: list[tuple[int, int, int]] = []  # vouchers at hand: lane, face, locks so far
        self.sent: list[tuple[Settlement, bool]] = []  # at the bank; whether it was paid
        self.bounced: Counter[int] = Counter()
        self.days: set[object] = set()
        self.steps: Counter[str] = Counter()
        # The second count: what the bank handed to the pair, net of what it took back.
        self.cash_fen = 0
        self.kept_fen = 0
        for lane in range(self.dice.randint(1, 3)):
            self.free.append((lane, self.dice.choice((1, 3, 99, 3_000, 20_000)), 0))

    def play(self) -> Counter[str]:
        """Play the steps; gives what happened how often."""
        self.redeem()
        for _ in range(self.dice.randint(2, STEPS_MAX)):
            step = self.dice.choices(
                (self.refund, self.settle, self.pay, self.bounce, self.redeem, self.wait),
                (7, 3, 3, 2, 2, 2),
            )[0]
            step()
            self.check()
        return self.steps

    def wait(self) -> None:
        """Time passes; vouchers expire meanwhile, and terms of refunds end."""
        self.now += timedelta(days=self.dice.choice((1, 1, 3, 8)))

    def redeem(self) -> None:
        """A voucher at hand is redeemed, at any net amount from its face on."""
        if not self.free or self.now >= VALID_UNTIL:
            return
        lane, face_fen, locks = self.free.pop(self.dice.randrange(len(self.free)))
        net_fen = face_fen + self.dice.choice((0, 1, 2, face_fen, 4 * face_fen, 7_777))
        quote = replace(
            BEGIN.quote,
            face_fen=face_fen,
            discount_fen=face_fen,
            order_fen=net_fen,
            offers_fen=0,
            net_fen=net_fen,
            threshold_fen=face_fen,
        )
        redemption = replace(
            BEGIN,
            lane=lane,
            lock_no=locks + 1,
            merchant_id=MERCHANT,
            quote=quote,
            day=day_of(self.now),
            redeemed_at=self.now,
        )
        self.orders.append(Order(redemption=redemption, face_fen=face_fen, net_fen=net_fen))
        self.books[Account.RESERVED] += face_fen  # what was set aside when it was issued
        moved = redeem(lane=lane, idx=1, merchant_id=MERCHANT, amount_fen=face_fen, ref="x")
        self.move([moved])
        self.steps["redeem"] += 1

    def refund(self) -> None:
        """Goods come back: some, all, one fen, or more than there are."""
        if not self.orders:
            return
        order = self.dice.choice(self.orders)
        left_fen = order.net_fen - order.back_fen
        amount_fen = self.dice.choice(
            (left_fen, left_fen, 1, left_fen // 2, left_fen // 3, left_fen + 1, 0)
        )
        outcome = decide_refund(
            order.redemption,
            order.so_far,
            amount_fen,
            store_id=order.redemption.store_id,
            rules=self.rules,
            settled=order.settled,
            voucher_valid_until=VALID_UNTIL,
            now=self.now,
        )
        late = self.now.date() > order.redemption.day + timedelta(days=self.rules.within_days)
        may = 0 < amount_fen <= left_fen and order.refunds < self.rules.refunds_max and not late
        assert isinstance(outcome, Refund) == may, outcome
        if isinstance(outcome, Refund):
            self.count_refund(order, outcome, amount_fen)

    def count_refund(self, order: Order, done: Refund, amount_fen: int) -> None:
        """What came back by the second count, against what was decided."""
        was_whole = amount_fen == order.net_fen
        fund_fen = order.share(self.rules, order.back_fen + amount_fen) - order.fund_back_fen
        order.back_fen += amount_fen
        order.fund_back_fen += fund_fen
        order.refunds += 1
        order.so_far = done.so_far
        assert (done.to_fund_fen, done.to_consumer_fen) == (fund_fen, amount_fen - fund_fen)
        assert min(done.to_fund_fen, done.to_consumer_fen) >= 0
        assert sum(one.amount_fen for one in done.transfers) == fund_fen
        returns = (
            self.rules.voucher_returns_if_whole
            and was_whole
            and self.now < VALID_UNTIL
            and not order.settled
        )
        assert done.voucher_returns == returns
        self.move(done.transfers)
        if returns:
            paid = order.redemption
            self.free.append((paid.lane, order.face_fen, paid.lock_no))
            self.books[Account.RESERVED] -= order.face_fen  # counted again when redeemed again
        self.steps["late refund" if order.settled else "refund"] += 1

    def settle(self) -> None:
        """The next day's settlement, with what bounced, less what is owed."""
        self.now += timedelta(days=1)
        day = day_of(self.now)
        if day in self.days:
            return
        mine = [one for one in self.orders if not one.settled]
        terms = Terms(
            day=day,
            last_day=day - timedelta(days=1),
            new_store_last_day=day - timedelta(days=1),
            new_store_days=0,
            minimum_fen=self.dice.choice((1, 1, 500)),
        )
        owed_fen = self.books[Account.RECEIVABLE]
        outcome = decide_settlement(
            MerchantAccount(
                merchant_id=MERCHANT,
                dues=tuple(_due(one) for one in mine),
                receivable_fen=owed_fen,
                bounced=tuple(LaneAmount(lane=a, amount_fen=b) for a, b in self.bounced.items()),
            ),
            terms,
        )
        if isinstance(outcome, Refusal):
            return
        due = [one for one in mine if one.redemption.day < day]
        due_fen = sum(one.face_fen - one.fund_back_fen for one in due) + self.bounced.total()
        assert outcome.amount_fen == due_fen - min(owed_fen, due_fen)
        self.move(outcome.transfers)
        for one in due:
            one.settled = True
        self.bounced.clear()
        self.days.add(day)
        self.kept_fen += outcome.recovered_fen
        if outcome.amount_fen:
            self.sent.append((outcome, False))
        self.steps["settle"] += 1

    def pay(self) -> None:
        """The bank pays a settlement, once."""
        waiting = [one for one in self.sent if not one[1]]
        if not waiting:
            return
        settlement, _ = one = self.dice.choice(waiting)
        paid = decide_payment(
            merchant_id=MERCHANT,
            ref=settlement.ref,
            amount_fen=settlement.amount_fen,
            confirmed_fen=settlement.amount_fen,
        )
        assert isinstance(paid, Transfer)
        self.books[Account.BANK] += settlement.amount_fen  # as much stood behind it
        self.move([paid])
        self.sent[self.sent.index(one)] = (settlement, True)
        self.cash_fen += settlement.amount_fen
        self.steps["pay"] += 1

    def bounce(self) -> None:
        """The bank does not pay, or takes back what it paid."""
        if not self.sent:
            return
        settlement, was_paid = self.sent.pop(self.dice.randrange(len(self.sent)))
        lines = [LaneAmount(lane=one.lane, amount_fen=one.amount_fen) for one in settlement.lines]
        moved = bounce_transfers(
            merchant_id=MERCHANT, ref=settlement.ref, lines=lines, was_paid=was_paid
        )
        self.move(moved)
        for line in lines:
            self.bounced[line.lane] += line.amount_fen
        if was_paid:
            self.cash_fen -= settlement.amount_fen
            self.books[Account.BANK] -= settlement.amount_fen
        self.steps["return" if was_paid else "bounce"] += 1

    def move(self, transfers: Iterable[Transfer]) -> None:
        """The house's books, over all lanes; none may fall below zero."""
        transfers = list(transfers)
        for transfer in transfers:
            for account, moved_fen in movement_of(transfer):
                self.books[account.account] += moved_fen
        for name, fen in self.books.items():
            assert fen >= 0 or name is Account.RESERVED, (name, fen, transfers)

    def check(self) -> None:
        """The promises, after every step."""
        owed_fen = self.books[Account.RECEIVABLE]
        assert owed_fen == self.books[Account.RECOVERING]
        rightful_fen = 0
        for one in self.orders:
            goods_fen = one.net_fen - one.back_fen
            of_fund_fen = one.face_fen - one.fund_back_fen
            of_customer_fen = goods_fen - of_fund_fen
            assert 0 <= of_fund_fen <= one.face_fen
            assert 0 <= of_customer_fen <= one.net_fen - one.face_fen
            assert goods_fen > 0 or of_fund_fen == of_customer_fen == 0
            rightful_fen += of_fund_fen
        coming_fen = self.books[Account.PAYABLE] + self.books[Account.SETTLING]
        assert self.cash_fen + coming_fen - owed_fen == rightful_fen
        assert self.cash_fen - owed_fen <= rightful_fen, "the pair gained public money"


def _due(one: Order) -> Due:
    return Due(
        day=one.redemption.day,
        lane=one.redemption.lane,
        count=1,
        redeemed_fen=one.face_fen,
        returned_fen=one.fund_back_fen,
    )


def play_many(seed: int, first: int, count: int) -> Counter[str]:
    """Play sequences by their numbers; a failure names its own."""
    seen: Counter[str] = Counter()
    for number in range(first, first + count):
        try:
            seen += Sequence(f"{seed}/{number}").play()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, sequence {number}: {error}") from error
    return seen


def main() -> None:
    """Play them all on two processes, and say how it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun, done, seen = time.monotonic(), 0, Counter[str]()
    with ProcessPoolExecutor(max_workers=2) as workers:
        parts = [
            workers.submit(play_many, asked.seed, first, min(BATCH, asked.sequences - first))
            for first in range(0, asked.sequences, BATCH)
        ]
        for part in parts:
            seen += part.result()
            done += BATCH
            print(f"\r{min(done, asked.sequences):>9,} sequences", end="", file=sys.stderr)
    taken_s = time.monotonic() - begun
    print(f"\n{asked.sequences:,} sequences of seed {asked.seed} in {taken_s:.0f} s, none wrong")
    print(", ".join(f"{count:,} {name}" for name, count in seen.most_common()))


if __name__ == "__main__":
    main()
