"""The arithmetic of refunds, before anything moves and after: for the till and for the phone."""

from dataclasses import replace

from huiquan.app import App
from huiquan.db import campaign_state, redemptions, refunds, tills, vouchers
from huiquan.db.connection import Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.db.refunds import RefundRow
from huiquan.domain.redemptions import Redemption, parse_redemption_id
from huiquan.domain.refund_rules import RefundRules
from huiquan.domain.refunds import Refund, RefundsSoFar, decide_refund, why_voucher_stays
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant
from huiquan.domain.rulebooks import refund_rules_of
from huiquan.domain.vouchers import State, Voucher, parse_serial


async def quote_at_till(app: App, cashier_id: int, name: str, amount_fen: int) -> Refund | Refusal:
    """What a refund at this till would do; nothing moves. Refuses what the refund would refuse."""
    place = parse_redemption_id(name)
    async with app.db.reading() as tx:
        till = await tills.of_cashier(tx, cashier_id)
        row = await redemptions.find(tx, *place) if place else None
        if till is None or row is None or place is None:
            return Refusal.UNAUTHENTICATED if till is None else Refusal.UNKNOWN_REDEMPTION
        return await _quoted(app, tx, row, amount_fen, till.store_id)


async def quote_of_consumer(
    app: App, campaign_id: int, registrant: Registrant, serial: str, amount_fen: int
) -> Refund | Refusal:
    """What bringing goods back would give the holder of a voucher; the store does the refund.

    Refuses UNKNOWN_VOUCHER, NOT_YOUR_VOUCHER, UNKNOWN_REDEMPTION (it was never redeemed), and what
    the refund would refuse.
    """
    async with app.db.reading() as tx:
        voucher = await _own_voucher(tx, campaign_id, registrant, serial)
        if isinstance(voucher, Refusal):
            return voucher
        spent = await redemptions.of_voucher(tx, campaign_id, voucher.lane, voucher.idx)
        if not spent:
            return Refusal.UNKNOWN_REDEMPTION
        return await _quoted(app, tx, spent[-1], amount_fen, spent[-1].redemption.store_id)


async def refunds_at_till(app: App, cashier_id: int, name: str) -> list[Refund] | Refusal:
    """The refunds of a redemption of this store, the first first.

    Refuses UNKNOWN_REDEMPTION, OTHER_STORE.
    """
    place = parse_redemption_id(name)
    async with app.db.reading() as tx:
        till = await tills.of_cashier(tx, cashier_id)
        row = await redemptions.find(tx, *place) if place else None
        if till is None or row is None or place is None:
            return Refusal.UNAUTHENTICATED if till is None else Refusal.UNKNOWN_REDEMPTION
        if row.redemption.store_id != till.store_id:
            return Refusal.OTHER_STORE
        voucher = await vouchers.find(tx, *place[:3])
        assert voucher is not None, "a redemption is of a voucher"
        return await _past(tx, voucher, [row])


async def refunds_of_consumer(
    app: App, campaign_id: int, registrant: Registrant, serial: str
) -> list[Refund] | Refusal:
    """The refunds of a voucher's orders, the first first. Refuses as `quote_of_consumer` does."""
    async with app.db.reading() as tx:
        voucher = await _own_voucher(tx, campaign_id, registrant, serial)
        if isinstance(voucher, Refusal):
            return voucher
        spent = await redemptions.of_voucher(tx, campaign_id, voucher.lane, voucher.idx)
        return await _past(tx, voucher, spent)


async def _own_voucher(
    tx: Tx, campaign_id: int, registrant: Registrant, serial: str
) -> Voucher | Refusal:
    place = parse_serial(serial)
    voucher = await vouchers.find(tx, *place) if place and place[0] == campaign_id else None
    if voucher is None:
        return Refusal.UNKNOWN_VOUCHER
    return voucher if voucher.pid == registrant.pid else Refusal.NOT_YOUR_VOUCHER


async def _quoted(
    app: App, tx: Tx, row: RedemptionRow, amount_fen: int, store_id: int
) -> Refund | Refusal:
    paid = row.redemption
    voucher = await vouchers.find(tx, paid.campaign_id, paid.lane, paid.idx)
    assert voucher is not None, "a redemption is of a voucher"
    return decide_refund(
        paid,
        row.so_far,
        amount_fen,
        store_id=store_id,
        rules=await _rules(tx, paid),
        settled=row.is_settled,
        voucher_valid_until=voucher.valid_until,
        now=app.clock(),
    )


async def _rules(tx: Tx, paid: Redemption) -> RefundRules:
    """The rules under which it was redeemed."""
    versions = await campaign_state.load_versions(tx, paid.campaign_id)
    rulebook = next(one.rulebook for one in versions if one.version == paid.rulebook_version)
    return refund_rules_of(rulebook)


async def _past(tx: Tx, voucher: Voucher, spent: list[RedemptionRow]) -> list[Refund]:
    """Each refund as it was decided, told again from what was kept of it."""
    kept = await refunds.of_voucher(tx, voucher.campaign_id, voucher.lane, voucher.idx)
    done: list[Refund] = []
    for row in spent:
        so_far, rules = RefundsSoFar(), await _rules(tx, row.redemption)
        for one in kept:
            if one.lock_no == row.redemption.lock_no:
                so_far = _after(so_far, one)
                done.append(_told(voucher, row, one, so_far, rules))
    return done


def _after(so_far: RefundsSoFar, one: RefundRow) -> RefundsSoFar:
    return replace(
        so_far,
        count=so_far.count + 1,
        refunded_fen=so_far.refunded_fen + one.amount_fen,
        returned_fen=so_far.returned_fen + one.to_fund_fen,
    )


def _told(
    voucher: Voucher,
    row: RedemptionRow,
    one: RefundRow,
    so_far: RefundsSoFar,
    rules: RefundRules,
) -> Refund:
    """A voucher that lives on after a refund came back with it."""
    lives_on = one.lock_no < voucher.lock_no or voucher.state is not State.REDEEMED
    return Refund(
        redemption=row.redemption,
        refund_no=one.refund_no,
        amount_fen=one.amount_fen,
        to_consumer_fen=one.to_consumer_fen,
        to_fund_fen=one.to_fund_fen,
        is_late=one.is_late,
        voucher_returns=lives_on,
        so_far=so_far,
        refunded_at=one.refunded_at,
        stays=why_voucher_stays(
            rules,
            row.redemption.quote,
            one.amount_fen,
            settled=one.is_late,
            voucher_valid_until=voucher.valid_until,
            now=one.refunded_at,
        ),
    )
