"""Online orders as officials and platforms are shown them: the chain of evidence.  订单凭证链

An order's file is judged anew when it is looked at, and each signature under it is verified again
with the key on file: what is shown is not what somebody once found.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from huiquan.app import App
from huiquan.db import (
    acquirers,
    campaign_state,
    job_runs,
    online_orders,
    order_cases,
    order_facts,
    stores,
    warehouses,
)
from huiquan.db.connection import Tx
from huiquan.db.online_orders import OrderRow
from huiquan.db.order_events import EventRow
from huiquan.db.order_facts import OrderFile
from huiquan.db.warehouses import WarehouseRow
from huiquan.domain.order_cases import OrderCase
from huiquan.domain.order_evidence import Judged, Late, Stage, judge_order, late_by
from huiquan.domain.parcel_events import OUTSIDE_HUBEI, Event, Finding, believed
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import is_key_good, is_still_signed
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.rulebooks import OnlineRules

PAGE = 500

CountyNames = dict[str, tuple[str, str]]
"""The Chinese and the English name of each county, by its code."""


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One order in a list; discount_fen is the fund's part, None before payment."""

    platform: str
    order_ref: str
    store: str
    county_zh: str
    county_en: str
    order_fen: int
    discount_fen: int | None
    opened_at: datetime
    paid_at: datetime | None
    stage: Stage
    findings: tuple[Finding, ...]
    late: Late | None
    age_days: int
    case: OrderCase | None


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One word about an order: who said it, with which key, and does the signature still hold."""

    event: Event
    sender: str
    sender_zh: str
    key_id: str
    is_verified: bool
    is_believed: bool
    received_at: datetime
    warehouse: str | None
    county_zh: str | None
    county_en: str | None


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    """A hold on the order's money, and its lifting."""

    hold_id: int
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None


@dataclass(frozen=True, kw_only=True)
class SettledLine:
    """The settlement that paid the order's money, as it stands."""

    ref: str
    state: str
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderEvidence:
    """An order's whole chain: promised, paid, parcels, words, hold, settlement."""

    file: OrderFile
    platform: str
    judged: Judged
    late: Late | None
    store: str
    county_zh: str
    county_en: str
    warehouses: dict[int, WarehouseRow]
    carriers: dict[int, str]
    events: tuple[EventLine, ...]
    holds: tuple[HoldLine, ...]
    settled: SettledLine | None
    cases: tuple[OrderCase, ...]


async def is_online_order(app: App, acquirer_id: int, order_ref: str) -> bool:
    """Whether an online order was opened under this number."""
    async with app.db.asking() as tx:
        return await online_orders.find(tx, acquirer_id, order_ref) is not None


async def orders(
    app: App, campaign_id: int, *, only_troubled: bool = False, stage: str | None = None
) -> list[OrderLine]:
    """Paid orders of a campaign, those that people must look at first, then the oldest."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select o.*, a.code as platform, s.name as store, d.discount_fen
              from online_orders o
              join acquirers a using (acquirer_id)
              join stores s using (store_id)
              join acquirer_orders p using (acquirer_id, order_ref)
              left join redemptions d
                on (d.lane, d.campaign_id, d.idx, d.lock_no)
                 = (p.lane, p.campaign_id, p.idx, p.lock_no)
             where p.campaign_id = $1
               and ($2::text is null or o.stage = $2)
             order by (o.stage = 'doubtful') desc, (o.stage in ('delivered', 'returned')),
                      o.opened_at
             limit $3
            """,
            campaign_id,
            stage,
            PAGE,
        )
        rules = await _rules(app, tx, campaign_id)
        cased = {
            (one.acquirer_id, one.order_ref): one
            for one in await order_cases.of_campaign(tx, campaign_id)
        }
    now, names = app.clock(), _county_names(app)
    lines = [_line(online_orders.row_of(row), dict(row), rules, names, now, cased) for row in rows]
    lines.sort(key=lambda one: (not _needs_people(one), one.stage in _FINISHED, one.opened_at))
    return [one for one in lines if _needs_people(one)] if only_troubled else lines


_FINISHED = (Stage.DELIVERED, Stage.RETURNED)


def _needs_people(line: OrderLine) -> bool:
    return line.late is not None or line.stage is Stage.DOUBTFUL


def _line(
    row: OrderRow,
    columns: dict[str, object],
    rules: OnlineRules,
    names: CountyNames,
    now: datetime,
    cased: dict[tuple[int, str], OrderCase],
) -> OrderLine:
    since = row.paid_at or row.opened_at
    has_left = row.stage is not Stage.PAID
    discount = columns["discount_fen"]
    county_zh, county_en = names.get(row.county, (row.county, row.county))
    return OrderLine(
        platform=str(columns["platform"]),
        order_ref=row.order_ref,
        store=str(columns["store"]),
        county_zh=county_zh,
        county_en=county_en,
        order_fen=row.order_fen,
        discount_fen=discount if isinstance(discount, int) else None,
        opened_at=row.opened_at,
        paid_at=row.paid_at,
        stage=row.stage,
        findings=row.findings,
        late=late_by(row.stage, row.paid_at, rules, has_left=has_left, now=now),
        age_days=(now - since).days,
        case=cased.get((row.acquirer_id, row.order_ref)),
    )


def _county_names(app: App) -> CountyNames:
    return {one.code: (one.zh, one.en) for one in app.regions.counties}


async def _rules(app: App, tx: Tx, campaign_id: int) -> OnlineRules:
    versions = await campaign_state.load_versions(tx, campaign_id)
    return version_in_force(versions, app.clock()).rulebook.online


