"""Why not: what both doors of the rush say to whoever gets nothing, and what they count.  拒绝"""

from collections.abc import Callable

from huiquan.domain.refusals import Refusal
from huiquan.web.answers import DATABASE_FAULTS
from huiquan.web.held_answers import HeldAnswers
from huiquan.web.logs import web_log
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush_answers import BROKEN, Answer

LOG = web_log()
PATH = "/api/v1/draws"


class RushRefusals:
    """The refusals of one web process at the doors of the rush."""

    def __init__(self, counts: RefusalCounts, held: HeldAnswers) -> None:
        self._counts = counts
        self._held = held

    def say(self, why: Refusal | Exception, reply: Callable[[Answer], None]) -> None:
        """Count a refusal and say it, some of them later; a fault of ours is logged."""
        if isinstance(why, DATABASE_FAULTS):
            # The commit may or may not have gone through: asking again with this key tells.
            why = Refusal.BUSY
        if isinstance(why, Refusal):
            self._counts.count(PATH, why)
            self._held.refuse(why, reply)
        else:
            LOG.error("unforeseen error", path=PATH, exc_info=why)
            reply(BROKEN)
