"""A season of vouchers and their money, played at random, with a second count kept by hand."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from huiquan.domain import ledger
from huiquan.domain.days import day_of
from huiquan.domain.ledger import Account, book_of
from huiquan.domain.offers import Funder, Offer, Order
from huiquan.domain.redemptions import (
    LATE_PAYMENT_GRACE,
    Lock,
    LockState,
    Redemption,
    decide_lock,
    decide_redemption,
    decide_unlock,
)
from huiquan.domain.refund_rules import PRESETS, RefundPolicy
from huiquan.domain.refunds import Refund, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import SettlementRules
from huiquan.domain.settlement import (
    LaneAmount,
    MerchantAccount,
    Settlement,
    decide_settlement,
    terms_of,
)
from huiquan.domain.vouchers import Expiry, State, Voucher, decide_expiry, issue
from tests.domain.bank_life import BankLife
from tests.domain.payers import MERCHANTS, PayersAndDebtors
from tests.domain.second_count import Sale
from tests.domain.tills import RULEBOOK, RULES, STORE, WIN, WON_AT, code_for

LANES = (0, 1)
STORES = {7: STORE, 8: replace(STORE, store_id=8, merchant_id=18)}
FACES = {7: 3_000, 9: 8_000, 11: 20_000}
HOLD_DAYS = 2
SETTLED_SOON = replace(
    RULEBOOK, settlement_hold_days=HOLD_DAYS, settlement=SettlementRules(minimum_fen=100)
)
LIVE = (State.HELD, State.LOCKED)

Key = tuple[int, int]


class VoucherLife(BankLife, PayersAndDebtors):
    """Plays tills, consumers, the department, the bank and the clock against the domain."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = WON_AT
        self.vouchers: dict[Key, Voucher] = {}
        self.locks: dict[Key, Lock] = {}
        self.sales: list[Sale] = []
        # The second count, in plain numbers.
        self.stock: Counter[int] = Counter()
        self.back: Counter[int] = Counter()
        self.debt: Counter[int] = Counter()
        self.paid_in: list[int] = []
        self.steps = 0

    @initialize(policy=st.sampled_from(RefundPolicy))
    def the_first_day_opens(self, policy: RefundPolicy) -> None:
        self.policy = policy
        self.appropriate(500_000)
        self.a_day_s_stock_is_released(90_000, 90_000)
        for tier in FACES:
            self.somebody_wins(0, tier)
            self.somebody_wins(1, tier)

    def ref(self) -> str:
        self.steps += 1
        return f"step-{self.steps}"

    def live(self) -> list[Key]:
        return [key for key, one in self.vouchers.items() if one.state in LIVE]

    def pending(self) -> list[Key]:
        return [key for key, lock in self.locks.items() if lock.state is LockState.OPEN]

    def pick(self, data: st.DataObject, likely: list[Key], all_keys: list[Key]) -> Key:
        """Mostly one of the keys with which something will happen, at times any."""
        odd = data.draw(st.integers(0, 9)) == 9
        return data.draw(st.sampled_from(sorted(all_keys if odd or not likely else likely)))

    @precondition(lambda self: self.count["pool"] < 100_000)
    @rule(amount_fen=st.integers(1, 10**6))
    def appropriate(self, amount_fen: int) -> None:
        self.move(ledger.appropriate(amount_fen=amount_fen, ref=self.ref()))
        self.count["appropriated"] += amount_fen
        self.count["pool"] += amount_fen
        self.paid_in.append(amount_fen)

    @rule(minutes=st.sampled_from([1, 4, 5, 14, 60, 600, 1_440, 4_320]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(days=st.integers(1, 3))
    def a_night_falls(self, days: int) -> None:
        """What the house does by itself: expiry, round-off, settlement."""
        self.now += timedelta(days=days)
        self.what_is_over_expires()
        self.the_day_is_rounded_off()
        for merchant_id in MERCHANTS:
            self.a_merchant_is_settled(merchant_id)

    @precondition(lambda self: min(self.stock[lane] for lane in LANES) < 20_000)
    @rule(first=st.integers(0, 200_000), second=st.integers(0, 200_000))
    def a_day_s_stock_is_released(self, first: int, second: int) -> None:
        outcome = ledger.decide_release(
            pool_fen=self.books.get(ledger.POOL, 0), by_lane={0: first, 1: second}, ref=self.ref()
        )
        if first + second > self.count["pool"]:
            assert outcome is Refusal.FUND_TOO_SMALL
            return
        assert not isinstance(outcome, Refusal)
        self.move(*outcome)
        self.count["pool"] -= first + second
        self.stock[0] += first
        self.stock[1] += second

    @precondition(lambda self: len(self.live()) < 8)
    @rule(lane=st.sampled_from(LANES), tier=st.sampled_from(sorted(FACES)))
    def somebody_wins(self, lane: int, tier: int) -> None:
        if self.stock[lane] < FACES[tier]:
            return
        win = replace(WIN, lane=lane, idx=len(self.vouchers), day=day_of(self.now), tier=tier)
        issued = issue(win, rulebook=RULEBOOK, rulebook_version=1, issued_at=self.now)
        self.move(issued.transfer)
        self.vouchers[lane, win.idx] = issued.voucher
        self.stock[lane] -= FACES[tier]

    @precondition(lambda self: self.vouchers)
    @rule(
        data=st.data(),
        store=st.sampled_from(sorted(STORES)),
        more_fen=st.sampled_from([0, 1, 999, 50_000, -1]),
        offer_fen=st.integers(0, 2_000),
    )
    def a_till_locks(self, data: st.DataObject, store: int, more_fen: int, offer_fen: int) -> None:
        self.lock(self.pick(data, self.live(), list(self.vouchers)), store, more_fen, offer_fen)

    def lock(self, key: Key, store: int, more_fen: int, offer_fen: int) -> None:
        one = self.vouchers[key]
        net_fen = one.threshold_fen + more_fen
        offers = (Offer(funder=Funder.MERCHANT, name="x", amount_fen=offer_fen),)
        bill = Order(order_fen=net_fen + offer_fen, offers=offers if offer_fen else ())
        lock = decide_lock(
            one, code_for(one, self.now), STORES[store], bill, rules=RULES, now=self.now
        )
        busy = one.locked_until is not None and self.now < one.locked_until
        free = one.state in LIVE and not busy and self.now < one.valid_until
        assert isinstance(lock, Lock) == (free and more_fen >= 0)
        if isinstance(lock, Lock):
            self.locks[key] = lock
            self.vouchers[key] = replace(
                one, state=State.LOCKED, lock_no=lock.lock_no, locked_until=lock.locked_until
            )

    @precondition(lambda self: self.pending())
    @rule(data=st.data())
    def the_books_note_that_a_lock_lapsed(self, data: st.DataObject) -> None:
        key = self.pick(data, self.pending(), list(self.locks))
        one, lock = self.vouchers[key], self.locks[key]
        if one.state is State.LOCKED and self.now >= lock.locked_until:
            self.locks[key] = replace(lock, state=LockState.LAPSED)
            self.vouchers[key] = replace(one, state=State.HELD, locked_until=None)

    @precondition(lambda self: self.locks)
    @rule(data=st.data())
    def a_till_unlocks(self, data: st.DataObject) -> None:
        key = self.pick(data, self.pending(), list(self.locks))
        one, lock = self.vouchers[key], self.locks[key]
        outcome = decide_unlock(one, lock, store_id=lock.store_id, now=self.now)
        may = one.state in LIVE and lock.state in (LockState.OPEN, LockState.LAPSED)
        assert isinstance(outcome, Refusal) == (not may)
        if may:
            self.locks[key] = replace(lock, state=LockState.RELEASED)
            self.vouchers[key] = replace(one, state=State.HELD, locked_until=None)

    @precondition(lambda self: self.locks)
    @rule(data=st.data())
    def a_paid_customer_redeems(self, data: st.DataObject) -> None:
        self.redeem(self.pick(data, self.pending(), list(self.locks)))

    @precondition(lambda self: self.live())
    @rule(data=st.data(), store=st.sampled_from(sorted(STORES)), more_fen=st.integers(0, 9_999))
    def a_customer_buys(self, data: st.DataObject, store: int, more_fen: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.live())))
        self.lock(key, store, more_fen, 0)
        if key in self.locks:
            self.redeem(key)

    def redeem(self, key: Key) -> None:
        one, lock = self.vouchers[key], self.locks[key]
        store = STORES[lock.store_id]
        outcome = decide_redemption(one, lock, store, self.ref(), now=self.now)
        may = (
            one.state in LIVE
            and lock.state in (LockState.OPEN, LockState.LAPSED)
            and self.now < lock.locked_until + LATE_PAYMENT_GRACE
            and self.now < one.valid_until
        )
        assert isinstance(outcome, Redemption) == may
        if isinstance(outcome, Redemption):
            self.move(outcome.transfer)
            self.locks[key] = replace(lock, state=LockState.REDEEMED)
            self.vouchers[key] = replace(one, state=State.REDEEMED, locked_until=None)
            self.sales.append(Sale(outcome, FACES[one.tier]))
            self.owed[store.merchant_id] += FACES[one.tier]

    @precondition(lambda self: any(sale.goods_fen for sale in self.sales))
    @rule(
        data=st.data(), share=st.sampled_from([1, 2, 3, 7]), odd_fen=st.sampled_from([0, 0, 0, 1])
    )
    def goods_come_back(self, data: st.DataObject, share: int, odd_fen: int) -> None:
        sale = data.draw(st.sampled_from(self.sales))
        redemption = sale.redemption
        key = (redemption.lane, redemption.idx)
        amount_fen = sale.goods_fen // share + odd_fen
        outcome = decide_refund(
            redemption,
            sale.so_far,
            amount_fen,
            store_id=redemption.store_id,
            rules=PRESETS[self.policy],
            settled=sale.settled,
            voucher_valid_until=self.vouchers[key].valid_until,
            now=self.now,
        )
        if isinstance(outcome, Refusal):
            assert amount_fen == 0 or amount_fen > sale.goods_fen or sale.so_far.count == 50
            return
        self.move(*outcome.transfers)
        self.count_refund(sale, outcome, amount_fen)

    def count_refund(self, sale: Sale, outcome: Refund, amount_fen: int) -> None:
        """The second count's own idea of a refund; only whether it happened is taken over."""
        lane, idx = sale.redemption.lane, sale.redemption.idx
        one = self.vouchers[lane, idx]
        returns = (
            self.policy is not RefundPolicy.MONEY_PRO_RATA
            and sale.goods_fen == amount_fen == sale.net_fen
            and self.now < one.valid_until
            and not sale.settled
        )
        fund_fen = sale.give_back(self.policy, amount_fen)
        sale.so_far = outcome.so_far
        assert outcome.voucher_returns == returns
        if returns:
            self.vouchers[lane, idx] = replace(one, state=State.HELD)
        elif not sale.settled:
            self.back[lane] += fund_fen
        if sale.settled:
            self.debt[sale.redemption.merchant_id] += fund_fen
        else:
            self.owed[sale.redemption.merchant_id] -= fund_fen

    @precondition(lambda self: self.live())
    @rule()
    def what_is_over_expires(self) -> None:
        for key, one in self.vouchers.items():
            expiry = decide_expiry(one, self.now)
            assert isinstance(expiry, Expiry) == (one.state in LIVE and self.now >= one.valid_until)
            if isinstance(expiry, Expiry):
                self.move(expiry.transfer)
                self.vouchers[key] = replace(one, state=State.EXPIRED, locked_until=None)
                self.back[one.lane] += FACES[one.tier]

    @rule()
    def the_day_is_rounded_off(self) -> None:
        for lane in LANES:
            for held, movement in ((self.stock, ledger.recall), (self.back, ledger.roll_over)):
                if held[lane]:
                    self.move(movement(lane=lane, amount_fen=held[lane], ref=self.ref()))
                    self.count["pool"] += held[lane]
                    held[lane] = 0

    @precondition(lambda self: not all(sale.settled for sale in self.sales))
    @rule(merchant_id=st.sampled_from(sorted(MERCHANTS)))
    def a_merchant_is_settled(self, merchant_id: int) -> None:
        newest = day_of(self.now) - timedelta(days=HOLD_DAYS)
        mine = [sale for sale in self.sales if sale.redemption.merchant_id == merchant_id]
        open_sales = [sale for sale in mine if not sale.settled]
        dues = tuple(sale.due() for sale in open_sales)
        if (merchant_id, day_of(self.now)) in self.told:
            return
        again = self.bounced[merchant_id]
        account = MerchantAccount(
            merchant_id=merchant_id,
            dues=dues,
            receivable_fen=self.debt[merchant_id],
            bounced=tuple(LaneAmount(lane=lane, amount_fen=fen) for lane, fen in again.items()),
        )
        outcome = decide_settlement(account, terms_of(SETTLED_SOON, self.now))
        due = [sale for sale in open_sales if sale.redemption.day <= newest]
        due_fen = sum(sale.paid_by_fund_fen for sale in due) + again.total()
        kept_fen = min(due_fen, self.debt[merchant_id])
        nothing = due_fen == 0 or 0 < due_fen - kept_fen < 100
        assert isinstance(outcome, Refusal) == nothing
        if isinstance(outcome, Settlement):
            self.move(*outcome.transfers)
            for sale in due:
                sale.settled = True
            self.owed[merchant_id] -= due_fen
            self.debt[merchant_id] -= kept_fen
            for line in outcome.lines:
                self.back[line.lane] += line.recovered_fen
            self.bounced[merchant_id] = Counter()
            self.told[merchant_id, day_of(self.now)] = due_fen - kept_fen
            self.settlements[merchant_id, day_of(self.now)] = outcome

    @invariant()
    def every_fen_has_a_name(self) -> None:
        counted = ledger.balances(self.transfers)
        assert {ref: fen for ref, fen in self.books.items() if fen} == {
            ref: fen for ref, fen in counted.items() if fen
        }
        assert ledger.fund_equation_holds(
            counted,
            appropriated_fen=self.count["appropriated"],
            compensated_fen=self.count["compensated"],
            repaid_fen=self.count["repaid"],
            paid_fen=self.count["paid"],
            remainder_fen=self.count["remainder"],
        )

    @invariant()
    def the_books_agree_with_the_second_count(self) -> None:
        total = ledger.totals(self.books)
        assert total[Account.POOL] == self.count["pool"]
        assert total[Account.SETTLING] == sum(self.told.values())
        assert total[Account.RECEIVABLE] == sum(self.debt.values())
        for lane in LANES:
            assert self.books.get(ledger.of_lane(Account.RELEASED, lane), 0) == self.stock[lane]
            assert self.books.get(ledger.of_lane(Account.RETURNED, lane), 0) == self.back[lane]

    @invariant()
    def what_is_reserved_is_the_face_of_every_live_voucher(self) -> None:
        for lane in LANES:
            live_fen = sum(
                FACES[one.tier]
                for one in self.vouchers.values()
                if one.lane == lane and one.state in LIVE
            )
            assert self.books.get(ledger.of_lane(Account.RESERVED, lane), 0) == live_fen

    @invariant()
    def a_merchant_is_owed_what_was_redeemed_less_what_returned_and_was_settled(self) -> None:
        for merchant_id in MERCHANTS:
            payable_fen = sum(
                self.books.get(ledger.payable(lane, merchant_id), 0) for lane in LANES
            )
            unsettled_fen = sum(
                sale.paid_by_fund_fen
                for sale in self.sales
                if sale.redemption.merchant_id == merchant_id and not sale.settled
            )
            unsettled_fen += self.bounced[merchant_id].total()
            assert payable_fen == unsettled_fen == self.owed[merchant_id]

    @invariant()
    def consumer_fund_and_merchant_share_every_order_to_the_fen(self) -> None:
        for sale in self.sales:
            assert sale.paid_by_consumer_fen + sale.paid_by_fund_fen == sale.goods_fen
            assert sale.order_fen - sale.offers_fen - sale.goods_fen == sale.so_far.refunded_fen
            assert sale.so_far.returned_fen == sale.face_fen - sale.paid_by_fund_fen
            assert min(sale.paid_by_consumer_fen, sale.paid_by_fund_fen, sale.goods_fen) >= 0

    @invariant()
    def nothing_is_booked_twice(self) -> None:
        names = Counter((book_of(one), one.kind, one.ref) for one in self.transfers)
        assert not names or max(names.values()) == 1


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R3.2")
def test_a_season_of_vouchers_keeps_every_fen_in_its_place() -> None:
    run_state_machine_as_test(
        VoucherLife, settings=settings(max_examples=200, stateful_step_count=50, deadline=None)
    )
