"""The outcome door: what did I draw? The second address of the rush.  结果门

Whoever entered asks here, and with `wait` is held until the round is drawn. Who is held costs
a few hundred bytes and no task; how many may be held at a time is bounded.

    knock -> known -> held until final -> outcome
"""

import re

import msgspec

from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.domain.tokens import Door
from huiquan.views.outcomes import DrawView
from huiquan.web.callers import claims_in, token_keys
from huiquan.web.outcomes import Outcomes, show
from huiquan.web.rush import Knock, Reply
from huiquan.web.rush_answers import told
from huiquan.web.rush_refusals import RushRefusals

LINE = re.compile(rb"GET /api/v1/draws/([2-9][0-9]{7})(?:\?wait=([0-5]))?")

_encode = msgspec.json.Encoder().encode


class OutcomeDoor:
    """Those who ask for an outcome of one web process."""

    def __init__(self, app: App, outcomes: Outcomes, refusals: RushRefusals) -> None:
        self._app = app
        self._keys = token_keys(app)
        self._outcomes = outcomes
        self._refusals = refusals

    def knock(self, knock: Knock, reply: Reply) -> None:
        """Answer one request, now or when its round is drawn. (R1.3)"""

        def hear(found: DrawView | Refusal | Exception) -> None:
            if isinstance(found, DrawView):
                reply(told(_encode(show(found))))
            else:
                self._refusals.say(found, reply)

        claims = claims_in(self._keys, knock.authorization, Door.CONSUMER, self._app.clock())
        if isinstance(claims, Refusal):
            hear(claims)
            return
        asked = LINE.fullmatch(knock.line)
        assert asked is not None, "the protocol brings what this line describes"
        person = (claims.lane, claims.who, int(asked[1]))
        self._outcomes.ask(claims.campaign_id, person, int(asked[2] or 0), hear)
