"""Recent receipts: the newest of each person, and never more than so many."""

from datetime import UTC, datetime, timedelta

from huiquan.domain.entering import PROMISE_S, EntryRequest
from huiquan.domain.receipts import EntryReceipt, entry_receipts
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Entry, encode_entry
from huiquan.domain.signing import signer_from
from huiquan.web.recent_receipts import RecentReceipts

CAMPAIGN, DAY = 7, 20260206
AT = datetime(2026, 2, 6, 2, 0, 0, 123000, tzinfo=UTC)


def request(n: int) -> EntryRequest:
    """The tap of the person with this number."""
    return EntryRequest(
        pid=n.to_bytes(16, "big"),
        pack=2,
        client_nonce=bytes(16),
        request_key=f"key-of-{n}",
        place=Refusal.LOCATION_MISSING,
    )


def receipt(n: int, day: int = DAY) -> EntryReceipt:
    """What this person is given."""
    asked = request(n)
    entry = Entry(
        lane=3,
        day=day,
        idx=n,
        pack=asked.pack,
        pid=asked.pid,
        client_nonce=asked.client_nonce,
        elig=bytes(32),
    )
    said = [(bytes(32), encode_entry(entry), AT + timedelta(days=day - DAY))]
    return entry_receipts(signer_from(bytes(32)), said, PROMISE_S)[0]


def test_only_who_was_given_a_receipt_is_known_and_in_their_own_campaign() -> None:
    known = RecentReceipts()
    known.take(CAMPAIGN, [request(1), request(2)], [receipt(1), Refusal.LOCATION_MISSING])
    given = known.find(CAMPAIGN, request(1).pid)
    assert given is not None
    assert (given.day, given.tap, given.receipt) == (DAY, request(1).tap, receipt(1))
    assert known.find(CAMPAIGN, request(2).pid) is None
    assert known.find(CAMPAIGN + 1, request(1).pid) is None


def test_todays_receipt_takes_yesterdays_place_and_is_the_newest() -> None:
    known = RecentReceipts(kept=2)
    known.take(CAMPAIGN, [request(1), request(2)], [receipt(1), receipt(2)])
    known.take(CAMPAIGN, [request(1)], [receipt(1, DAY + 1)])
    known.take(CAMPAIGN, [request(3)], [receipt(3)])
    assert len(known) == 2
    assert known.find(CAMPAIGN, request(2).pid) is None
    given = known.find(CAMPAIGN, request(1).pid)
    assert given is not None
    assert given.day == DAY + 1


def test_the_oldest_are_forgotten_first() -> None:
    known = RecentReceipts(kept=10)
    for n in range(100):
        known.take(CAMPAIGN, [request(n)], [receipt(n)])
        assert len(known) <= 10
    found = [n for n in range(100) if known.find(CAMPAIGN, request(n).pid) is not None]
    assert found == list(range(90, 100))
