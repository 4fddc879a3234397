"""What a person on a list is told: signed up, then published, then won or not.  名单摇号结果

listed --drawn--> missed                                       已报名，待公证摇号 -> 未中签
    \\-----------> publicity --issued--> won                                    -> 公示中 -> 已中签
                       \\--an objection was upheld--> voided                              -> 已作废
"""

from huiquan.app import App
from huiquan.db import configs, entries, lists, rounds, vouchers
from huiquan.db.connection import Tx
from huiquan.domain import draw_config
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import EntryRow
from huiquan.domain.list_files import draw_no
from huiquan.domain.lottery import outcome_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Entry, decode_final
from huiquan.domain.rulebooks import Mode
from huiquan.views.outcomes import LISTED, DrawView, Won

Told = tuple[str, str | None, Won | None]


def is_list(campaign: Campaign) -> bool:
    """Whether this campaign draws from lists; the mode is that of its first version for good."""
    return campaign.versions[0].rulebook.mode is Mode.LIST


async def list_draw_of_day(
    app: App, campaign: Campaign, lane: int, pid: bytes, day: int
) -> DrawView | Refusal:
    """What came of one person's sign-up. Refuses NO_DRAW_THAT_DAY.

    state: listed, publicity, won, missed or voided; reason says why a win was voided, as it was
    published, or cut and no_tier for a miss.
    """
    async with app.db.reading() as tx:
        row = await entries.of_person(tx, campaign.campaign_id, lane, pid, day)
        if row is None:
            return Refusal.NO_DRAW_THAT_DAY
        return await _view(tx, campaign, row)


async def list_draws_of_person(
    app: App, campaign: Campaign, lane: int, pid: bytes
) -> list[DrawView]:
    """Every list a person signed up for, the newest first."""
    async with app.db.reading() as tx:
        rows = await entries.all_of_person(tx, campaign.campaign_id, lane, pid, LISTED)
        return [await _view(tx, campaign, row) for row in rows]


async def _view(tx: Tx, campaign: Campaign, row: EntryRow) -> DrawView:
    entry = row.entry
    state, reason, won = await _told(tx, campaign, row)
    return DrawView(
        day=entry.day,
        pack=entry.pack,
        entered_at=row.entered_at,
        draw_no=draw_no(entry.day, entry.lane, entry.idx),
        state=state,
        reason=reason,
        won=won,
    )


async def _told(tx: Tx, campaign: Campaign, row: EntryRow) -> Told:
    entry = row.entry
    drawn = await rounds.containing(tx, campaign.campaign_id, entry.lane, entry.idx)
    if drawn is None or drawn.raw_final is None:
        return "listed", None, None
    stored = await configs.by_hash(tx, campaign.campaign_id, drawn.seal.cfg_hash)
    assert stored is not None, "a seal names a recorded config"
    plan = draw_config.decode_config(stored.body).days[entry.day]
    outcome = outcome_of(entry, decode_final(drawn.raw_final), draw_config.tables_of(plan))
    if not outcome.kept:
        return "missed", "cut" if outcome.tier else "no_tier", None
    return await _win(tx, campaign.campaign_id, entry)


async def _win(tx: Tx, campaign_id: int, entry: Entry) -> Told:
    voided = await lists.voided(tx, campaign_id, entry.lane, entry.idx, 1)
    if entry.idx in voided:
        return "voided", voided[entry.idx], None
    published = await lists.published(tx, campaign_id, entry.day)
    if published is None or published.issued_at is None:
        return "publicity", None, None
    (voucher,) = await vouchers.between(tx, campaign_id, entry.lane, entry.idx, 1)
    won = Won(
        serial=voucher.serial,
        tier=voucher.tier,
        face_fen=voucher.face_fen,
        threshold_fen=voucher.threshold_fen,
        valid_until=voucher.valid_until,
    )
    return "won", None, won
