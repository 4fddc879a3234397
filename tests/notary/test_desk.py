"""The desk: what is signed once, what is never signed, and what waits through an outage.  签发台"""

import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huiquan.domain import merkle, rounds
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import Purpose
from notary.desk import SealRequest
from notary.refusals import No
from tests.domain.draw_days import DAY, LANES, OPENS, SIGNERS, DrawDay
from tests.notary.houses import Pair, answer, open_desk, request_for


@pytest.mark.requirement("R5.1")
def test_a_whole_day_is_signed_round_by_round(pair: Pair) -> None:
    for hour in (10, 11):
        pair.clock.now = OPENS.replace(hour=hour)
        for lane in range(LANES):
            pair.draw(lane, 10)
            pair.draw(lane, 10)
    assert [row.seq for row in pair.notary.book.last_rounds()] == [3, 3]
    assert pair.notary.book.refusal_count() == pair.auditor.book.refusal_count() == 0


def test_a_seal_asked_again_gets_the_same_answer(pair: Pair) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    request = request_for(seal, taken)
    first = answer(pair.notary, request)
    assert isinstance(first, bytes)
    pair.notary.settling._proofs.clear()
    assert answer(pair.notary, request) == first
    pair.clock.now += timedelta(days=3)
    assert answer(pair.notary, request) == first


def rivals(day: DrawDay, taken: list[Entry], seal: rounds.Seal, count: int) -> list[SealRequest]:
    """Other seals for the same round: the same people with other nonces."""
    requests = []
    for number in range(count):
        nonce = number.to_bytes(16, "big")
        other = [replace(taken[0], client_nonce=nonce), *taken[1:]]
        root = merkle.root_of(map(rounds.encode_entry, other))
        requests.append(request_for(replace(seal, root=root), other))
    return requests


@pytest.mark.requirement("R2.1")
def test_a_thousand_other_seals_for_a_signed_round_get_no_second_proof(pair: Pair) -> None:
    """Grinding (T1): the platform tries many lists for one round and would keep the best."""
    seal, taken = pair.day.seal(0, 10, 10)
    first = answer(pair.notary, request_for(seal, taken))
    assert isinstance(first, bytes)
    given = pair.notary.sign(rivals(pair.day, taken, seal, 1000))
    assert {one.no for one in given} == {No.CONFLICT}  # type: ignore[union-attr]
    assert pair.notary.book.refusal_count() == 1000
    (evidence,) = pair.notary.book.refusals(1)
    kept = rounds.decode_seal(evidence["seal"])
    assert (kept.lane, kept.seq) == (0, 0)
    assert answer(pair.notary, request_for(seal, taken)) == first


def test_two_seals_for_one_round_at_once_end_in_exactly_one_signature(pair: Pair) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    requests = [request_for(seal, taken), *rivals(pair.day, taken, seal, 15)]
    # Half of the threads use a second connection to the same book, as a second process would.
    second = open_desk(pair.home / "notary", "notary", pair.clock)
    answers: list[bytes | No] = []
    start = threading.Barrier(len(requests))

    def ask(number: int) -> None:
        start.wait()
        answers.append(answer(second if number % 2 else pair.notary, requests[number]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, bytes) for one in answers) == 1
    assert sum(one is No.CONFLICT for one in answers) == len(requests) - 1


def test_the_book_is_durable_and_holds_one_seal_for_each_round(pair: Pair) -> None:
    pair.draw(0)
    db = sqlite3.connect(pair.home / "notary" / "book.sqlite")
    assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert pair.notary.book._db.execute("pragma synchronous").fetchone() == (2,)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("insert into round select * from round")


def test_several_lanes_share_one_flush_and_are_judged_apart(pair: Pair) -> None:
    (seal0, taken0), (seal1, taken1) = pair.day.seal(0, 10, 10), pair.day.seal(1, 10, 10)
    bad = request_for(replace(seal1, seq=3), taken1)
    given = pair.notary.sign([request_for(seal0, taken0), bad, request_for(seal1, taken1)])
    assert [getattr(one, "no", None) for one in given] == [None, No.SEQ_GAP, None]


WRONG_FIRST: dict[str, tuple[dict[str, Any], No]] = {
    "another config": ({"cfg_hash": bytes(32)}, No.CONFIG_UNKNOWN),
    "another epoch": ({"epoch": 1}, No.CONFIG_NOT_IN_FORCE),
    "another lane": ({"lane": 1}, No.WRONG_ENTRY),
    "round 1 before round 0": ({"seq": 1}, No.SEQ_GAP),
    "a link to nowhere": ({"prev_seal_hash": b"x" * 32}, No.CHAIN_BROKEN),
    "one more than there are": ({"count": 11}, No.WRONG_COUNT),
    "nobody": ({"count": 0}, No.WRONG_COUNT),
    "another root": ({"root": bytes(32)}, No.WRONG_ROOT),
    "another day": ({"day": DAY + 1}, No.CONFIG_NOT_IN_FORCE),
    "the next hour": ({"slot": 11}, No.SLOT_AHEAD),
    "hour 99": ({"slot": 99}, No.SLOT_AHEAD),
    "one voucher more": ({"left_before": (4, 4, 5)}, No.WRONG_STOCK),
    "a tier less": ({"left_before": (4, 4)}, No.CONFIG_NOT_IN_FORCE),
}


