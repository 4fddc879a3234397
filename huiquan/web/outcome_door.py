"""The outcome door: what did I draw? The second address of the rush.  结果门

Whoever entered asks here, and with `wait` is held until the round is drawn. Who is held costs
a few hundred bytes; how many may be held at a time is bounded.

    knock -> known -> held until final -> outcome
"""

import asyncio
import re

from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.domain.tokens import Claims, Door
from huiquan.web.answers import DATABASE_FAULTS
from huiquan.web.callers import ConsumerCaller, claims_in, token_keys
from huiquan.web.logs import web_log
from huiquan.web.outcomes import Outcomes
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush import PATH, Knock, Reply
from huiquan.web.rush_answers import BROKEN, Answer, refused, told

LOG = web_log()
LINE = re.compile(rb"GET /api/v1/draws/([2-9][0-9]{7})(?:\?wait=([0-5]))?")
HELD_MAX = 20_000


class OutcomeDoor:
    """Those who ask for an outcome of one web process."""

    def __init__(self, app: App, outcomes: Outcomes, refusals: RefusalCounts) -> None:
        self._app = app
        self._keys = token_keys(app)
        self._outcomes = outcomes
        self._refusals = refusals
        self._held: set[asyncio.Task[None]] = set()

    def knock(self, knock: Knock, reply: Reply) -> None:
        """Answer one request, now or when its round is drawn. (R1.3)"""
        claims = claims_in(self._keys, knock.authorization, Door.CONSUMER, self._app.clock())
        if isinstance(claims, Refusal):
            reply(self._refuse(claims))
        elif len(self._held) >= HELD_MAX:
            reply(self._refuse(Refusal.BUSY))
        else:
            task = asyncio.create_task(self._hold(claims, knock.line, reply))
            self._held.add(task)
            task.add_done_callback(self._held.discard)

    async def _hold(self, claims: Claims, line: bytes, reply: Reply) -> None:
        asked = LINE.fullmatch(line)
        assert asked is not None, "the protocol brings what this line describes"
        caller = ConsumerCaller(
            campaign_id=claims.campaign_id, lane=claims.lane, pid=claims.who, device=claims.device
        )
        try:
            found = await self._outcomes.outcome(caller, int(asked[1]), int(asked[2] or 0))
        except DATABASE_FAULTS:
            found = Refusal.BUSY
        except Exception as error:
            LOG.error("unforeseen error", path=PATH, exc_info=error)
            reply(BROKEN)
            return
        reply(self._refuse(found) if isinstance(found, Refusal) else told(found))

    def _refuse(self, refusal: Refusal) -> Answer:
        self._refusals.count(PATH, refusal)
        return refused(refusal)
