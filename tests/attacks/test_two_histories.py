""" "They showed the auditors one log and us another." "They put back last night's backup."

The log of the winners exists twice, or the database is set back to before a draw that displeased.
What a witness or a signer has seen once, it must not see differently.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from huiquan.domain import checkpoints, merkle, rounds
from huiquan.domain.rounds import Entry, Seal
from notary.desk import Desk
from notary.refusals import No
from tests.attacks.weakened import ForgetfulBook, MemorylessBook, weak_desk
from tests.notary.houses import Pair, answer, request_for
from tests.notary.test_witness import CONFIG, FORK, HASHES, cosign, note_of


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Both signers with people waiting."""
    pair = Pair(home=tmp_path)
    pair.day.enter(60)
    return pair


def weak_witness(pair: Pair, role: str) -> Desk:
    """A witness that forgets what it saw."""
    desk = weak_desk(pair.home / f"weak-{role}", role, pair.clock, book=MemorylessBook)
    desk.register = pair.notary.register
    return desk


def has_quorum(hashes: list[bytes], lines: list[str | No]) -> bool:
    """Whether a checkpoint with these cosignatures passes for the log."""
    signed = note_of(hashes) + "".join(line for line in lines if not isinstance(line, No))
    return checkpoints.has_quorum(checkpoints.parse_note(signed), CONFIG.log)


@pytest.mark.requirement("R5.1")
def test_two_logs_find_cosignatures_only_with_witnesses_that_forget(pair: Pair) -> None:
    weak = [weak_witness(pair, role) for role in ("notary", "auditor")]
    for desks, both_pass in ((weak, True), ([pair.notary, pair.auditor], False)):
        assert has_quorum(HASHES, [cosign(desk, HASHES, 0) for desk in desks])
        second = [cosign(desk, FORK, 0) for desk in desks]
        assert has_quorum(FORK, second) is both_pass
        if not both_pass:
            grown = [*FORK, b"y" * 32]
            assert {cosign(desk, grown, len(HASHES)) for desk in desks} == {No.LOG_FORKED}


def test_a_log_that_became_shorter_is_cosigned_only_by_a_witness_that_forgets(pair: Pair) -> None:
    weak = weak_witness(pair, "notary")
    for desk, expected in ((weak, True), (pair.notary, False)):
        assert isinstance(cosign(desk, HASHES, 0), str)
        assert (not isinstance(cosign(desk, HASHES[:5], 0), No)) is expected


def after_the_backup(pair: Pair) -> tuple[Seal, list[Entry]]:
    """The platform's database is back before the draw, and seals the round once more."""
    seal, taken = pair.day.seal(0, 10, 10)
    pair.day.lanes[0].entries[:0] = taken
    fewer = taken[:-1]
    root = merkle.root_of(map(rounds.encode_entry, fewer))
    return replace(seal, root=root, count=len(fewer)), fewer


@pytest.mark.requirement("R5.1")
def test_a_draw_after_a_rolled_back_database_is_proved_only_by_signers_that_forget(
    pair: Pair,
) -> None:
    rival, fewer = after_the_backup(pair)
    pair.draw(0, 10)
    weak = weak_desk(pair.home / "weak", "notary", pair.clock, book=ForgetfulBook)
    weak.register = pair.notary.register
    first = request_for(*pair.asked[0][:2])
    assert isinstance(answer(weak, first), bytes)
    assert isinstance(answer(weak, request_for(rival, fewer)), bytes)
    assert answer(pair.notary, request_for(rival, fewer)) is No.CONFLICT
    (evidence,) = pair.notary.book.refusals(1)
    assert evidence["seal"] == rounds.encode_seal(rival)