@pytest.mark.parametrize("name", WRONG_FIRST)
def test_a_wrong_seal_is_refused_and_kept(pair: Pair, name: str) -> None:
    changes, no = WRONG_FIRST[name]
    seal, taken = pair.day.seal(0, 10, 10)
    wrong = replace(seal, **changes)
    assert wrong != seal
    assert answer(pair.notary, request_for(wrong, taken)) is no
    assert pair.notary.book.refusal_count() == (0 if no is No.CONFIG_UNKNOWN else 1)
    assert isinstance(answer(pair.notary, request_for(seal, taken)), bytes)


def entries_with(taken: list[Entry], **changes: Any) -> list[Entry]:
    """The entries with the third one changed."""
    return [*taken[:2], replace(taken[2], **changes), *taken[3:]]


@pytest.mark.parametrize(
    ("changes", "no"),
    [
        ({"idx": 50}, No.IDX_GAP),
        ({"day": DAY + 1}, No.WRONG_ENTRY),
        ({"pack": 3}, No.UNKNOWN_PACK),
        ({"pid": "other lane"}, No.WRONG_LANE),
        ({"pid": "twice"}, No.PID_TWICE),
    ],
    ids=lambda one: str(one),
)
def test_wrong_entries_are_refused_even_if_they_are_sealed(
    pair: Pair, changes: dict[str, Any], no: No
) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    pids = {"other lane": pair.day.lanes[1].entries[0].pid, "twice": taken[1].pid}
    changes = {name: pids.get(value, value) for name, value in changes.items()}
    other = entries_with(taken, **changes)
    root = merkle.root_of(map(rounds.encode_entry, other))
    assert answer(pair.notary, request_for(replace(seal, root=root), other)) is no
    assert isinstance(answer(pair.notary, request_for(seal, taken)), bytes)


def test_a_person_who_entered_in_an_earlier_round_is_refused_after_a_restart_too(
    pair: Pair,
) -> None:
    again = pair.day.lanes[0].entries[0]
    pair.draw(0, 10)
    pair.notary.book.close()
    pair.open()
    pair.day.lanes[0].entries[0] = replace(again, idx=10)
    seal, taken = pair.day.seal(0, 10, 10)
    request = request_for(seal, taken, previous_final=pair.finals[0])
    assert answer(pair.notary, request) is No.PID_TWICE


def test_first_idx_and_stock_follow_from_the_round_before(pair: Pair) -> None:
    pair.draw(0, 10)
    seal, taken = pair.day.seal(0, 10, 10)
    final = pair.finals[0]
    for changes, no in (
        ({"first_idx": 11}, No.IDX_GAP),
        ({"prev_seal_hash": ZERO_HASH}, No.CHAIN_BROKEN),
        ({"left_before": tuple(left + 1 for left in seal.left_before)}, No.WRONG_STOCK),
        ({"slot": 9}, No.SLOT_FELL),
    ):
        moved = replace(seal, **changes)
        shift = moved.first_idx - seal.first_idx
        other = [replace(entry, idx=entry.idx + shift) for entry in taken]
        moved = replace(moved, root=merkle.root_of(map(rounds.encode_entry, other)))
        assert answer(pair.notary, request_for(moved, other, previous_final=final)) is no
    assert isinstance(answer(pair.notary, request_for(seal, taken, previous_final=final)), bytes)


def test_the_notary_draws_the_round_before_itself_and_believes_no_other_final(pair: Pair) -> None:
    pair.draw(0, 10)
    seal, taken = pair.day.seal(0, 10, 10)
    good = pair.finals[0]
    final = rounds.decode_final(good)
    kept = tuple(one + 1 for one in final.kept)
    lies = [
        (None, No.FINAL_NEEDED),
        (good[:-1], No.FINAL_WRONG),
        (rounds.encode_final(replace(final, kept=kept)), No.FINAL_WRONG),
        (rounds.encode_final(replace(final, seed=bytes(32))), No.FINAL_WRONG),
        (rounds.encode_final(replace(final, pi_auditor=final.pi_notary)), No.BAD_PROOF),
    ]
    for told, no in lies:
        assert answer(pair.notary, request_for(seal, taken, previous_final=told)) is no
    assert isinstance(answer(pair.notary, request_for(seal, taken, previous_final=good)), bytes)


