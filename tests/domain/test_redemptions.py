"""At the till: what a voucher does to an order, and what a cashier is told when it cannot."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.ledger import Account, of_lane, payable
from huiquan.domain.offers import Funder, Offer, Order
from huiquan.domain.redemptions import (
    Lock,
    LockState,
    Quote,
    Redemption,
    StorePack,
    Unlock,
    decide_lock,
    decide_quote,
    decide_redemption,
    decide_unlock,
    parse_lock_id,
    parse_redemption_id,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel, UseArea
from huiquan.domain.vouchers import State
from tests.domain.tills import (
    DINING,
    NOON,
    RULEBOOK,
    RULES,
    STORE,
    at,
    code_for,
    fen,
    locked,
    order,
    voucher,
)
from tests.tables import rows

SECOND = timedelta(seconds=1)

# 200 yuan off when 1,000 are left to pay after the offers of merchant and platform.
ORDERS = rows("""
    bill        merchant  platform  outcome              discount  to_pay
    1100        80        30        below_threshold      -         -
    1110        80        30        quoted               200       800
    1000        -         -         quoted               200       800
    999.99      -         -         below_threshold      -         -
    1000        0.01      -         below_threshold      -         -
    5000        1000      500       quoted               200       3300
    1000        600       400.01    offers_exceed_order  -         -
    1000        600       400       below_threshold      -         -
    0           -         -         bad_amount           -         -
    10000000    -         -         quoted               200       9999800
    10000000.1  -         -         bad_amount           -         -
""")

# The voucher was won on the 6th at 10:00:01 and is good until the 12th, 24:00.
VOUCHERS = rows("""
    kept      lock_until  now          outcome
    held      -           06 10:00:00  not_yet_valid
    held      -           06 10:00:01  quoted
    held      -           12 23:59:59  quoted
    held      -           13 00:00     voucher_expired
    expired   -           12 12:00     voucher_expired
    redeemed  -           12 12:00     already_redeemed
    redeemed  -           14 12:00     already_redeemed
    locked    07 12:05    07 12:04:59  voucher_locked
    locked    07 12:05    07 12:05     quoted
""")

# What the store is: open or not, its channel, its city, since when and until when it takes dining.
STORES = rows("""
    open  channel  city    takes   since        until        use_area           outcome
    yes   offline  420100  dining  01 00:00     -            province           quoted
    yes   offline  420500  dining  01 00:00     -            province           quoted
    yes   offline  420500  dining  01 00:00     -            registration_city  wrong_city
    yes   offline  420100  dining  01 00:00     -            registration_city  quoted
    yes   offline  420100  retail  01 00:00     -            province           wrong_pack
    yes   online   420100  dining  01 00:00     -            province           wrong_pack
    yes   offline  420100  dining  07 12:00     -            province           quoted
    yes   offline  420100  dining  07 12:00:01  -            province           wrong_pack
    yes   offline  420100  dining  01 00:00     07 12:00     province           wrong_pack
    yes   offline  420100  dining  01 00:00     07 12:00:01  province           quoted
    no    offline  420100  dining  01 00:00     -            province           store_not_open
""")

CODES = rows("""
    names   age_s  used  outcome
    this    0      no    quoted
    this    29     no    quoted
    this    30     no    code_expired
    this    0      yes   code_used
    this    60     yes   code_used
    other   0      no    code_unknown
""")

# A lock was taken on the 7th at 12:00 for five minutes. What happened then, and when the till
# reports the payment.
REPORTS = rows("""
    then                 now          at_store  outcome
    nothing              07 12:01     same      redeemed
    nothing              07 12:04:59  same      redeemed
    nothing              07 12:05     same      redeemed
    nothing              07 12:19:59  same      redeemed
    nothing              07 12:20     same      lock_expired
    nothing              07 12:01     other     other_store
    lapsed               07 12:06     same      redeemed
    lapsed               07 12:20     same      lock_expired
    unlocked             07 12:01     same      lock_released
    unlocked             07 12:01     other     other_store
    locked again         07 12:06     same      lock_expired
    redeemed             07 12:01     same      already_redeemed
    redeemed by another  07 12:07     same      already_redeemed
    store suspended      07 12:01     same      store_not_open
    voucher expired      07 12:01     same      voucher_expired
""")

WORST_FIRST = [
    Refusal.STORE_NOT_OPEN,
    Refusal.CODE_USED,
    Refusal.ALREADY_REDEEMED,
    Refusal.WRONG_PACK,
    Refusal.BAD_AMOUNT,
]


def said(outcome: object) -> str:
    """The refusal's code, or that it was done."""
    return outcome.value if isinstance(outcome, Refusal) else "quoted"


