"""Draw a signed round: vouchers, their money and the messages to winners, in one commit.  摇号"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import entries, lanes, ledger, outbox, rounds, wins
from huiquan.db.connection import Tx
from huiquan.domain import draw_config
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entry_runs import draw_run
from huiquan.domain.issuing import issue_to
from huiquan.domain.lottery import final_of
from huiquan.domain.rounds import Final
from huiquan.domain.sealing import Proofs, SealedRound
from huiquan.domain.vouchers import Issued


@dataclass(frozen=True, kw_only=True)
class RoundDrawn:
    """What came of a round: how many entered, how many won, and whether nobody else had room."""

    entry_count: int
    win_count: int
    is_full: bool
    final: Final


async def draw_round(
    app: App, campaign: Campaign, sealed: SealedRound, proofs: Proofs
) -> RoundDrawn | None:
    """Decide a sealed round from its proofs; None when it was final already, or the lane is frozen.

    The draw is worked out before the lane is held. The money of every voucher is reserved in the
    same commit as the final, so nothing is shown that is not paid for. (R1.3)
    """
    seal, campaign_id = sealed.seal, campaign.campaign_id
    draw_day = campaign.days[seal.day]
    tables = draw_config.tables_of(draw_day.plan)
    drawn = draw_run(seal, sealed.run, tables, proofs.beta_notary, proofs.beta_auditor)
    final = final_of(sealed.seal_hash, proofs.notary, proofs.auditor, drawn)
    tiers = {seal.first_idx + place: tier for place, tier in drawn.wins}
    async with app.db.transaction() as tx:
        head = await lanes.lock(tx, campaign_id, seal.lane)
        is_over = head.epoch != seal.epoch  # keys are being changed: what was signed so far stays
        if is_over or head.is_frozen or head.final_idx != seal.first_idx:
            return None
        now = app.clock()
        assert await rounds.record_final(tx, campaign_id, seal, final, drawn.left_after, now)
        if tiers:
            winners = await entries.at_places(tx, campaign_id, seal.lane, list(tiers))
            issued = [issue_to(campaign, winners[idx], tier, now) for idx, tier in tiers.items()]
            await _record_wins(tx, campaign_id, seal.lane, issued, now)
    return RoundDrawn(
        entry_count=seal.count,
        win_count=len(tiers),
        is_full=seal.count == draw_day.config.round_max,
        final=final,
    )


async def _record_wins(
    tx: Tx, campaign_id: int, lane: int, issued: list[Issued], now: datetime
) -> None:
    await wins.record(tx, campaign_id, lane, [one.voucher for one in issued])
    await ledger.book(
        tx,
        campaign_id=campaign_id,
        lane=lane,
        transfers=[one.transfer for one in issued],
        at=now,
    )
    await outbox.append(tx, "won", [{"serial": one.voucher.serial} for one in issued], now)
