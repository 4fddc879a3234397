"""A book restored from an older copy: it learns what it signed before it signs again.  账本恢复"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from huiquan.domain import merkle, rounds
from huiquan.domain.signing import Purpose
from notary.desk import Desk
from notary.peer import take_status
from notary.program import program_mark
from notary.refusals import No, Refused
from notary.renewal import PastRound
from notary.status import key_of, status_of
from tests.domain.draw_days import SIGNERS
from tests.notary.houses import Pair, answer, open_desk, request_for


def copy_book(pair: Pair, role: str, target: Path) -> Path:
    """Back up a signer's home."""
    desk: Desk = getattr(pair, role)
    desk.book._db.execute("pragma wal_checkpoint(truncate)")
    shutil.copytree(pair.home / role, target)
    return target


def status_bytes(desk: Desk) -> bytes:
    """The signed status as it travels."""
    return msgspec.json.encode(status_of(desk))


def past(pair: Pair, lane: int = 0) -> list[tuple[bytes, bytes, bytes]]:
    """Every final round of a lane: seal, entries, final."""
    return [
        (rounds.encode_seal(seal), rounds.encode_entries(taken), final)
        for seal, taken, final in pair.asked
        if seal.lane == lane
    ]


def learn(desk: Desk, items: Sequence[tuple[bytes, ...]]) -> int | Refused:
    """Let a signer learn rounds of the past."""
    return desk.catch_up(
        [PastRound(seal=seal, entries=entries, final=final) for seal, entries, final in items]
    )


def with_proofs(final: rounds.Final, **proofs: bytes) -> bytes:
    """A final with other proofs."""
    return rounds.encode_final(replace(final, **proofs))  # type: ignore[arg-type]


@pytest.fixture
def restored(pair: Pair) -> Desk:
    """A notary that signed three rounds, restored from a copy that knows one."""
    pair.draw(0, 10)
    backup = copy_book(pair, "notary", pair.home / "backup")
    pair.draw(0, 10)
    pair.draw(0, 10)
    return open_desk(backup, "notary", pair.clock)


@pytest.mark.requirement("R2.1")
def test_a_restored_notary_signs_nothing_until_it_has_caught_up(pair: Pair, restored: Desk) -> None:
    """Rollback (T11): the platform offers another seal for a round the old copy never saw."""
    restored.ready = False
    seal, taken, _ = pair.asked[1]
    other = [replace(taken[0], client_nonce=b"x" * 16), *taken[1:]]
    root = merkle.root_of(map(rounds.encode_entry, other))
    rival = request_for(replace(seal, root=root), other, previous_final=pair.asked[0][2])
    assert answer(restored, rival) is No.NOT_READY
    assert take_status(restored, status_bytes(pair.auditor), SIGNERS["auditor"].key)
    assert answer(restored, rival) is No.BEHIND
    assert learn(restored, past(pair)) == 2
    assert learn(restored, past(pair)) == 0
    assert answer(restored, rival) is No.CONFLICT
    pair.notary = restored
    pair.draw(0, 5)


def test_only_rounds_that_both_signers_proved_are_learned(pair: Pair, restored: Desk) -> None:
    first, second, third = past(pair)
    final = rounds.decode_final(second[2])
    lies = [
        ((*second[:2], with_proofs(final, pi_auditor=bytes(80))), No.BAD_PROOF),
        ((*second[:2], with_proofs(final, pi_notary=bytes(80))), No.FINAL_WRONG),
        ((second[0], second[1], third[2]), No.BAD_PROOF),
        ((second[0], second[1][:-80], second[2]), No.WRONG_COUNT),
        ((second[0], second[1], b""), No.FINAL_WRONG),
        ((second[0][:-1], second[1], second[2]), No.MALFORMED),
        (third, No.SEQ_GAP),
    ]  # fmt: skip
    for lie, no in lies:
        given = learn(restored, [first, lie])
        assert isinstance(given, Refused)
        assert given.no is no
        assert [row.seq for row in restored.book.last_rounds()] == [0]
    assert learn(restored, [first, second, third]) == 2


def test_a_round_the_book_knows_otherwise_is_not_learned(pair: Pair, restored: Desk) -> None:
    seal, taken, final = pair.asked[0]
    other = [replace(taken[0], client_nonce=b"x" * 16), *taken[1:]]
    root = merkle.root_of(map(rounds.encode_entry, other))
    forged = (rounds.encode_seal(replace(seal, root=root)), rounds.encode_entries(other), final)
    given = learn(restored, [forged])
    assert isinstance(given, Refused)
    assert given.no is No.CONFLICT


def test_a_restored_auditor_may_lag_by_the_one_round_in_flight_only(pair: Pair) -> None:
    pair.draw(0, 10)
    backup = copy_book(pair, "auditor", pair.home / "backup")
    pair.draw(0, 10)
    old = open_desk(backup, "auditor", pair.clock)
    assert take_status(old, status_bytes(pair.notary), SIGNERS["notary"].key)
    seal, taken, final = pair.asked[1]
    proof = rounds.decode_final(final).pi_notary
    assert (
        answer(old, request_for(seal, taken, pi_notary=proof))
        == rounds.decode_final(final).pi_auditor
    )
    pair.draw(0, 10)
    older = open_desk(copy_book(pair, "auditor", pair.home / "again"), "auditor", pair.clock)
    older.book._db.execute("delete from round where seq > 0")
    assert take_status(older, status_bytes(pair.notary), SIGNERS["notary"].key)
    assert answer(older, request_for(seal, taken, pi_notary=proof)) is No.BEHIND


def test_a_status_that_the_other_signer_did_not_sign_is_not_believed(pair: Pair) -> None:
    pair.notary.ready = False
    raw = status_bytes(pair.auditor)
    key = SIGNERS["auditor"].key
    for forged in (b"", b"[]", b"{}", raw.replace(b'"lanes":[]', b'"lanes":[1]'),
                   raw.replace(b'"notice_s":43200', b'"notice_s":1'),
                   raw.replace(b'"signature":"', b'"signature":"zz')):  # fmt: skip
        assert not take_status(pair.notary, forged, key)
    assert not take_status(pair.notary, raw, SIGNERS["platform"].key)
    assert not pair.notary.ready
    assert take_status(pair.notary, raw, key)
    assert pair.notary.ready


def test_the_status_shows_the_last_rounds_and_every_refusal(pair: Pair) -> None:
    pair.draw(0, 10)
    seal, taken = pair.day.seal(0, 10, 10)
    answer(pair.notary, request_for(replace(seal, seq=9), taken))
    status = status_of(pair.notary)
    assert status["lanes"][0]["seq"] == 0
    assert status["refusal_count"] == 1
    assert status["program"] == program_mark()
    kept = status["refusals"][0]
    assert (kept["code"], rounds.decode_seal(bytes.fromhex(kept["seal"])).seq) == ("seq_gap", 9)
    assert status["configs"] == [pair.day.cfg_hash.hex()]
    shown = key_of(pair.notary)
    assert shown["key"] == SIGNERS["notary"].key.hex()
    proof = bytes.fromhex(shown["proofs"][pair.day.cfg_hash.hex()])
    assert proof == pair.notary.key.prove(pair.day.cfg_hash)
    assert Purpose.STATUS == "status"
