"""Drills at the till: codes, locks, redemptions, refunds, many at once.  收银演练"""

import asyncio

from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.actions.tills import fresh, lock, locked, redeem, refund, unlock
from tests.bugs.stage import Stage
from tests.drawn import night
from tests.shops import Shop, Winner, new_key

CROWD = 8


def order_of(who: Winner) -> int:
    """Eight times the face: four fen of goods are half a fen of the fund's."""
    return who.voucher.face_fen * 8


async def bought(
    stage: Stage, who: Winner, ref: str, *, at: Shop | None = None, order_fen: int | None = None
) -> Redemption:
    """Spend a voucher under a payment's number; whoever is not served ends the drill."""
    at = at or stage.at
    taken = await stage.do(locked(stage.house, at, who, order_fen or order_of(who)))
    paid = await stage.hear("redeem", ref, redeem(stage.house, at, taken.lock_id, ref))
    assert isinstance(paid, Redemption), paid
    return paid


async def brought_back(
    stage: Stage, paid: Redemption, amount_fen: int, *, at: Shop | None = None
) -> Refund | Refusal:
    """Take goods back under a key of their own."""
    key = new_key()
    call = refund(stage.house, at or stage.at, paid.redemption_id, amount_fen, key)
    return await stage.hear("refund", key, call)


