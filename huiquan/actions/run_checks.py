"""Run the checks: ask whether every promise of the house holds, and keep the answer.  不变量检查"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaign_state, check_runs, checks, links, on_file
from huiquan.db.checks import Check, Failed
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign
from huiquan.domain.ledger_chain import flaw_in_link
from huiquan.domain.recounts import flaw_in_round

FLAWS_MAX = 20

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class CheckRun:
    """One run of the checks; nothing failed when all is well."""

    run_id: int
    ran_at: datetime
    checked: int
    failed: tuple[Failed, ...]


async def run_checks(
    app: App,
    *,
    recount: bool = False,
    resting: Collection[str] = (),
    since: Mapping[str, datetime] | None = None,
    on_check: Progress = lambda name: None,
    on_progress: Progress = lambda step: None,
) -> CheckRun:
    """Put every question of db/checks to one snapshot of the database, and keep what came out.

    Those whose names are resting are left out this time; those named in `since` are asked about
    what is new since then, if they can be. on_check hears the name of each before it is put.
    With `recount` also what SQL cannot check: the ledger's links are closed again over its
    transfers, every final round is drawn again from its proofs and held against the vouchers, and
    the checkpoints' roots are worked out anew. That reads everything, one round or link at a time.
    on_progress hears each step. (R2.4, R5.8, I1 to I38)
    """
    now, checked = app.clock(), 0

    def say(check: Check) -> None:
        nonlocal checked
        checked += 1
        on_check(check.name)
        on_progress(f"{check.invariant} {check.title_zh}")

    async with app.db.reading() as tx:
        failed = await checks.run_all(tx, now, resting=resting, since=since, on_check=say)
        if recount:
            for again in _RECOUNTS:
                on_progress(again.title)
                rows = [flaw async for flaw in _flaws(tx, again)]
                checked += 1
                if rows:
                    failed.append(Failed(name=again.name, title=again.title, rows=tuple(rows)))
    async with app.db.transaction() as tx:
        run_id = await check_runs.record(tx, now, failed)
    return CheckRun(run_id=run_id, ran_at=now, checked=checked, failed=tuple(failed))


Flaw = dict[str, str | int]


@dataclass(frozen=True, kw_only=True)
class _Recount:
    """Something that is worked out again for each campaign."""

    name: str
    title: str
    flaws: Callable[[Tx, Campaign], AsyncIterator[Flaw]]


async def _flaws(tx: Tx, again: _Recount) -> AsyncIterator[Flaw]:
    """At most 20 flaws: enough to see what happened."""
    found = 0
    for campaign in await campaign_state.load_every_campaign(tx):
        async for flaw in again.flaws(tx, campaign):
            yield flaw
            found += 1
            if found == FLAWS_MAX:
                return


async def _link_flaws(tx: Tx, campaign: Campaign) -> AsyncIterator[Flaw]:
    for book in await links.books(tx, campaign.campaign_id):
        async for prev, link, rows in on_file.closed_links(tx, campaign.campaign_id, book.lane):
            flaw = flaw_in_link(prev, link, rows)
            if flaw is not None:
                yield {"campaign_id": campaign.campaign_id, "lane": book.lane, "flaw": flaw}


async def _round_flaws(tx: Tx, campaign: Campaign) -> AsyncIterator[Flaw]:
    for lane in range(campaign.lanes):
        async for seq, kept in on_file.final_rounds(tx, campaign.campaign_id, lane):
            flaw = flaw_in_round(campaign, kept)
            if flaw is not None:
                yield {
                    "campaign_id": campaign.campaign_id,
                    "lane": lane,
                    "seq": seq,
                    "flaw": flaw,
                }


async def _checkpoint_flaws(tx: Tx, campaign: Campaign) -> AsyncIterator[Flaw]:
    async for size, root, counted in on_file.checkpoint_roots(tx, campaign.campaign_id):
        if root != counted:
            yield {
                "campaign_id": campaign.campaign_id,
                "size": size,
                "flaw": "the published root is not the root over the log",
            }
    async for level, number, root, counted in on_file.tile_roots(tx, campaign.campaign_id):
        if root != counted:
            yield {
                "campaign_id": campaign.campaign_id,
                "size": number,
                "flaw": f"the tile of level {level} is not the root over what is below it",
            }


_RECOUNTS = (
    _Recount(
        name="r1_ledger_chain_is_whole",
        title="R1 台账链可复算 · Every link's hash is that of the transfers it covers.",
        flaws=_link_flaws,
    ),
    _Recount(
        name="r2_winners_follow_from_proofs",
        title="R2 中签可复算 · Every final round, drawn again, gives exactly its vouchers.",
        flaws=_round_flaws,
    ),
    _Recount(
        name="r3_checkpoints_fix_the_log",
        title="R3 检查点可复算 · Every published root, and every tile, is the root over the log.",
        flaws=_checkpoint_flaws,
    ),
)
