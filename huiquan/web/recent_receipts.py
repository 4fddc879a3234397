"""Receipts of a moment ago, in memory: who taps again is given what they were given.  近期回执

A page whose answer was lost taps again, and machines tap on all day. In the lane's next batch that
would cost journeys and a signature each time, and take the place of somebody who is new; here it
costs a look. What stands here was committed, and an entry never changes. The oldest are forgotten
first; who is not here is judged with the batch, as ever.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from huiquan.domain.entering import EntryRequest, Tap
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import ENTRY_HEAD

# A receipt with its path is about a kilobyte.
KEPT = 10_000


class Given(NamedTuple):
    """A receipt that was given. Of which day and for which tap only those who ask again make us
    find out: hardly one in a thousand."""

    request: EntryRequest
    receipt: EntryReceipt

    @property
    def day(self) -> int:
        """The day of the draw."""
        _, _, day, _ = ENTRY_HEAD.unpack_from(self.receipt.entry)
        return int(day)

    @property
    def tap(self) -> Tap:
        """The tap it was given for."""
        return self.request.tap


class RecentReceipts:
    """The newest receipts of one web process, one for each person of a campaign."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._by_person: OrderedDict[tuple[int, bytes], Given] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_person)

    def find(self, campaign_id: int, pid: bytes) -> Given | None:
        """What this person was given last, if it is one of these."""
        return self._by_person.get((campaign_id, pid))

    def take(
        self,
        campaign_id: int,
        requests: Sequence[EntryRequest],
        answers: Sequence[EntryReceipt | Refusal],
    ) -> None:
        """Take up what a committed batch answered, in the order of its requests."""
        known = self._by_person
        for request, receipt in zip(requests, answers, strict=True):
            if isinstance(receipt, EntryReceipt):
                person = campaign_id, request.pid
                known[person] = Given(request, receipt)
                # Not to be forgotten in the place of an earlier one.
                known.move_to_end(person)
        while len(known) > self._kept:
            known.popitem(last=False)