@pytest.mark.requirement("R1.2")
@pytest.mark.parametrize("case", ORDERS, ids=lambda case: " ".join(case.values()))
def test_the_threshold_is_held_against_what_is_left_after_offers(case: dict[str, str]) -> None:
    one = voucher()
    bill = order(case["bill"], case["merchant"], case["platform"])
    quote = decide_quote(one, code_for(one, NOON), STORE, bill, rulebook=RULEBOOK, now=NOON)
    assert said(quote) == case["outcome"]
    if isinstance(quote, Quote):
        assert quote.discount_fen == fen(case["discount"])
        assert quote.to_pay_fen == fen(case["to_pay"])


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("case", VOUCHERS, ids=lambda case: f"{case['kept']} {case['now']}")
def test_a_voucher_is_taken_once_and_in_its_time(case: dict[str, str]) -> None:
    until = at(case["lock_until"]) if case["lock_until"] else None
    one = voucher(state=State(case["kept"]), locked_until=until)
    now = at(case["now"])
    quote = decide_quote(one, code_for(one, now), STORE, order("1000"), rulebook=RULEBOOK, now=now)
    assert said(quote) == case["outcome"]


@pytest.mark.requirement("R3.3")
@pytest.mark.parametrize("case", STORES, ids=lambda case: " ".join(case.values()))
def test_a_store_takes_only_what_it_is_open_for(case: dict[str, str]) -> None:
    pack = StorePack(
        pack=DINING if case["takes"] == "dining" else 2,
        open_from=at(case["since"]),
        open_until=at(case["until"]) if case["until"] else None,
    )
    store = replace(
        STORE,
        is_open=case["open"] == "yes",
        channel=Channel(case["channel"]),
        city=case["city"],
        packs=(pack,),
    )
    rulebook = replace(RULEBOOK, use_area=UseArea(case["use_area"]))
    one = voucher()
    quote = decide_quote(
        one, code_for(one, NOON), store, order("1000"), rulebook=rulebook, now=NOON
    )
    assert said(quote) == case["outcome"]


@pytest.mark.parametrize("case", CODES, ids=lambda case: " ".join(case.values()))
def test_a_code_is_good_once_for_half_a_minute_for_one_voucher(case: dict[str, str]) -> None:
    one = voucher()
    minted_at = NOON - int(case["age_s"]) * SECOND
    code = replace(
        code_for(one if case["names"] == "this" else voucher(idx=43), minted_at),
        used_at=NOON - SECOND if case["used"] == "yes" else None,
    )
    quote = decide_quote(one, code, STORE, order("1000"), rulebook=RULEBOOK, now=NOON)
    assert said(quote) == case["outcome"]


@pytest.mark.parametrize("mended", range(len(WORST_FIRST)))
def test_a_cashier_is_told_one_reason_in_the_order_of_the_counter(mended: int) -> None:
    """Everything is wrong at once; as each thing is mended, the next one is named."""
    one = voucher(state=State.HELD if mended > 2 else State.REDEEMED)
    code = replace(code_for(one, NOON), used_at=None if mended > 1 else NOON)
    wrong = replace(STORE, is_open=mended > 0, packs=STORE.packs if mended > 3 else ())
    quote = decide_quote(one, code, wrong, Order(order_fen=0), rulebook=RULEBOOK, now=NOON)
    assert quote is WORST_FIRST[mended]


def test_a_lock_keeps_the_amounts_and_lasts_as_the_rulebook_says() -> None:
    one, lock = locked(voucher(lock_no=4), NOON, order("1110", "80", "30"))
    assert (lock.quote.order_fen, lock.quote.offers_fen, lock.quote.net_fen) == (
        111_000,
        11_000,
        100_000,
    )
    assert [offer.funder for offer in lock.offers] == [Funder.MERCHANT, Funder.PLATFORM]
    assert lock.state is LockState.OPEN
    assert lock.locked_until == NOON + timedelta(minutes=5)
    assert parse_lock_id(lock.lock_id) == (1, 3, 42, 5)
    assert one.lock_no == lock.lock_no == 5


def test_a_lock_never_outlives_the_voucher() -> None:
    _, lock = locked(voucher(), at("12 23:58"))
    assert lock.locked_until == at("13 00:00")


def test_a_lock_is_refused_as_a_quote_is() -> None:
    one, _ = locked(voucher(), NOON)
    again = decide_lock(one, code_for(one, NOON), STORE, order("1000"), rules=RULES, now=NOON)
    assert again is Refusal.VOUCHER_LOCKED


@pytest.mark.requirement("R2.3")
@pytest.mark.parametrize("case", REPORTS, ids=lambda case: " ".join(case.values()))
def test_a_paid_customer_is_served_while_nobody_else_took_the_voucher(
    case: dict[str, str],
) -> None:
    one, lock = locked(voucher(), NOON)
    store = STORE if case["at_store"] == "same" else replace(STORE, store_id=8)
    held = replace(one, state=State.HELD, locked_until=None)
    match case["then"]:
        case "lapsed":
            one, lock = held, replace(lock, state=LockState.LAPSED)
        case "unlocked":
            one, lock = held, replace(lock, state=LockState.RELEASED)
        case "locked again":
            one, _ = locked(held, at("07 12:05:30"))
        case "redeemed":
            one = replace(held, state=State.REDEEMED)
            lock = replace(lock, state=LockState.REDEEMED)
        case "redeemed by another":
            one = replace(held, state=State.REDEEMED, lock_no=2)
        case "store suspended":
            store = replace(store, is_open=False)
        case "voucher expired":
            one = replace(held, state=State.EXPIRED)
    outcome = decide_redemption(one, lock, store, "pay-1", now=at(case["now"]))
    assert (outcome.value if isinstance(outcome, Refusal) else "redeemed") == case["outcome"]


