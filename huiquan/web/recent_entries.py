"""Entries of a moment ago, in memory: who has just entered is known when they ask.  近期参与

The rush puts every batch in once it is committed, and whoever entered at another process is put in
when they were read. A committed entry never changes, so what stands here is what the tables say;
what is not here is read there. The oldest are forgotten first.
"""

from collections import OrderedDict
from collections.abc import Iterable

from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import ENTRY_HEAD
from huiquan.views.outcomes import Entered

# About twenty seconds of a busy process, and twenty megabytes.
KEPT = 50_000


class RecentEntries:
    """The newest entries one web process knows, whichever lane or campaign they are of."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._by_person: OrderedDict[tuple[int, bytes, int], Entered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_person)

    def find(self, campaign_id: int, pid: bytes, day: int) -> Entered | None:
        """A person's entry of a day, if it is one of these."""
        return self._by_person.get((campaign_id, pid, day))

    def take_receipts(self, campaign_id: int, answers: Iterable[EntryReceipt | Refusal]) -> None:
        """Take up what a committed batch gave its people: each receipt holds its entry."""
        self.take(campaign_id, [_entered(one) for one in answers if isinstance(one, EntryReceipt)])

    def take(self, campaign_id: int, entries: Iterable[Entered]) -> None:
        """Take up committed entries, and forget the oldest when there are too many."""
        known = self._by_person
        for one in entries:
            known[campaign_id, one.pid, one.day] = one
        while len(known) > self._kept:
            known.popitem(last=False)


def _entered(receipt: EntryReceipt) -> Entered:
    raw = receipt.entry
    _, lane, day, idx = ENTRY_HEAD.unpack_from(raw)
    pack, pid = raw[ENTRY_HEAD.size], raw[ENTRY_HEAD.size + 1 : ENTRY_HEAD.size + 17]
    return Entered(lane, pid, day, idx, pack, receipt.entered_at)
