"""Watching the log: one history for all, and no cosignature for a second.  见证"""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from huiquan.domain import checkpoints, merkle
from huiquan.domain.checkpoints import Checkpoint
from notary.desk import Desk
from notary.refusals import No, Refused
from notary.witness import cosign_checkpoint
from tests.domain.draw_days import KEYS, SIGNERS, a_config, sign_both
from tests.notary.houses import Clock, Pair, open_desk

CONFIG = a_config()
ORIGIN = CONFIG.log.origin
HASHES = [hashlib.sha256(b"round %d" % number).digest() for number in range(12)]
FORK = [*HASHES[:3], b"x" * 32, *HASHES[4:]]


def note_of(hashes: list[bytes], origin: str = ORIGIN, party: str = "platform") -> str:
    """A checkpoint over these leaves, signed by a party."""
    root = merkle.root_of_hashes(hashes)
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=len(hashes), root=root))
    return checkpoints.join_note(text, [checkpoints.sign_note(SIGNERS[party], origin, text)])


def cosign(desk: Desk, hashes: list[bytes], old: int, proof: list[bytes] | None = None) -> str | No:
    """What a witness answers when the log has grown from old to these leaves."""
    if proof is None:
        proof = merkle.consistency_proof(old, len(hashes), merkle.nodes_of(hashes))
    given = cosign_checkpoint(desk, note_of(hashes), old, proof)
    return given.no if isinstance(given, Refused) else given


def test_a_growing_log_is_cosigned_by_both_and_has_its_quorum(pair: Pair) -> None:
    for old, new in ((0, 4), (4, 4), (4, 12)):
        lines = [cosign(desk, HASHES[:new], old) for desk in (pair.notary, pair.auditor)]
        signed = note_of(HASHES[:new]) + "".join(map(str, lines))
        assert checkpoints.has_quorum(checkpoints.parse_note(signed), CONFIG.log)
    assert pair.notary.book.checkpoint_of(ORIGIN) == (12, merkle.root_of_hashes(HASHES))


def test_a_forked_log_is_never_cosigned_even_after_a_restart(pair: Pair) -> None:
    assert isinstance(cosign(pair.notary, HASHES[:8], 0), str)
    pair.notary.book.close()
    pair.open()
    assert cosign(pair.notary, FORK, 8) is No.LOG_FORKED
    assert cosign(pair.notary, FORK[:8], 8, []) is No.LOG_FORKED
    assert cosign(pair.notary, HASHES, 8) != No.LOG_FORKED


def test_a_log_never_shrinks_and_a_stale_start_is_answered_with_the_right_one(pair: Pair) -> None:
    assert isinstance(cosign(pair.notary, HASHES[:8], 0), str)
    assert cosign(pair.notary, HASHES, 4) is No.OLD_SIZE
    given = cosign_checkpoint(pair.notary, note_of(HASHES[:4]), 8, [])
    assert isinstance(given, Refused)
    assert (given.no, given.detail) == (No.OLD_SIZE, {"size": 8})


def test_only_a_log_of_an_accepted_config_signed_by_its_platform_is_cosigned(pair: Pair) -> None:
    for note, no in (
        (note_of(HASHES, origin="huiquan/other"), No.LOG_UNKNOWN),
        (note_of(HASHES, party="notary"), No.NOTE_UNSIGNED),
        ("hello", No.MALFORMED),
    ):
        given = cosign_checkpoint(pair.notary, note, 0, [])
        assert isinstance(given, Refused)
        assert given.no is no


@pytest.mark.parametrize(("listed", "no"), [(True, None), (False, No.NOT_MY_KEY)])
def test_a_witness_cosigns_under_the_name_the_config_gives_it(
    tmp_path: Path, listed: bool, no: No | None
) -> None:
    witnesses = CONFIG.log.witnesses if listed else CONFIG.log.witnesses[1:]
    config = a_config(log=replace(CONFIG.log, witnesses=witnesses, quorum=1))
    day = Pair(home=tmp_path).day.__class__(config=config)
    desk = open_desk(tmp_path / "one", "notary", Clock(config.published_at))
    desk.accept_config(day.raw_config, sign_both(day.cfg_hash))
    given = cosign(desk, HASHES, 0)
    assert given is no if no else str(given).startswith("— notary.huiquan ")
    assert KEYS.notary == desk.key.public.hex()
