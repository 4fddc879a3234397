"""The ledger's chain: nothing in the books changes unseen."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import ledger
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.ledger import HOUSE_LANE, Account, of_lane
from huiquan.domain.ledger_chain import (
    BookedTransfer,
    Link,
    close_link,
    flaw_in_link,
    transfer_bytes,
)
from tests.domain.tills import at

BOOKED_AT = datetime(2026, 2, 6, 2, 0, 1, tzinfo=UTC)


def booked(no: int) -> BookedTransfer:
    """The transfer with this number in the book of lane 3."""
    moved = ledger.reserve(lane=3, idx=no, amount_fen=20_000, ref=f"V001-{no}")
    return BookedTransfer(
        campaign_id=1, lane=3, no=no, transfer=moved, day=20260206, booked_at=BOOKED_AT
    )


BOOK = [booked(no) for no in range(10)]
FIRST = close_link(None, BOOK[:4])
SECOND = close_link(FIRST, BOOK[4:])


def test_a_transfer_is_written_in_one_way_only() -> None:
    written = (
        b'{"amount_fen":20000,"booked_at":"2026-02-06T02:00:01.000000+00:00","campaign_id":1,'
        b'"credit":["reserved",3,""],"day":20260206,"debit":["released",3,""],"idx":7,'
        b'"kind":"reserve","lane":3,"no":7,"ref":"V001-7"}'
    )
    assert transfer_bytes(booked(7)) == written
    assert transfer_bytes(replace(booked(7), booked_at=at("06 10:00:01"))) == written


def test_links_follow_each_other_without_a_gap() -> None:
    assert (FIRST.link_no, FIRST.first_no, FIRST.next_no, FIRST.prev_hash) == (0, 0, 4, ZERO_HASH)
    assert (SECOND.link_no, SECOND.first_no, SECOND.next_no) == (1, 4, 10)
    assert SECOND.prev_hash == FIRST.link_hash
    assert flaw_in_link(None, FIRST, BOOK[:4]) is None
    assert flaw_in_link(FIRST, SECOND, BOOK[4:]) is None


def test_another_implementation_gets_the_same_fingerprint() -> None:
    """Written out with nothing but SHA-256, as a stranger would."""
    digest = hashlib.sha256(b"\x04link" + bytes(32))
    for row in BOOK[:4]:
        written = transfer_bytes(row)
        digest.update(len(written).to_bytes(4, "big") + written)
    assert FIRST.link_hash == digest.digest()


CHANGES = {
    "amount": lambda row: replace(row, transfer=replace(row.transfer, amount_fen=1)),
    "ref": lambda row: replace(row, transfer=replace(row.transfer, ref="V001-99")),
    "voucher": lambda row: replace(row, transfer=replace(row.transfer, idx=None)),
    "account": lambda row: replace(
        row, transfer=replace(row.transfer, credit=of_lane(Account.RETURNED, 3))
    ),
    "kind": lambda row: replace(row, transfer=replace(row.transfer, kind=ledger.Kind.EXPIRE)),
    "day": lambda row: replace(row, day=20260207),
    "time": lambda row: replace(row, booked_at=BOOKED_AT + timedelta(microseconds=1)),
    "number": lambda row: replace(row, no=row.no + 1),
    "book": lambda row: replace(row, lane=HOUSE_LANE),
    "campaign": lambda row: replace(row, campaign_id=2),
}


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("what", CHANGES)
@given(place=st.integers(0, 5))
def test_no_field_of_any_transfer_can_be_edited_quietly(what: str, place: int) -> None:
    rows = list(BOOK[4:])
    rows[place] = CHANGES[what](rows[place])
    assert flaw_in_link(FIRST, SECOND, rows) is not None


@given(st.permutations(BOOK[4:]), st.integers(0, 6))
def test_no_transfer_can_be_dropped_added_or_moved(
    shuffled: list[BookedTransfer], cut: int
) -> None:
    assert (flaw_in_link(FIRST, SECOND, shuffled) is None) == (shuffled == BOOK[4:])
    assert (flaw_in_link(FIRST, SECOND, BOOK[4 : 4 + cut]) is None) == (cut == 6)
    assert flaw_in_link(FIRST, SECOND, [*BOOK[4:], booked(10)]) is not None
    assert flaw_in_link(None, SECOND, BOOK[4:]) is not None


@pytest.mark.parametrize("field", ["link_no", "first_no", "next_no", "prev_hash", "link_hash"])
def test_no_link_can_be_edited_quietly(field: str) -> None:
    changed: Link = replace(
        SECOND, **{field: bytes(32) if field.endswith("hash") else getattr(SECOND, field) + 1}
    )
    assert flaw_in_link(FIRST, changed, BOOK[4:]) is not None


@pytest.mark.parametrize("rows", [[], BOOK[5:], [BOOK[4], BOOK[6]]], ids=["none", "late", "gap"])
def test_a_link_is_closed_only_over_its_whole_stretch(rows: list[BookedTransfer]) -> None:
    with pytest.raises(AssertionError):
        close_link(FIRST, rows)
