"""Recent entries: what stands here is what was committed, and never more than so many."""

from datetime import UTC, datetime

from huiquan.domain.entering import PROMISE_S
from huiquan.domain.receipts import entry_receipts
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Entry, encode_entry
from huiquan.domain.signing import signer_from
from huiquan.views.outcomes import Entered
from huiquan.web.recent_entries import RecentEntries

CAMPAIGN, DAY = 7, 20260206
AT = datetime(2026, 2, 6, 2, 0, 0, 123000, tzinfo=UTC)


def entry(idx: int, *, day: int = DAY) -> Entry:
    """The entry of the person with this number."""
    return Entry(
        lane=3,
        day=day,
        idx=idx,
        pack=2,
        pid=idx.to_bytes(16, "big"),
        client_nonce=bytes(16),
        elig=bytes(32),
    )


def entered(idx: int, *, day: int = DAY) -> Entered:
    """The same as the tables tell it."""
    return Entered(3, idx.to_bytes(16, "big"), day, idx, 2, AT)


def test_a_receipt_tells_the_entry_that_its_tables_tell() -> None:
    raws = [(bytes(32), encode_entry(entry(idx)), AT) for idx in (5, 258, 2**40)]
    receipts = entry_receipts(signer_from(bytes(32)), raws, PROMISE_S)
    known = RecentEntries()
    known.take_receipts(CAMPAIGN, [receipts[0], Refusal.ALREADY_ENTERED, *receipts[1:]])
    assert len(known) == 3
    for idx in (5, 258, 2**40):
        assert known.find(CAMPAIGN, idx.to_bytes(16, "big"), DAY) == entered(idx)


def test_another_day_campaign_or_person_is_not_known() -> None:
    known = RecentEntries()
    known.take(CAMPAIGN, [entered(1)])
    pid = (1).to_bytes(16, "big")
    assert known.find(CAMPAIGN, pid, DAY) == entered(1)
    assert known.find(CAMPAIGN, pid, DAY + 1) is None
    assert known.find(CAMPAIGN + 1, pid, DAY) is None
    assert known.find(CAMPAIGN, bytes(16), DAY) is None


def test_no_more_are_kept_than_so_many_and_the_oldest_are_forgotten() -> None:
    known = RecentEntries(kept=100)
    for idx in range(1000):
        known.take(CAMPAIGN, [entered(idx)])
        assert len(known) <= 100
    found = [known.find(CAMPAIGN, idx.to_bytes(16, "big"), DAY) for idx in range(1000)]
    assert found == [None] * 900 + [entered(idx) for idx in range(900, 1000)]


def test_a_batch_larger_than_what_is_kept_leaves_its_newest() -> None:
    known = RecentEntries(kept=10)
    known.take(CAMPAIGN, [entered(idx) for idx in range(25)])
    assert [known.find(CAMPAIGN, idx.to_bytes(16, "big"), DAY) for idx in (14, 15, 24)] == [
        None,
        entered(15),
        entered(24),
    ]


def test_an_entry_that_is_told_again_is_kept_once() -> None:
    known = RecentEntries(kept=2)
    known.take(CAMPAIGN, [entered(1), entered(2), entered(1), entered(2)])
    assert len(known) == 2
    assert known.find(CAMPAIGN, (1).to_bytes(16, "big"), DAY) == entered(1)