def test_the_auditor_signs_only_after_the_notary(pair: Pair) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    assert answer(pair.auditor, request_for(seal, taken)) is No.BAD_PROOF
    assert answer(pair.auditor, request_for(seal, taken, pi_notary=bytes(80))) is No.BAD_PROOF
    proof = answer(pair.notary, request_for(seal, taken))
    assert isinstance(proof, bytes)
    assert isinstance(answer(pair.auditor, request_for(seal, taken, pi_notary=proof)), bytes)


def test_what_the_platform_did_not_sign_is_refused_so_nobody_else_can_block_a_lane(
    pair: Pair,
) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    good = request_for(seal, taken)
    for signature in (b"", bytes(64), SIGNERS["notary"].sign(Purpose.SEAL, good.seal)):
        assert answer(pair.notary, replace(good, signature=signature)) is No.SEAL_UNSIGNED


def test_bytes_that_are_no_records_are_refused(pair: Pair) -> None:
    good = request_for(*pair.day.seal(0, 10, 10))
    assert answer(pair.notary, replace(good, seal=good.seal[:-1])) is No.MALFORMED
    assert answer(pair.notary, replace(good, entries=good.entries[:-1])) is No.MALFORMED


# Hours: by the signer's own clock, and through an outage.


@pytest.mark.parametrize(
    ("second", "no"), [(-6, No.SLOT_AHEAD), (-5, None), (0, None), (3599, None)]
)
def test_the_hour_is_right_to_five_seconds(pair: Pair, second: int, no: No | None) -> None:
    pair.clock.now = OPENS + timedelta(seconds=second)
    given = answer(pair.notary, request_for(*pair.day.seal(0, 10, 10)))
    assert given is no if no else isinstance(given, bytes)


def test_a_round_that_waited_through_an_outage_is_signed_as_it_was_sealed(pair: Pair) -> None:
    """The notary was away for two hours: the same seal, so the same outcome (T3)."""
    pair.draw(0, 10)
    waiting, taken = pair.day.seal(0, 10, 10)
    pair.clock.now += timedelta(hours=2)
    final = pair.finals[0]
    assert isinstance(answer(pair.notary, request_for(waiting, taken, previous_final=final)), bytes)


def test_nobody_can_hold_the_hour_back_for_longer_than_one_round(pair: Pair) -> None:
    pair.draw(0, 10)
    pair.clock.now = OPENS.replace(hour=12, minute=30)
    seal, taken = pair.day.seal(0, 10, 10)
    pair.ask(seal, taken)
    pair.finals[0] = bytes.fromhex(pair.day.finish(seal, taken).final)
    late = request_for(*pair.day.seal(0, 11, 10), previous_final=pair.finals[0])
    assert answer(pair.notary, late) is No.SLOT_BEHIND


def test_entries_of_yesterday_are_drawn_with_its_last_hour(pair: Pair) -> None:
    pair.clock.now = OPENS.replace(hour=23, minute=59)
    pair.draw(0, 10)
    pair.clock.now += timedelta(minutes=5)
    seal, taken = pair.day.seal(0, 23, 10)
    assert isinstance(
        answer(pair.notary, request_for(seal, taken, previous_final=pair.finals[0])), bytes
    )
    pair.finals[0] = bytes.fromhex(pair.day.finish(seal, taken).final)
    once_more, others = pair.day.seal(0, 23, 10)
    final = pair.finals[0]
    assert isinstance(
        answer(pair.notary, request_for(once_more, others, previous_final=final)), bytes
    )


def test_yesterday_is_not_drawn_with_an_earlier_hour(pair: Pair) -> None:
    pair.draw(0, 10)
    pair.draw(0, 10)
    last = pair.notary.book.last_round("2026-mashangyouli/demo", 0, 0)
    assert last is not None
    tomorrow = int((OPENS + timedelta(days=1)).timestamp() * 1000)
    pair.notary.book._db.execute("update round set signed_ms = ? where seq = 1", (tomorrow,))
    pair.clock.now = OPENS + timedelta(days=1)
    request = request_for(*pair.day.seal(0, 11, 5), previous_final=pair.finals[0])
    assert answer(pair.notary, request) is No.SLOT_BEHIND


def test_finals_can_be_told_before_the_next_round(pair: Pair) -> None:
    pair.draw(0, 10)
    assert pair.notary.settle([pair.finals[0]]) == 1
    seal, taken = pair.day.seal(0, 10, 10)
    assert isinstance(answer(pair.notary, request_for(seal, taken)), bytes)
    stranger = pair.notary.settle([bytes(224)])
    assert getattr(stranger, "no", None) is No.NOT_FOUND
    twisted = pair.finals[0][:-1] + b"\x01"
    refused = pair.notary.settle([twisted])
    assert getattr(refused, "no", None) is No.FINAL_WRONG


def test_a_witness_signs_no_rounds(pair: Pair) -> None:
    witness = open_desk(pair.home / "witness", "witness", pair.clock, party="auditor")
    assert answer(witness, request_for(*pair.day.seal(0, 10, 10))) is No.NOT_A_SIGNER