def test_no_payment_counts_after_the_voucher_s_last_day() -> None:
    one, lock = locked(voucher(), at("12 23:58"))
    assert isinstance(decide_redemption(one, lock, STORE, "p", now=at("12 23:59:59")), Redemption)
    late = decide_redemption(one, lock, STORE, "p", now=at("13 00:00"))
    assert late is Refusal.VOUCHER_EXPIRED


@pytest.mark.parametrize("payment_ref", ["", "   ", "x" * 65, "a\nb", "a\x00b"])
def test_a_payment_is_named(payment_ref: str) -> None:
    one, lock = locked(voucher(), NOON)
    assert decide_redemption(one, lock, STORE, payment_ref, now=NOON) is Refusal.MALFORMED


@pytest.mark.requirement("R2.4")
def test_a_redemption_makes_the_promise_a_debt_to_the_merchant() -> None:
    one, lock = locked(voucher(), NOON, order("1110", "80", "30"))
    done = decide_redemption(one, lock, STORE, " pay-1 ", now=NOON + SECOND)
    assert isinstance(done, Redemption)
    assert (done.quote, done.payment_ref, done.merchant_id) == (lock.quote, "pay-1", 17)
    assert (done.day.isoformat(), done.city) == ("2026-02-07", "420100")
    assert parse_redemption_id(done.redemption_id) == (1, 3, 42, 1)
    moved = done.transfer
    assert (moved.debit, moved.credit) == (of_lane(Account.RESERVED, 3), payable(3, 17))
    assert (moved.amount_fen, moved.ref, moved.idx) == (20_000, done.redemption_id, 42)


UNLOCKS = rows("""
    then          at_store  outcome
    nothing       same      held
    lapsed        same      held
    nothing       other     other_store
    unlocked      same      lock_released
    locked again  same      lock_expired
    redeemed      same      already_redeemed
    expired       same      voucher_expired
""")


@pytest.mark.parametrize("case", UNLOCKS, ids=lambda case: " ".join(case.values()))
def test_a_till_gives_up_its_own_lock_and_no_other(case: dict[str, str]) -> None:
    one, lock = locked(voucher(), NOON)
    held = replace(one, state=State.HELD, locked_until=None)
    match case["then"]:
        case "lapsed":
            one, lock = held, replace(lock, state=LockState.LAPSED)
        case "unlocked":
            one, lock = held, replace(lock, state=LockState.RELEASED)
        case "locked again":
            one, _ = locked(held, at("07 12:05:30"))
        case "redeemed":
            one = replace(held, state=State.REDEEMED)
        case "expired":
            one = replace(held, state=State.EXPIRED)
    outcome = decide_unlock(
        one, lock, store_id=7 if case["at_store"] == "same" else 8, now=at("07 12:06")
    )
    assert (outcome.value if isinstance(outcome, Refusal) else "held") == case["outcome"]
    if isinstance(outcome, Unlock):
        assert (outcome.lock_id, outcome.released_at) == (lock.lock_id, at("07 12:06"))


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**6),
    st.integers(1, 10**9),
    st.lists(st.integers(1, 10**8), max_size=4),
)
def test_offers_voucher_and_payment_make_up_the_order(
    face_fen: int, more_fen: int, order_fen: int, offers: list[int]
) -> None:
    one = voucher(face_fen=face_fen, threshold_fen=face_fen + more_fen)
    bill = Order(
        order_fen=order_fen,
        offers=tuple(Offer(funder=Funder.MERCHANT, name="x", amount_fen=fen) for fen in offers),
    )
    lock = decide_lock(one, code_for(one, NOON), STORE, bill, rules=RULES, now=NOON)
    if isinstance(lock, Lock):
        quote = lock.quote
        assert sum(offers) + quote.discount_fen + quote.to_pay_fen == order_fen
        assert quote.discount_fen == face_fen
        assert quote.to_pay_fen >= 0
        assert order_fen - sum(offers) >= one.threshold_fen
    else:
        assert order_fen - sum(offers) < one.threshold_fen


def test_a_voucher_of_a_pack_the_rulebook_lacks_is_our_own_fault() -> None:
    one = voucher(pack=9)
    with pytest.raises(AssertionError):
        decide_quote(one, code_for(one, NOON), STORE, order("1000"), rulebook=RULEBOOK, now=NOON)
