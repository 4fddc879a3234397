"""A voucher's story: every amount is named, in both languages, in the order it happened."""

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.money import yuan
from huiquan.domain.redemptions import LockState
from huiquan.domain.voucher_story import Line, LockFact, RefundFact, tell
from huiquan.domain.vouchers import State
from tests.domain.tills import NOON, WON_AT, at, locked, order, voucher

_, LOCK = locked(voucher(), NOON, order("1110", merchant="80", platform="30"))
PAID_AT = NOON + timedelta(minutes=2)
TAKEN = LockFact(
    store="江汉路店",
    quote=LOCK.quote,
    state=LockState.OPEN,
    locked_at=LOCK.locked_at,
    locked_until=LOCK.locked_until,
)
PAID = replace(TAKEN, state=LockState.REDEEMED, closed_at=PAID_AT)
REFUND = RefundFact(
    amount_fen=30_000, to_consumer_fen=24_000, to_fund_fen=6_000, refunded_at=at("08 09:00")
)


def kinds(lines: list[Line]) -> list[str]:
    return [line.kind.value for line in lines]


def test_a_voucher_that_was_spent_and_partly_refunded_tells_every_amount() -> None:
    lines = tell(voucher(state=State.REDEEMED), [PAID], [REFUND], at("09 00:00"))
    assert [(line.at, line.kind.value, line.amount_fen, line.zh) for line in lines] == [
        (WON_AT, "issued", 20_000, "中签：满 1,000.00 元立减 200.00 元，券款已预留"),
        (NOON, "locked", None, "在“江汉路店”占用：优惠后金额 1,000.00 元，等待付款"),
        (
            PAID_AT,
            "redeemed",
            20_000,
            "在“江汉路店”使用：订单 1,110.00 元，商家和平台优惠 110.00 元，"
            "优惠后 1,000.00 元，立减 200.00 元，实付 800.00 元",
        ),
        (
            at("08 09:00"),
            "refunded",
            30_000,
            "退货 300.00 元：退给您 240.00 元，退回专用账户 60.00 元",
        ),
    ]
    assert lines[2].en == (
        "Redeemed at 江汉路店: order 1,110.00 yuan, offers 110.00, after offers 1,000.00, "
        "voucher 200.00, paid 800.00"
    )


def test_a_lock_tells_how_it_ended() -> None:
    held = voucher()
    released = replace(TAKEN, state=LockState.RELEASED, closed_at=PAID_AT)
    lapsed = replace(TAKEN, state=LockState.LAPSED, closed_at=at("07 18:00"))
    after = at("07 20:00")
    assert kinds(tell(held, [TAKEN], [], NOON)) == ["issued", "locked"]
    assert kinds(tell(held, [TAKEN], [], after)) == ["issued", "locked", "lapsed"]
    assert kinds(tell(held, [released], [], after)) == ["issued", "locked", "released"]
    told = tell(held, [lapsed], [], after)
    assert (told[-1].kind.value, told[-1].at) == ("lapsed", TAKEN.locked_until)


def test_a_voucher_that_was_not_used_tells_its_end_whoever_noted_it() -> None:
    for state in (State.HELD, State.EXPIRED):
        told = tell(voucher(state=state), [], [], at("20 00:00"))
        assert kinds(told) == ["issued", "expired"]
        assert told[-1].at == at("13 00:00")
        assert told[-1].zh == "过期未用，预留的 200.00 元退回专用账户"


def test_a_voucher_that_came_back_says_so() -> None:
    back = replace(
        REFUND, amount_fen=100_000, to_consumer_fen=80_000, to_fund_fen=20_000, voucher_returns=True
    )
    told = tell(voucher(), [PAID], [back], at("09 00:00"))
    assert kinds(told) == ["issued", "locked", "redeemed", "refunded", "returned"]


@given(st.integers(0, 40_000), st.lists(st.integers(1, 20_000), max_size=5), st.integers(0, 400))
def test_both_languages_name_the_same_amounts(
    offers_fen: int, steps: list[int], hours: int
) -> None:
    quote = replace(
        LOCK.quote, order_fen=100_000 + offers_fen, offers_fen=offers_fen, net_fen=100_000
    )
    refunds = [
        RefundFact(
            amount_fen=step,
            to_consumer_fen=step - step // 5,
            to_fund_fen=step // 5,
            refunded_at=PAID_AT + timedelta(hours=number),
        )
        for number, step in enumerate(steps)
    ]
    now = NOON + timedelta(hours=hours)
    lines = tell(voucher(state=State.REDEEMED), [replace(PAID, quote=quote)], refunds, now)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    for line in lines:
        in_zh, in_en = (re.findall(r"[\d,]+\.\d\d", text) for text in (line.zh, line.en))
        assert sorted(in_zh) == sorted(in_en)
        assert line.amount_fen is None or yuan(line.amount_fen) in in_zh
