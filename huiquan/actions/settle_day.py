"""Settle a day: hand to the bank what merchants are due after the hold, net of refunds.  清算"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from huiquan.app import App
from huiquan.db import audit, campaign_state, ledger, payees, settlements
from huiquan.db.payees import Payee
from huiquan.domain.campaigns import Campaign
from huiquan.domain.ledger import book_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.settlement import Settlement, Terms, decide_settlement, terms_of


@dataclass(frozen=True, kw_only=True)
class DaySettled:
    """What came of a run, in fen: how many merchants, what was due (bounced before included),
    kept for debts, and to pay."""

    merchant_count: int
    payable_fen: int
    recovered_fen: int
    amount_fen: int
    settlement_ids: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run, judged by the rules in force when it began."""

    campaign: Campaign
    began_at: datetime
    terms: Terms


async def settle_day(
    app: App, code: str, *, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> DaySettled | Refusal:
    """Settle today what every merchant of a campaign is due (R2.4, I28).

    Each merchant and rail in a transaction of its own: one settlement a day, its redemptions, and
    the money, together. Run again, or by two at once, nothing is settled twice. Late refunds are
    taken off first. A rule that is amended meanwhile counts from the next run on. on_progress
    hears (done, of). Refuses UNKNOWN_CAMPAIGN.
    """
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=0, last_day=0)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        run = _Run(campaign=campaign, began_at=now, terms=terms_of(campaign.rulebook_at(now), now))
        due = await payees.payees_due(tx, campaign.campaign_id, run.terms.last_day)
    done: dict[int, Settlement] = {}
    for place, payee in enumerate(due):
        on_progress(place, len(due))
        settled = await _settle(app, run, payee)
        if settled is not None:
            done[settled[0]] = settled[1]
    on_progress(len(due), len(due))
    return DaySettled(
        merchant_count=len({one.merchant_id for one in done.values()}),
        payable_fen=sum(one.payable_fen + one.carried_fen for one in done.values()),
        recovered_fen=sum(one.recovered_fen for one in done.values()),
        amount_fen=sum(one.amount_fen for one in done.values()),
        settlement_ids=tuple(done),
    )


async def _settle(app: App, run: _Run, payee: Payee) -> tuple[int, Settlement] | None:
    """Settle one merchant on one rail; None when nothing is due or today's stands already."""
    campaign_id, now = run.campaign.campaign_id, run.began_at
    async with app.db.transaction() as tx:
        await settlements.hold_merchant(tx, campaign_id, payee.merchant_id)
        if await settlements.is_settled(tx, campaign_id, payee, run.terms.day):
            return None
        account = await payees.account_of(tx, campaign_id, payee, run.terms, now)
        settlement = decide_settlement(account, run.terms)
        if isinstance(settlement, Refusal):
            return None
        version = run.campaign.version_at(now).version
        settlement_id = await settlements.record(
            tx, campaign_id, settlement, run.terms, rulebook_version=version, now=now
        )
        at = app.clock()
        for line in settlement.lines:
            moves = [one for one in settlement.transfers if book_of(one) == line.lane]
            if moves:
                await ledger.book(
                    tx, campaign_id=campaign_id, lane=line.lane, transfers=moves, at=at
                )
        await audit.note(
            tx,
            at=at,
            actor="house",
            tag="merchant:settled",
            subject=settlement.ref,
            detail={
                "settlement_id": settlement_id,
                "payable_fen": settlement.payable_fen,
                "carried_fen": settlement.carried_fen,
                "recovered_fen": settlement.recovered_fen,
            },
        )
        return settlement_id, settlement
