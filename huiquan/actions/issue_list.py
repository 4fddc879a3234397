"""Issue a published list: every win that stands becomes a voucher, in one commit.  发券"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import (
    audit,
    campaign_state,
    entries,
    lanes,
    ledger,
    lists,
    outbox,
    rounds,
    vouchers,
    wins,
)
from huiquan.db.connection import Tx
from huiquan.db.rounds import RoundRow
from huiquan.domain import draw_config
from huiquan.domain.campaigns import Campaign
from huiquan.domain.issuing import issue_to
from huiquan.domain.lists import LANE, decide_issuing, void
from huiquan.domain.lottery import outcome_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_final
from huiquan.domain.vouchers import Issued


@dataclass(frozen=True, kw_only=True)
class ListIssued:
    """How many wins became vouchers, and how many an objection ended."""

    issued: int
    voided: int


async def issue_list(app: App, code: str, day: int) -> ListIssued | Refusal | None:
    """Issue the vouchers of a list whose days of publicity are over; None when it was done.

    The money of every win is set aside in the same commit; that of a voided win goes straight
    back. Nothing is drawn again: a voided win has no successor. Refuses UNKNOWN_CAMPAIGN,
    LIST_NOT_PUBLISHED, OBJECTIONS_RUNNING, OBJECTIONS_OPEN. (R1.3, R5.1)
    """
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=day, last_day=day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id, now = campaign.campaign_id, app.clock()
        await lanes.lock(tx, campaign_id, LANE)
        published = await lists.published(tx, campaign_id, day)
        filed = await lists.objections(tx, campaign_id, day)
        refused = decide_issuing(published, sum(one.is_open for one in filed), now)
        if refused is not None:
            return refused
        if not await lists.mark_issued(tx, campaign_id, day, now):
            return None
        assert published is not None, "decide_issuing refuses a list that is not published"
        (drawn,) = await rounds.of_day(tx, campaign_id, day)
        seal = drawn.seal
        ended = await lists.voided(tx, campaign_id, LANE, seal.first_idx, seal.count)
        kept = await _kept(app, tx, campaign, drawn)
        voided = [void(one, published.published_at) for one in kept if one.voucher.idx in ended]
        issued = [one for one in kept if one.voucher.idx not in ended]
        won = [*(one.voucher for one in issued), *(one.voucher for one in voided)]
        await wins.record(tx, campaign_id, LANE, won)
        ended_idxs = [one.voucher.idx for one in voided]
        await vouchers.mark_expired(tx, campaign_id, LANE, ended_idxs, now)
        transfers = [one.transfer for one in issued]
        transfers += [transfer for one in voided for transfer in one.transfers]
        if transfers:
            await ledger.book(tx, campaign_id=campaign_id, lane=LANE, transfers=transfers, at=now)
        await outbox.append(tx, "won", [{"serial": one.voucher.serial} for one in issued], now)
        detail = {"issued": len(issued), "voided": sorted(one.voucher.serial for one in voided)}
        await audit.note(
            tx, at=now, actor="house", tag="list:issued", subject=f"{code} {day}", detail=detail
        )
        return ListIssued(issued=len(issued), voided=len(voided))


async def _kept(app: App, tx: Tx, campaign: Campaign, drawn: RoundRow) -> list[Issued]:
    """A voucher for every kept win of the list."""
    seal = drawn.seal
    assert drawn.raw_final is not None, "a published list has its final"
    final = decode_final(drawn.raw_final)
    tables = draw_config.tables_of(campaign.days[seal.day].plan)
    rows = await entries.between(tx, campaign.campaign_id, LANE, seal.first_idx, seal.count)
    now, made = app.clock(), []
    for row in rows:
        outcome = outcome_of(row.entry, final, tables)
        if outcome.kept:
            made.append(issue_to(campaign, row, outcome.tier, now))
    assert len(made) == sum(final.kept), "every kept win is found again"
    return made
