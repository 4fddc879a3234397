"""What a till is shown: what a voucher would do to an order, its redemptions, its day.  收银台"""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from huiquan.app import App
from huiquan.db import at_till, redemptions, refunds, tills
from huiquan.db.at_till import Scanned
from huiquan.db.connection import Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.db.refunds import RefundRow
from huiquan.domain.codes import code_hash, lane_of, parse_code
from huiquan.domain.days import day_number, day_of, ends_at, starts_at
from huiquan.domain.offers import Order
from huiquan.domain.redemptions import Quote, Redemption, decide_quote, parse_redemption_id
from huiquan.domain.refunds import refund_id
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.shortfalls import Shortfall, shortfall_of
from huiquan.domain.tills import Caller, Till

SHOWN_MOST = 200


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """A quote, and the campaign it belongs to."""

    campaign_id: int
    quote: Quote


@dataclass(frozen=True, kw_only=True)
class VoucherKind:
    """What decides in which stores a voucher is good: its campaign and its pack."""

    campaign_id: int
    pack: int


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One refund with its split, what had come back up to it, and what was left, in fen."""

    refund: str
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    refunded_fen: int
    left_fen: int
    refunded_at: datetime


@dataclass(frozen=True, kw_only=True)
class RedemptionStory:
    """A redemption with its refunds in order."""

    row: RedemptionRow
    refunds: list[RefundLine]


@dataclass(frozen=True, kw_only=True)
class TillDay:
    """A store's Shanghai day: what was redeemed and refunded, in fen, and the newest redemptions.

    refunded_fen is the value of goods that came back today, of whatever day's redemptions.
    """

    day: int
    redeemed_count: int
    discount_fen: int
    order_fen: int
    refunded_count: int
    refunded_fen: int
    items: list[RedemptionRow]


async def quote(app: App, caller: Caller, code: str, order: Order) -> Quoted | Refusal:
    """Say what the voucher behind a code would do to an order; the code stays good (R1.2, R5.3).

    Refuses what `decide_quote` refuses, and UNAUTHENTICATED for a cashier who is none any more.
    """
    found = await _scanned(app, caller, code)
    if isinstance(found, Refusal):
        return found
    campaign_id = found.voucher.campaign_id
    now = app.clock()
    rulebook = version_in_force(app.remembered.versions(campaign_id), now).rulebook
    quoted = decide_quote(found.voucher, found.code, found.store, order, rulebook=rulebook, now=now)
    return quoted if isinstance(quoted, Refusal) else Quoted(campaign_id=campaign_id, quote=quoted)


async def shortfall(app: App, caller: Caller, code: str, order: Order) -> Shortfall | None:
    """What an order lacks that was refused as below the threshold; None where there is no code."""
    found = await _scanned(app, caller, code)
    if isinstance(found, Refusal):
        return None
    return shortfall_of(found.voucher.threshold_fen, order)


async def voucher_kind(app: App, caller: Caller, code: str) -> VoucherKind | None:
    """What kind of voucher stands behind a code; None where there is none."""
    found = await _scanned(app, caller, code)
    if isinstance(found, Refusal):
        return None
    return VoucherKind(campaign_id=found.voucher.campaign_id, pack=found.voucher.pack)


async def _scanned(app: App, caller: Caller, code: str) -> Scanned | Refusal:
    """What stands behind a code, with the rules of its campaign read."""
    digits = parse_code(code)
    if isinstance(digits, Refusal):
        return digits
    lane, code_key = lane_of(digits), code_hash(app.keys.codes, digits)
    till = await tills.standing_at(app.db, caller)
    if isinstance(till, Refusal):
        return till
    async with app.db.asking() as tx:
        found = await at_till.scan(tx, till, lane, code_key, app.clock())
        if isinstance(found, Scanned):
            await app.remembered.read_rules(tx, found.published)
    return found


async def redemption(app: App, cashier_id: int, name: str) -> RedemptionStory | Refusal:
    """One redemption of the cashier's store. Refuses UNKNOWN_REDEMPTION, OTHER_STORE."""
    place = parse_redemption_id(name)
    if place is None:
        return Refusal.UNKNOWN_REDEMPTION
    async with app.db.reading() as tx:
        till = await tills.of_cashier(tx, cashier_id)
        row = await redemptions.find(tx, *place)
        if till is None or row is None:
            return Refusal.UNAUTHENTICATED if till is None else Refusal.UNKNOWN_REDEMPTION
        if row.redemption.store_id != till.store_id:
            return Refusal.OTHER_STORE
        given_back = await refunds.of_voucher(tx, *place[:3])
    of_this = [one for one in given_back if one.lock_no == row.redemption.lock_no]
    return RedemptionStory(row=row, refunds=_refund_lines(row.redemption, of_this))


def _refund_lines(paid: Redemption, rows: list[RefundRow]) -> list[RefundLine]:
    running_fen = accumulate(row.amount_fen for row in rows)
    return [
        RefundLine(
            refund=refund_id(paid, row.refund_no),
            amount_fen=row.amount_fen,
            to_consumer_fen=row.to_consumer_fen,
            to_fund_fen=row.to_fund_fen,
            refunded_fen=refunded_fen,
            left_fen=paid.quote.net_fen - refunded_fen,
            refunded_at=row.refunded_at,
        )
        for row, refunded_fen in zip(rows, running_fen, strict=True)
    ]


async def today(app: App, cashier_id: int) -> TillDay | Refusal:
    """The cashier's store on this Shanghai day. Refuses UNAUTHENTICATED."""
    day = day_of(app.clock())
    since, until = starts_at(day), ends_at(day)
    async with app.db.reading() as tx:
        till = await tills.of_cashier(tx, cashier_id)
        if till is None:
            return Refusal.UNAUTHENTICATED
        counted = await _counted(tx, till, since, until)
        items = await redemptions.at_store(tx, till.store_id, since, until, SHOWN_MOST)
    return TillDay(day=day_number(day), items=items, **counted)


async def _counted(tx: Tx, till: Till, since: datetime, until: datetime) -> dict[str, int]:
    row = await tx.fetchrow(
        """
        with redeemed as (
            select count(*) as redeemed_count,
                   coalesce(sum(discount_fen), 0)::bigint as discount_fen,
                   coalesce(sum(order_fen), 0)::bigint as order_fen
              from redemptions
             where store_id = $1
               and redeemed_at >= $2
               and redeemed_at < $3
        ), refunded as (
            select count(*) as refunded_count,
                   coalesce(sum(f.amount_fen), 0)::bigint as refunded_fen
              from redemptions d
              join refunds f using (lane, campaign_id, idx, lock_no)
             where d.store_id = $1
               and f.refunded_at >= $2
               and f.refunded_at < $3
        )
        select * from redeemed, refunded
        """,
        till.store_id,
        since,
        until,
    )
    return dict(row)
