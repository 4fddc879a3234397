"""An order below the threshold is refused with its sums: what it takes, what it is, what lacks.

门槛差额。 Cashier and customer can do something about it: buy more, or take another voucher.
"""

from huiquan.domain.refusals import Refusal
from huiquan.domain.shortfalls import Shortfall
from huiquan.web.answers import RefusedError


def refused_as_too_small(short: Shortfall | None) -> RefusedError:
    """The refusal, with its sums in sentence and detail; without them where nobody knows any."""
    if short is None:
        return RefusedError(Refusal.BELOW_THRESHOLD)
    sums = {
        "threshold_fen": short.threshold_fen,
        "net_fen": short.net_fen,
        "missing_fen": short.missing_fen,
    }
    return RefusedError(Refusal.BELOW_THRESHOLD, sums, said=(short.zh, short.en))
