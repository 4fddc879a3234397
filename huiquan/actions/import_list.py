"""Take up what the notary and the auditor drew from a list, and publish it for objections.  公示"""

from collections.abc import Mapping

from huiquan.app import App
from huiquan.db import audit, campaign_state, entries, lanes, lists, rounds
from huiquan.domain import list_files, lottery
from huiquan.domain.list_files import BadListError
from huiquan.domain.lists import LANE, PublishedList, objections_until
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Final, encode_entries


async def import_list(
    app: App, code: str, day: int, files: Mapping[str, bytes], by: str
) -> PublishedList | Refusal:
    """Record the final of a sealed list from the folder's answers; from now on people may object.

    The list in the folder must be the one that stands sealed here, entry by entry. Imported again
    it changes nothing. Refuses UNKNOWN_CAMPAIGN, LIST_NOT_SEALED, LIST_CHANGED when the folder
    holds anything else than what was sealed, LIST_NOT_DRAWN when an answer is missing or does not
    hold. (R5.1)
    """
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=day, last_day=day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id, now = campaign.campaign_id, app.clock()
        head = await lanes.lock(tx, campaign_id, LANE)
        known = await lists.published(tx, campaign_id, day)
        if known is not None:
            return known
        found = await rounds.of_day(tx, campaign_id, day)
        if not found:
            return Refusal.LIST_NOT_SEALED
        if head.epoch != found[0].seal.epoch:
            return Refusal.EPOCH_CHANGING
        seal = found[0].seal
        rows = await entries.between(tx, campaign_id, LANE, seal.first_idx, seal.count)
        ours = (found[0].raw_seal.hex(), encode_entries(row.entry for row in rows))
        drawn = _draw(files, ours)
        if isinstance(drawn, Refusal):
            return drawn
        final, left = drawn
        assert await rounds.record_final(tx, campaign_id, seal, final, left, now)
        until = objections_until(campaign.rulebook_at(now), day, now)
        await lists.publish(tx, campaign_id, day, now, by, until)
        detail = {"objections_until": until.isoformat(), "kept": list(final.kept)}
        await audit.note(
            tx, at=now, actor=by, tag="list:published", subject=f"{code} {day}", detail=detail
        )
        return PublishedList(day=day, published_at=now, objections_until=until, issued_at=None)


def _draw(
    files: Mapping[str, bytes], ours: tuple[str, bytes]
) -> tuple[Final, tuple[int, ...]] | Refusal:
    """The final that follows from both answers, and what it leaves of each tier."""
    parts = (list_files.LIST, list_files.CONFIG, list_files.ENTRIES)
    try:
        sealed = list_files.read_list(*(files.get(name, b"") for name in parts))
    except BadListError:
        return Refusal.LIST_CHANGED
    if (sealed.file.seal, sealed.raw_entries) != ours:
        return Refusal.LIST_CHANGED
    try:
        proofs = [
            list_files.read_answer(files.get(list_files.answer_name(role), b""), role, sealed)
            for role in ("notary", "auditor")
        ]
    except BadListError:
        return Refusal.LIST_NOT_DRAWN
    drawn, final = list_files.draw_list(sealed, *proofs)
    assert drawn.left_after == lottery.left_after(sealed.seal, final)
    return final, drawn.left_after
