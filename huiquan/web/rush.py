"""The rush door: entering today's draw, answered before anything else is looked at.  十点的门

Whoever taps at ten o'clock comes through here: token, body and place are judged from memory, then
the entry joins the batch of its lane and is answered when that batch is committed. Nothing here
asks an outsider, and the queue of each lane is bounded: an honest "busy" is better than a wait.

    knock -> admitted -> known -> understood -> located -> waiting in a lane -> receipt
         each step before the costlier next one; from each a refusal leads out
"""

import asyncio
import hmac
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import (
    EntryRequest,
    Tap,
    awaits_release,
    day_of_entry,
    refusal_of_another,
)
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import LocationRules, locate
from huiquan.domain.tokens import Claims, Door
from huiquan.domain.work import Task, is_done, set_task
from huiquan.web.batches import BatchQueue, Heard, Waiting
from huiquan.web.callers import ConsumerCaller, claims_in, token_keys
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.held_answers import HeldAnswers
from huiquan.web.recent_entries import RecentEntries
from huiquan.web.recent_receipts import RecentReceipts
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush_answers import Answer, entered
from huiquan.web.rush_limits import RushLimits
from huiquan.web.rush_refusals import RushRefusals
from huiquan.web.wire import RequestKeyText, SentLocation, Wire

BODY_MAX_BYTES = 4096
# Who waits longer believes that nothing happened and taps again.
ANSWER_WITHIN_S = 1.2
# Two lanes at once: while one waits for the database, or for the round that is drawn in it, the
# other goes on. More at once would be smaller batches, and each costs the same journeys.
IN_FLIGHT_MAX = 2
LOOK_S = 0.1
TASK_GOOD_FOR = timedelta(minutes=10)

Entered = EntryReceipt | Refusal
Reply = Callable[[Answer], None]


class Entering(Wire):
    """One tap: the pack, a nonce the phone made itself, where it is, and its work if asked for."""

    request_key: RequestKeyText
    client_nonce: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}(?!\n)$")]
    pack: Annotated[int, Meta(ge=1, le=255)]
    location: SentLocation
    proof: Annotated[str, Meta(max_length=1024)] | None = None


class Knock(msgspec.Struct, frozen=True):
    """One request as it came in: method and target, pass, body, whence.

    `address` is None for what comes from the house's own machine and speaks for nobody else.
    """

    line: bytes
    authorization: str
    body: bytes
    address: str | None


class _RulesInForce:
    """What a campaign asks of a location, and the day it draws, until its rules change."""

    def __init__(self, campaign: Campaign, now: datetime) -> None:
        self.campaign = campaign
        self.since = now
        self.until = campaign.next_version_at(now) or datetime.max.replace(tzinfo=UTC)
        self.location = LocationRules(
            max_accuracy_m=campaign.rulebook_at(now).location.max_accuracy_m
        )
        self._second, self._day = now.replace(microsecond=0), day_of_entry(campaign, now)

    def day_at(self, now: datetime) -> int:
        """The number of the day under which an entry stands; it changes at whole seconds."""
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second, self._day = second, day_of_entry(self.campaign, now)
        return self._day


