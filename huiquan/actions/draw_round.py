"""Draw a signed round: vouchers, their money and the messages to winners, in one commit.  摇号"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import entries, lanes, ledger, outbox, rounds, wins
from huiquan.db.connection import Tx
from huiquan.db.rounds import RoundRow
from huiquan.domain import draw_config, vrf
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_from_number
from huiquan.domain.entering import EntryRow
from huiquan.domain.lottery import Drawn, final_of
from huiquan.domain.lottery import draw_round as draw
from huiquan.domain.rounds import Final
from huiquan.domain.sealing import Proofs
from huiquan.domain.vouchers import Issued, Win, issue


@dataclass(frozen=True, kw_only=True)
class RoundDrawn:
    """What came of a round: how many entered, how many won."""

    entry_count: int
    win_count: int
    final: Final


async def draw_round(
    app: App, campaign: Campaign, sealed: RoundRow, proofs: Proofs
) -> RoundDrawn | None:
    """Decide a sealed round from its proofs; None when it was final already.

    Both proofs were verified by whoever asked for them and are verified here once more: an
    invalid one is a broken promise and stops the lane. The money of every voucher is reserved in
    the same commit, so nothing is shown that is not paid for. (R1.3)
    """
    seal, campaign_id = sealed.seal, campaign.campaign_id
    async with app.db.transaction() as tx:
        head = await lanes.lock(tx, campaign_id, seal.lane)
        if head.is_frozen or head.final_idx != seal.first_idx:
            return None
        rows = await entries.between(tx, campaign_id, seal.lane, seal.first_idx, seal.count)
        draw_day = campaign.days[seal.day]
        tables = draw_config.tables_of(draw_day.plan)
        betas = _betas(draw_day.config, sealed.seal_hash, proofs)
        drawn = draw(seal, [row.entry for row in rows], tables, *betas)
        final = final_of(sealed.seal_hash, proofs.notary, proofs.auditor, drawn)
        now = app.clock()
        assert await rounds.record_final(tx, campaign_id, seal, final, drawn.left_after, now)
        issued = _issue_all(app, campaign, rows, drawn)
        if issued:
            await _record_wins(app, tx, campaign_id, seal.lane, issued)
        return RoundDrawn(entry_count=len(rows), win_count=len(issued), final=final)


def _betas(config: draw_config.DrawConfig, seal_hash: bytes, proofs: Proofs) -> tuple[bytes, bytes]:
    notary = vrf.verify(
        bytes.fromhex(config.keys.notary), vrf.seal_alpha("N", seal_hash), proofs.notary
    )
    auditor = vrf.verify(
        bytes.fromhex(config.keys.auditor), vrf.seal_alpha("W", seal_hash), proofs.auditor
    )
    assert notary is not None, "the notary's proof is invalid"
    assert auditor is not None, "the auditor's proof is invalid"
    return notary, auditor


def _issue_all(app: App, campaign: Campaign, rows: list[EntryRow], drawn: Drawn) -> list[Issued]:
    now = app.clock()
    issued = []
    for row, outcome in zip(rows, drawn.outcomes, strict=True):
        if not outcome.kept:
            continue
        version = campaign.version_at(row.entered_at)
        win = Win(
            campaign_id=campaign.campaign_id,
            lane=row.entry.lane,
            idx=row.entry.idx,
            pid=row.entry.pid,
            day=day_from_number(row.entry.day),
            tier=outcome.tier,
            city=row.city,
        )
        issued.append(
            issue(win, rulebook=version.rulebook, rulebook_version=version.version, issued_at=now)
        )
    return issued


async def _record_wins(app: App, tx: Tx, campaign_id: int, lane: int, issued: list[Issued]) -> None:
    now = app.clock()
    await wins.record(tx, [one.voucher for one in issued])
    await ledger.book(
        tx,
        campaign_id=campaign_id,
        lane=lane,
        transfers=[one.transfer for one in issued],
        at=now,
    )
    await outbox.append(tx, "won", [{"serial": one.voucher.serial} for one in issued], now)