async def evidence(app: App, platform: str, order_ref: str) -> OrderEvidence | Refusal:
    """One order's whole chain, judged now. Refuses UNKNOWN_ORDER."""
    async with app.db.reading() as tx:
        acquirer = await acquirers.by_code(tx, platform)
        row = acquirer and await online_orders.find(tx, acquirer.acquirer_id, order_ref)
        if not row:
            return Refusal.UNKNOWN_ORDER
        file = await order_facts.file_of(tx, row)
        store = await stores.by_id(tx, row.store_id)
        assert store is not None, "an order is a store's"
        known = await warehouses.of_ids(
            tx,
            [
                row.warehouse_id,
                *(one.warehouse.warehouse_id for one in file.facts.parcels),
                *(one.event.warehouse_id for one in file.events if one.event.warehouse_id),
            ],
        )
        everyone = {one.acquirer_id: one for one in await acquirers.everyone(tx)}
        names = _county_names(app)
        codes = {number: one.code for number, one in known.items()}
        events = await _event_lines(tx, file, codes, names)
        rules = await _rules(app, tx, file.paid.redemption.campaign_id) if file.paid else None
        holds, settled = await _holds(tx, file), await _settled(tx, file)
        cases = tuple(await order_cases.of_order(tx, row.acquirer_id, row.order_ref))
    judged = judge_order(file.facts)
    county_zh, county_en = names.get(row.county, (row.county, row.county))
    return OrderEvidence(
        file=file,
        platform=platform,
        judged=judged,
        late=late_by(
            judged.stage,
            file.facts.paid_at,
            rules or OnlineRules(),
            has_left=any(one.last is not None for one in judged.parcels),
            now=app.clock(),
        ),
        store=store.name,
        county_zh=county_zh,
        county_en=county_en,
        warehouses=known,
        carriers={n: one.name_zh for n, one in everyone.items()},
        events=events,
        holds=holds,
        settled=settled,
        cases=cases,
    )


async def _event_lines(
    tx: Tx, file: OrderFile, codes: dict[int, str], names: CountyNames
) -> tuple[EventLine, ...]:
    """Every word in the order in which it is read, its signature verified with the key on file."""
    believed_ones, _ = believed(file.facts.events)
    senders = {one.acquirer_id: one for one in await acquirers.everyone(tx)}
    lines = []
    for kept in file.events:
        known = await acquirers.known_by(tx, kept.signature.key_id)
        sender = senders[kept.event.sender_id]
        county_zh, county_en = names.get(kept.event.county or "", (None, None))
        lines.append(
            EventLine(
                event=kept.event,
                sender=sender.code,
                sender_zh=sender.name_zh,
                key_id=kept.signature.key_id,
                is_verified=known is not None
                and known.acquirer.acquirer_id == kept.event.sender_id
                and is_key_good(known.key, kept.received_at)
                and is_still_signed(known.key, kept.signature)
                and _says_so(kept),
                is_believed=kept.event in believed_ones,
                received_at=kept.received_at,
                warehouse=codes.get(kept.event.warehouse_id or 0),
                county_zh=county_zh,
                county_en=county_en,
            )
        )
    return tuple(sorted(lines, key=lambda one: (one.event.happened_at, one.received_at)))


def _says_so(kept: EventRow) -> bool:
    """Whether the message that was signed says what the row says; where no message is kept, the
    hash of what was signed is all there is."""
    if kept.body is None:
        return True
    if hashlib.sha256(kept.body.encode()).digest() != kept.signature.body_hash:
        return False
    told, event = msgspec.json.decode(kept.body), kept.event
    is_same_place = event.county in (None, OUTSIDE_HUBEI) or told["county"] == event.county
    return is_same_place and (told["event_ref"], told["kind"], told["waybill"]) == (
        event.event_ref,
        event.kind.value,
        event.waybill.number if event.waybill else None,
    )


async def _holds(tx: Tx, file: OrderFile) -> tuple[HoldLine, ...]:
    if file.paid is None:
        return ()
    paid = file.paid.redemption
    rows = await tx.fetch(
        """
        select hold_id, reason, placed_by, placed_at, lifted_by, lifted_at, lift_reason
          from settlement_holds
         where merchant_id = $1
           and (lane, campaign_id, idx, lock_no) = ($2, $3, $4, $5)
         order by hold_id
        """,
        paid.merchant_id,
        paid.lane,
        paid.campaign_id,
        paid.idx,
        paid.lock_no,
    )
    return tuple(HoldLine(**dict(row)) for row in rows)


async def _settled(tx: Tx, file: OrderFile) -> SettledLine | None:
    if file.paid is None:
        return None
    paid = file.paid.redemption
    row = await tx.fetchrow(
        """
        select s.ref, s.state, s.settled_at
          from redemptions d
          join settlements s using (settlement_id)
         where (d.lane, d.campaign_id, d.idx, d.lock_no) = ($1, $2, $3, $4)
        """,
        paid.lane,
        paid.campaign_id,
        paid.idx,
        paid.lock_no,
    )
    return SettledLine(**dict(row)) if row else None


async def unjudged(app: App, job: str) -> list[tuple[int, str]]:
    """Orders about which something was said, or of which money came back, that no judging has seen.

    It is looked for in the last day, and as far back as the job that asks was last carried out: a
    house whose jobs stood still for a week forgets no order.
    """
    async with app.db.reading() as tx:
        looked = await job_runs.last_carried_out(tx, job) or datetime.min.replace(tzinfo=UTC)
        return await online_orders.unjudged(tx, min(looked, app.clock() - timedelta(days=1)))


async def every_warehouse(app: App) -> list[WarehouseRow]:
    """Every warehouse, those that wait for approval first."""
    async with app.db.reading() as tx:
        return await warehouses.everyone(tx)
