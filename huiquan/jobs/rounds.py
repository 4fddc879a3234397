"""The round loop: seal, have signed, draw, and give each round its place in the log.  轮次循环

A process of its own. Every lane goes at its own pace; when a signer is away, entries go on being
accepted and the lanes wait, for the same seal is the only one there will ever be.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from huiquan.actions.draw_round import RoundDrawn, draw_round
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.publish_config import publish_config
from huiquan.actions.release_day import release_day
from huiquan.actions.seal_round import seal_round
from huiquan.actions.send_configs import send_configs
from huiquan.actions.sign_round import sign_round
from huiquan.actions.take_over_days import take_over_days
from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_number
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import day_to_release
from huiquan.jobs.watch import Watch, keep_watch
from huiquan.views.campaigns import publication_mark
from huiquan.views.draws import campaigns_in_play, lanes_waiting

PACE_S = 0.25
CHECKPOINT_S = 1.0
# After a fault a lane rests, a little longer each time; the same seal is then asked for again.
REST_S = 0.25
REST_MAX_S = 3.0

log = structlog.get_logger("huiquan.rounds")


Place = tuple[int, int]
"""A campaign and a lane."""


@dataclass
class Rounds:
    """What the loop remembers between turns.

    Which campaigns run, which lanes are being worked on, and how often in a row a lane failed.
    """

    app: App
    campaigns: Sequence[Campaign] = ()
    mark: tuple[int, ...] = ()
    working: dict[Place, asyncio.Task[None]] = field(default_factory=dict)
    faults: dict[Place, int] = field(default_factory=dict)
    # A config may have come too late while nobody was there to plan its days again.
    asks_for_late: bool = True

    def hear_of_late(self, _campaign_id: int) -> None:
        """A config came to a signer too late."""
        self.asks_for_late = True

    def __post_init__(self) -> None:
        self.watch = Watch(app=self.app)


async def tend_lane(app: App, campaign: Campaign, lane: int) -> RoundDrawn | Refusal | None:
    """Take one lane one round further: seal, sign, draw. None when there was nothing to do.

    Raises OutsiderFault when a signer is away or answers wrongly; the lane then waits with the
    same seal.
    """
    sealed = await seal_round(app, campaign, lane)
    if sealed is None or isinstance(sealed, Refusal):
        return sealed
    proofs = await sign_round(app, campaign, sealed)
    return await draw_round(app, campaign, sealed, proofs)


async def drain(app: App, campaign: Campaign) -> int:
    """Draw every waiting entry of a campaign, lane after lane; gives the number of rounds."""
    drawn = 0
    while True:
        lanes = await lanes_waiting(app, campaign.campaign_id)
        if not lanes:
            return drawn
        for lane in lanes:
            outcome = await tend_lane(app, campaign, lane)
            if not isinstance(outcome, RoundDrawn):
                return drawn
            drawn += 1


async def open_today(app: App, campaign: Campaign) -> None:
    """See to it that the money of the stock that people may enter for today is released."""
    now = app.clock()
    today = day_number(day_to_release(campaign.rulebook_at(now), now))
    day = campaign.days.get(today)
    if day is not None and not day.is_released:
        released = await release_day(app, campaign.code, today)
        if isinstance(released, Refusal):
            log.error("the day could not be released", day=today, refusal=released.value)


async def run_rounds(app: App, stop: asyncio.Event) -> None:
    """Go round after round until told to stop; a fault delays a lane and never ends the loop."""
    state = Rounds(app=app)
    refresher = asyncio.create_task(_keep_fresh(state, stop))
    logger = asyncio.create_task(_keep_log(state, stop))
    watcher = asyncio.create_task(keep_watch(state.watch, lambda: state.campaigns, stop))
    while not stop.is_set():
        await asyncio.gather(*(_turn(state, campaign, stop) for campaign in state.campaigns))
        await _pause(stop, PACE_S)
    await asyncio.gather(refresher, logger, watcher, *state.working.values())


async def _turn(state: Rounds, campaign: Campaign, stop: asyncio.Event) -> None:
    """Set to work on every lane where someone waits and nobody works yet."""
    if not state.watch.may_go_on(campaign.campaign_id):
        return
    try:
        lanes = await lanes_waiting(state.app, campaign.campaign_id)
    except Exception as fault:
        log.warning("the database is away", error=repr(fault))
        return
    for lane in lanes:
        place = (campaign.campaign_id, lane)
        if place not in state.working or state.working[place].done():
            state.working[place] = asyncio.create_task(_work(state, campaign, lane, stop))


async def _work(state: Rounds, campaign: Campaign, lane: int, stop: asyncio.Event) -> None:
    """Draw what waits in a lane, a backlog without a pause; then rest as long as it took.

    The rest lets entries gather when the machine is busy: fewer and larger rounds cost less.
    """
    began, place = asyncio.get_running_loop().time(), (campaign.campaign_id, lane)
    try:
        outcome = await tend_lane(state.app, campaign, lane)
        while isinstance(outcome, RoundDrawn) and not stop.is_set():
            log.info("drawn", lane=lane, entries=outcome.entry_count, wins=outcome.win_count)
            if not outcome.is_full:
                break
            outcome = await tend_lane(state.app, campaign, lane)
    except Exception as fault:
        # Said once, not at every try.
        if place not in state.faults:
            log.warning("a lane waits", lane=lane, error=repr(fault))
        state.faults[place] = state.faults.get(place, 0) + 1
        await _pause(stop, min(REST_MAX_S, REST_S * state.faults[place]))
        return
    state.faults.pop(place, None)
    await _pause(stop, asyncio.get_running_loop().time() - began)


async def _keep_fresh(state: Rounds, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await _refresh(state)
            for campaign in state.campaigns:
                await take_over_days(state.app, campaign)
                await open_today(state.app, campaign)
            await _refresh(state)
            await _plan_again(state)
            await send_configs(state.app, on_late=state.hear_of_late)
        except Exception as fault:
            log.warning("campaigns or configs wait", error=repr(fault))
        await _pause(stop, 1.0)


async def _plan_again(state: Rounds) -> None:
    """What came to a signer too late never acts: its days are planned again while there is time."""
    if state.asks_for_late:
        for campaign in state.campaigns:
            planned = await publish_config(state.app, campaign.code, only_if_late=True)
            if planned is not None:
                log.warning("days are planned again", campaign=campaign.code)
        state.asks_for_late = False


async def _refresh(state: Rounds) -> None:
    """Read the campaigns again if anything was published, released or closed since."""
    mark = await publication_mark(state.app)
    if mark != state.mark:
        state.campaigns = await campaigns_in_play(state.app)
        state.mark = mark


async def _keep_log(state: Rounds, stop: asyncio.Event) -> None:
    while not stop.is_set():
        for campaign in state.campaigns:
            if not state.watch.may_go_on(campaign.campaign_id):
                continue
            try:
                await log_rounds(state.app, campaign.campaign_id)
                await publish_checkpoint(state.app, campaign)
            except Exception as fault:
                log.warning("the log waits", error=repr(fault))
        await _pause(stop, CHECKPOINT_S)


async def _pause(stop: asyncio.Event, wait_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), wait_s)
    except TimeoutError:
        return
