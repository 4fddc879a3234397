"""Settle a day: hand to the bank what merchants are due after the hold, net of refunds.  清算"""

from collections.abc import Callable
from dataclasses import dataclass, field

from huiquan.app import App
from huiquan.db import audit, campaign_state, ledger, settlements
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_of
from huiquan.domain.ledger import book_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.settlement import Settlement, decide_settlement, last_day_due

MINIMUM_FEN = 1
"""Every fen that is due is paid: a small merchant does not lend to the fund."""


@dataclass(frozen=True, kw_only=True)
class DaySettled:
    """What came of a run, in fen: how many merchants, what was due, kept for debts, and to pay."""

    merchant_count: int
    payable_fen: int
    recovered_fen: int
    amount_fen: int
    settlement_ids: tuple[int, ...] = field(repr=False)


async def settle_day(
    app: App, code: str, *, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> DaySettled | Refusal:
    """Settle today what every merchant of a campaign is due (R2.4, I28).

    Each merchant in a transaction of its own: one settlement a merchant and day, its redemptions,
    and the money, together. Run again, or by two at once, nothing is settled twice. Late refunds
    are taken off first. on_progress hears (merchants done, merchants). Refuses UNKNOWN_CAMPAIGN.
    """
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=0, last_day=0)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        last_day = last_day_due(now, campaign.rulebook_at(now).settlement_hold_days)
        merchants = await settlements.merchants_due(tx, campaign.campaign_id, last_day)
    done: dict[int, Settlement] = {}
    for place, merchant_id in enumerate(merchants):
        on_progress(place, len(merchants))
        settled = await _settle_merchant(app, campaign, merchant_id)
        if settled is not None:
            done[settled[0]] = settled[1]
    on_progress(len(merchants), len(merchants))
    return DaySettled(
        merchant_count=len(done),
        payable_fen=sum(one.payable_fen for one in done.values()),
        recovered_fen=sum(one.recovered_fen for one in done.values()),
        amount_fen=sum(one.amount_fen for one in done.values()),
        settlement_ids=tuple(done),
    )


async def _settle_merchant(
    app: App, campaign: Campaign, merchant_id: int
) -> tuple[int, Settlement] | None:
    """Settle one merchant; None when nothing is due or today's settlement stands already."""
    campaign_id = campaign.campaign_id
    async with app.db.transaction() as tx:
        await settlements.hold_merchant(tx, campaign_id, merchant_id)
        now = app.clock()
        if await settlements.is_settled(tx, campaign_id, merchant_id, day_of(now)):
            return None
        hold_days = campaign.rulebook_at(now).settlement_hold_days
        account = await settlements.account_of(
            tx, campaign_id, merchant_id, last_day_due(now, hold_days)
        )
        settlement = decide_settlement(
            account, hold_days=hold_days, minimum_fen=MINIMUM_FEN, now=now
        )
        if isinstance(settlement, Refusal):
            return None
        settlement_id = await settlements.record(tx, campaign_id, settlement, now)
        for line in settlement.lines:
            moves = [one for one in settlement.transfers if book_of(one) == line.lane]
            if moves:
                await ledger.book(
                    tx, campaign_id=campaign_id, lane=line.lane, transfers=moves, at=now
                )
        await audit.note(
            tx,
            at=now,
            actor="house",
            tag="merchant:settled",
            subject=settlement.ref,
            detail={
                "settlement_id": settlement_id,
                "payable_fen": settlement.payable_fen,
                "recovered_fen": settlement.recovered_fen,
            },
        )
        return settlement_id, settlement