class Rush:
    """The queues of one web process, one for each lane of each campaign."""

    def __init__(
        self,
        app: App,
        campaigns: CampaignCache,
        refusals: RefusalCounts,
        recent: RecentEntries,
    ) -> None:
        self._app = app
        self._recent = recent
        self._receipts = RecentReceipts()
        self._keys = token_keys(app)
        self._work_key = hmac.digest(app.keys.codes, b"proof of work", "sha256")
        self._campaigns = campaigns
        self._limits = RushLimits(is_on=app.settings.rate_limits)
        self._queues: dict[tuple[int, int], BatchQueue[EntryRequest, EntryReceipt]] = {}
        self._decode = msgspec.json.Decoder(Entering).decode
        self._rules: dict[int, _RulesInForce] = {}
        self._turns = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._is_full = False
        self._room = math.inf
        self._lag_s = 0.0
        self._looking: asyncio.TimerHandle | None = None
        self.held = HeldAnswers()
        self.refusals = RushRefusals(refusals, self.held)

    def knock(self, knock: Knock, reply: Reply) -> None:
        """Answer one request, now or when its batch is committed. (R1.3)"""

        def hear(outcome: Entered | Exception) -> None:
            if isinstance(outcome, EntryReceipt):
                reply(entered(outcome))
            else:
                self.refusals.say(outcome, reply)

        if self._is_full:
            hear(Refusal.BUSY)
            return
        now = self._app.clock()
        claims = claims_in(self._keys, knock.authorization, Door.CONSUMER, now)
        if isinstance(claims, Refusal):
            hear(claims)
        elif not self._limits.allow(claims.who, claims.device, knock.address):
            hear(Refusal.TOO_MANY_REQUESTS)
        elif self._comes_too_late(claims):
            hear(Refusal.BUSY)
        else:
            try:
                asked = self._decode(knock.body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                hear(Refusal.MALFORMED)
            else:
                self._ask(claims.campaign_id, claims.lane, claims.who, asked, now, hear)

    async def enter(self, caller: ConsumerCaller, asked: Entering) -> Entered:
        """Give the receipt of an entry, or the reason why there is none. (R1.3)"""
        answer: asyncio.Future[Entered] = asyncio.get_running_loop().create_future()

        def hear(outcome: Entered | Exception) -> None:
            if answer.done():
                return
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)

        now = self._app.clock()
        self._ask(caller.campaign_id, caller.lane, caller.pid, asked, now, hear)
        return await answer

    def _ask(
        self,
        campaign_id: int,
        lane: int,
        pid: bytes,
        asked: Entering,
        now: datetime,
        hear: Heard[EntryReceipt],
    ) -> None:
        """Join the lane's queue, unless the campaign is unknown."""
        campaign = self._campaigns.asked(campaign_id)
        if isinstance(campaign, Refusal):
            hear(campaign)
            return
        tap = Tap(asked.request_key, asked.pack, bytes.fromhex(asked.client_nonce))
        again = self._again(campaign, pid, tap, now)
        if again is not None:
            self.held.hold(partial(hear, again))
            return
        if self._app.settings.proof_of_work and not self._is_worked_for(campaign, pid, asked, now):
            hear(Refusal.WORK_NEEDED)
            return
        request = EntryRequest(
            pid=pid,
            pack=tap.pack,
            client_nonce=tap.client_nonce,
            request_key=tap.request_key,
            place=locate(
                self._app.regions,
                asked.location.read(),
                now,
                self._rules_now(campaign, now).location,
            ),
        )
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        until = now_s - self._lag_s + ANSWER_WITHIN_S
        self._queue(campaign_id, lane).ask(Waiting(request, hear, until), now_s)
        self._look_soon()

    def _comes_too_late(self, claims: Claims) -> bool:
        """Whether the lane could not answer in time, as far as it is needed for an answer."""
        queue = self._queues.get((claims.campaign_id, claims.lane))
        if queue is None:
            return False
        wait_s = queue.wait_s(asyncio.get_running_loop().time()) + self._lag_s
        if wait_s <= ANSWER_WITHIN_S:
            return False
        return self._receipts.find(claims.campaign_id, claims.who) is None

    def _again(self, campaign: Campaign, pid: bytes, tap: Tap, now: datetime) -> Entered | None:
        """What somebody who entered a moment ago is told; None when that is not known here."""
        given = self._receipts.find(campaign.campaign_id, pid)
        if given is None or given.day != self._rules_now(campaign, now).day_at(now):
            return None
        return refusal_of_another(tap, given.tap) or given.receipt

    def _rules_now(self, campaign: Campaign, now: datetime) -> _RulesInForce:
        """What is in force, found out anew when the rulebook or its version changes."""
        known = self._rules.get(campaign.campaign_id)
        if known is None or known.campaign is not campaign or not known.since <= now < known.until:
            known = _RulesInForce(campaign, now)
            self._rules[campaign.campaign_id] = known
        return known

    def has_room(self) -> bool:
        """Count a newcomer; False when there is no room for another before the next look."""
        self._room -= 1
        return self._room >= 0

    def set_task(self, campaign: Campaign, pid: bytes) -> Task:
        """Work for one person and today; its proof is good for some minutes."""
        now = self._app.clock()
        return set_task(
            self._work_key,
            pid=pid,
            day=self._rules_now(campaign, now).day_at(now),
            until=now + TASK_GOOD_FOR,
            most=self._app.settings.proof_of_work,
            randomness=self._app.random_bytes(16),
        )

    def _is_worked_for(
        self, campaign: Campaign, pid: bytes, asked: Entering, now: datetime
    ) -> bool:
        day = self._rules_now(campaign, now).day_at(now)
        return asked.proof is not None and is_done(
            self._work_key, asked.proof, pid=pid, day=day, now=now
        )

    def _look(self, due: float) -> None:
        """Every tenth of a second while anybody waits: turn away the late, and see how full it is.

        When no lane could answer a newcomer in time, newcomers are turned away unread until the
        next look. A loop that comes late to this look comes late to everything.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._lag_s = now - due
        for queue in self._queues.values():
            queue.turn_away_late(now)
        within_s = ANSWER_WITHIN_S - self._lag_s
        self._room = sum(queue.room(now, within_s) for queue in self._queues.values())
        self._is_full = not self._room
        self._looking = None
        if any(queue.waiting for queue in self._queues.values()):
            self._look_soon()
        else:
            self._room, self._is_full, self._lag_s = math.inf, False, 0.0

    def _look_soon(self) -> None:
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_S, self._look, loop.time() + LOOK_S)

    def _queue(self, campaign_id: int, lane: int) -> BatchQueue[EntryRequest, EntryReceipt]:
        key = (campaign_id, lane)
        if key not in self._queues:
            self._queues[key] = BatchQueue(partial(self._settle, campaign_id, lane), self._turns)
        return self._queues[key]

    def _campaign(self, campaign_id: int) -> Campaign:
        campaign = self._campaigns.by_id(campaign_id)
        assert campaign is not None, "a campaign does not vanish"
        return campaign

    async def _settle(
        self, campaign_id: int, lane: int, requests: Sequence[EntryRequest]
    ) -> Sequence[Entered]:
        if awaits_release(self._campaign(campaign_id), self._app.clock()):
            # Perhaps the money came since the campaign was read, and nobody is sent away for that.
            await self._campaigns.refresh_soon()
        campaign = self._campaign(campaign_id)
        batch = LaneBatch(campaign=campaign, lane=lane, requests=requests)
        answers = await enter_draws(self._app, batch)
        self._recent.take_receipts(campaign_id, answers)
        self._receipts.take(campaign_id, requests, answers)
        self.held.let_in(len(answers))
        return answers
