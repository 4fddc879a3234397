""" "I entered, and my entry vanished." "We both entered, and it was one entry for two."

After a receipt has left, the platform would like to be rid of an entry. Or it gives the same entry
to two people: at most one of them can win, and a voucher is saved.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from huiquan.domain import receipts, rounds
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_day import verify_day
from tests.attacks.weakened import believing_reader
from tests.domain.draw_days import OPENS, SIGNERS, DrawDay
from tests.drills.drafts import Files

PLATFORM = SIGNERS["platform"]
verify_believing = partial(verify_day, reader=believing_reader)
Accept = Callable[[EntryReceipt, bytes], bool]


def receipt_for(day: DrawDay, entry: rounds.Entry) -> EntryReceipt:
    """The receipt that leaves before the round is sealed."""
    said = [(day.cfg_hash, rounds.encode_entry(entry), OPENS)]
    (receipt,) = receipts.entry_receipts(PLATFORM, said, 60)
    return receipt


def proves_dropping(receipt: EntryReceipt, nonce: bytes, files: Files) -> bool:
    """What a journalist concludes from a receipt and the published day: it was promised, and is
    not there."""
    entry = rounds.decode_entry(receipt.entry)
    listed = rounds.split_entries(files[f"entries/{entry.lane}.bin"])
    return receipts.is_entry_receipt(receipt, PLATFORM.key, nonce) and receipt.entry not in listed


def day_without(day: DrawDay, renumber: bool) -> Files:
    """The day drawn without the third entry of lane 0; the later ones move up, or leave a gap."""
    waiting = day.lanes[0].entries
    del waiting[2]
    if renumber:
        waiting[:] = [replace(entry, idx=idx) for idx, entry in enumerate(waiting)]
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        day.draw(lane.lane, 10)
    return day.files(taken)


@pytest.mark.requirement("R5.1")
def test_a_dropped_entry_leaves_a_gap_that_only_a_believing_verifier_overlooks() -> None:
    day = DrawDay()
    day.enter(40)
    files = day_without(day, renumber=False)
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert (finding.wrong, finding.idx) == (Wrong.IDX_GAP, 2)


@pytest.mark.requirement("R1.3")
def test_where_the_others_move_up_the_signed_receipt_is_the_proof() -> None:
    """The list is then flawless in itself: without signed receipts nobody could prove anything."""
    day = DrawDay()
    day.enter(40)
    victim = day.lanes[0].entries[2]
    signed = receipt_for(day, victim)
    unsigned = msgspec.structs.replace(signed, signature=bytes(64))
    files = day_without(day, renumber=True)
    assert verify_day(files).is_right
    assert not proves_dropping(unsigned, victim.client_nonce, files)
    assert proves_dropping(signed, victim.client_nonce, files)


@pytest.mark.requirement("R1.3")
def test_each_of_a_hundred_dropped_people_holds_a_proof_of_their_own() -> None:
    """T7. Who moved up holds one, too: their number is another's now."""
    day = DrawDay()
    entered = day.enter(300)
    dropped = {entry.pid for entry in entered[::3]}
    for lane in day.lanes:
        kept = [entry for entry in lane.entries if entry.pid not in dropped]
        lane.entries[:] = [replace(entry, idx=idx) for idx, entry in enumerate(kept)]
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    unmoved = {entry.pid for lane in day.lanes for entry in lane.entries if entry in entered}
    while any(lane.entries for lane in day.lanes):
        for lane in day.lanes:
            if lane.entries:
                day.draw(lane.lane, 10)
    files = day.files(taken)
    assert verify_day(files).is_right
    proven = {
        entry.pid
        for entry in entered
        if proves_dropping(receipt_for(day, entry), entry.client_nonce, files)
    }
    assert len(dropped) == 100
    assert dropped <= proven
    assert not unmoved & proven


def page_without_a_nonce(receipt: EntryReceipt, _: bytes) -> bool:
    """A page that looks at the signature only, and not at what it chose itself."""
    own = rounds.decode_entry(receipt.entry).client_nonce
    return receipts.is_entry_receipt(receipt, PLATFORM.key, own)


def our_page(receipt: EntryReceipt, nonce: bytes) -> bool:
    """Our page: the receipt must carry the nonce it chose itself."""
    return receipts.is_entry_receipt(receipt, PLATFORM.key, nonce)


@pytest.mark.parametrize(
    ("page", "content"), [(page_without_a_nonce, [True, True]), (our_page, [True, False])]
)
def test_one_entry_shown_to_two_people_contents_both_only_if_pages_choose_nothing(
    page: Accept, content: list[bool]
) -> None:
    day = DrawDay()
    first, second = day.enter(2)
    shared = receipt_for(day, first)
    assert [page(shared, one.client_nonce) for one in (first, second)] == content