async def till_story(stage: Stage) -> None:
    """A code, a lock given up, another code, a redemption and a refund; each asked for twice."""
    house, at, who = stage.house, stage.at, stage.winner()
    code, key, order_fen = (await fresh(house, who)).digits, new_key(), order_of(who)
    for _ in range(2):
        taken = await stage.hear("lock", key, lock(house, at, code, order_fen, key))
    assert isinstance(taken, Lock), taken
    await stage.do(unlock(house, at, taken.lock_id))
    again = await stage.do(lock(house, at, code, order_fen))
    stage.expect(again is Refusal.CODE_USED, "history a code was taken twice")
    if isinstance(again, Lock):
        await stage.do(unlock(house, at, again.lock_id))
    name, key = (await stage.do(locked(house, at, who, order_fen))).lock_id, new_key()
    for _ in range(2):
        paid = await stage.hear("redeem", "p-1", redeem(house, at, name, "p-1", key))
    assert isinstance(paid, Redemption), paid
    other = await stage.do(redeem(house, at, name, "p-2"))
    stage.expect(other is Refusal.ALREADY_REDEEMED, "history a voucher was redeemed twice")
    key = new_key()
    for _ in range(2):
        call = refund(house, at, paid.redemption_id, order_fen // 4, key)
        await stage.hear("refund", key, call)


async def many_tills(stage: Stage) -> None:
    """Eight report a payment under one lock at once, each with a key of its own."""
    who = stage.winner()
    name = (await locked(stage.house, stage.at, who, order_of(who))).lock_id
    refs = [f"p-{number}" for number in range(CROWD)]
    stage.asked["redeem"].update(refs)

    async def pay(ref: str) -> Redemption | Refusal:
        return await redeem(stage.house, stage.at, name, ref)

    calls = [lambda ref=ref: pay(ref) for ref in refs]
    answers = await stage.at_once([who], calls)
    served = [one for one in answers if isinstance(one, Redemption)]
    stage.told["redeem"] |= {one.payment_ref: one for one in served}
    stage.expect(len(served) == 1, "history a voucher was redeemed twice")


async def one_request_many_times(stage: Stage) -> None:
    """One request arrives eight times at once: one answer for all."""
    who = stage.winner()
    name, key = (await locked(stage.house, stage.at, who, order_of(who))).lock_id, new_key()
    stage.asked["redeem"].add("p-1")
    calls = [lambda: redeem(stage.house, stage.at, name, "p-1", key)] * CROWD
    answers = await stage.at_once([who], calls)
    stage.expect(
        all(one == answers[0] for one in answers), "history the same redeem was answered otherwise"
    )


async def one_payment_two_vouchers(stage: Stage) -> None:
    """The same payment is named for a second voucher at the same merchant."""
    first, second = stage.winner(), stage.winner()
    await bought(stage, first, "p-1")
    name = (await locked(stage.house, stage.at, second, order_of(second))).lock_id
    other = await stage.do(redeem(stage.house, stage.at, name, "p-1"))
    stage.expect(other is Refusal.PAYMENT_REF_USED, "history one payment paid for two vouchers")


async def refunds_in_parts(stage: Stage) -> None:
    """Goods come back in odd parts to the last fen, and one more; of another order, half a fen."""
    other = await bought(stage, stage.winner(), "p-2")
    await brought_back(stage, other, 4)
    paid = await bought(stage, stage.winner(), "p-1")
    left_fen = paid.quote.net_fen
    for amount_fen in (4, 8, 7, 333, left_fen // 3, left_fen // 7):
        back = await brought_back(stage, paid, amount_fen)
        assert isinstance(back, Refund), back
        left_fen = back.left_fen
    more = await brought_back(stage, paid, left_fen + 1)
    stage.expect(more is Refusal.REFUND_TOO_LARGE, "history more came back than was paid")
    if isinstance(more, Refusal):
        last = await brought_back(stage, paid, left_fen)
        assert isinstance(last, Refund), last


async def whole_order_back(stage: Stage) -> None:
    """The whole order comes back; the voucher is spent, whatever its holder tries."""
    who = stage.winner()
    paid = await bought(stage, who, "p-1")
    await brought_back(stage, paid, paid.quote.net_fen)
    stage.asked["redeem"].add("p-2")
    row = await stage.place.owner.fetchrow(
        "select state from vouchers where lane = $1 and idx = $2", paid.lane, paid.idx
    )
    if row["state"] == "held":
        again = await stage.do(locked(stage.house, stage.at, who, order_of(who)))
        await stage.do(redeem(stage.house, stage.at, again.lock_id, "p-2"))


async def small_order(stage: Stage) -> None:
    """An order one fen below the voucher's threshold."""
    who = stage.winner()
    code = (await fresh(stage.house, who)).digits
    taken = await stage.do(lock(stage.house, stage.at, code, who.voucher.threshold_fen - 1))
    stage.expect(taken is Refusal.BELOW_THRESHOLD, "history an order below its threshold was taken")
    if isinstance(taken, Lock):
        stage.asked["redeem"].add("p-1")
        await stage.do(redeem(stage.house, stage.at, taken.lock_id, "p-1"))


async def wrong_store(stage: Stage) -> None:
    """A store that stopped taking the pack an hour ago."""
    await stage.place.owner.execute(
        "update store_packs set open_until = $1 where store_id = $2",
        stage.house.clock.now,
        stage.at.store_id,
    )
    stage.house.clock.move(hours=1)
    who = stage.winner()
    taken = await stage.do(
        lock(stage.house, stage.at, (await fresh(stage.house, who)).digits, order_of(who))
    )
    stage.expect(taken is Refusal.WRONG_PACK, "history a store took a pack it does not take")
    if isinstance(taken, Lock):
        stage.asked["redeem"].add("p-1")
        await stage.do(redeem(stage.house, stage.at, taken.lock_id, "p-1"))


async def early_morning(stage: Stage) -> None:
    """Somebody buys breakfast at seven in Hubei, when it is yesterday in Greenwich."""
    await stage.do(night(stage.place))
    stage.house.clock.now = stage.house.clock.now.replace(hour=7)
    paid = await bought(stage, stage.winner(), "p-1")
    await brought_back(stage, paid, paid.quote.net_fen // 2)


async def end_of_validity(stage: Stage) -> None:
    """At the last moment: a voucher at a till, one in a pocket; both are over, once."""
    held, waiting = stage.winner(), stage.winner()
    stage.house.clock.now = held.voucher.valid_until
    stage.house.clock.move(minutes=-1)
    name = (await stage.do(locked(stage.house, stage.at, held, order_of(held)))).lock_id
    stage.house.clock.move(minutes=1)
    stage.asked["redeem"].add("p-1")
    late = await stage.do(redeem(stage.house, stage.at, name, "p-1"))
    stage.expect(late is Refusal.VOUCHER_EXPIRED, "history an expired voucher was redeemed")
    assert waiting.voucher.valid_until == held.voucher.valid_until
    for _ in range(2):
        while await stage.do(expire_vouchers(stage.app, stage.code)):
            continue
        stage.house.clock.move(minutes=20)
    await stage.do(night(stage.place))


async def reply_and_power_cut(stage: Stage) -> None:
    """The till is told, and at that moment the database loses every connection."""
    who = stage.winner()
    code = (await stage.do(fresh(stage.house, who))).digits
    await asyncio.sleep(0.3)
    taken = await stage.do(lock(stage.house, stage.at, code, order_of(who)))
    assert isinstance(taken, Lock), taken
    await asyncio.sleep(0.3)
    await stage.hear("redeem", "p-1", redeem(stage.house, stage.at, taken.lock_id, "p-1"))
    await stage.place.owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and application_name = 'huiquan'"
    )
    await asyncio.sleep(0.3)


TILL_DRILLS = (
    till_story,
    many_tills,
    one_request_many_times,
    one_payment_two_vouchers,
    refunds_in_parts,
    whole_order_back,
    small_order,
    wrong_store,
    early_morning,
    end_of_validity,
    reply_and_power_cut,
)
