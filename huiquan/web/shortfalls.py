"""An order below the threshold is refused with its sums: what it takes, what it is, what lacks.

门槛差额。 Cashier and customer can do something about it: buy more, or take another voucher.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from huiquan.domain.refusals import Refusal
from huiquan.domain.shortfalls import Shortfall
from huiquan.web.answers import RefusedError, accepted

T = TypeVar("T")


async def accepted_order(
    outcome: T | Refusal, shortfall: Callable[[], Awaitable[Shortfall | None]]
) -> T:
    """The outcome, or its refusal; what an order lacks is asked for only when it is too small."""
    if outcome is Refusal.BELOW_THRESHOLD:
        raise _too_small(await shortfall())
    return accepted(outcome)


def _too_small(short: Shortfall | None) -> RefusedError:
    """The refusal, with its sums in sentence and detail; without them where nobody knows any."""
    if short is None:
        return RefusedError(Refusal.BELOW_THRESHOLD)
    sums = {
        "threshold_fen": short.threshold_fen,
        "net_fen": short.net_fen,
        "missing_fen": short.missing_fen,
    }
    return RefusedError(Refusal.BELOW_THRESHOLD, sums, said=(short.zh, short.en))
