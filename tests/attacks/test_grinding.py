""" "They tried a thousand lists until their friend had won."

Who runs the platform can write a list of entries in many ways: another nonce, another order. Each
way is another draw. Whoever may ask a signer for all of them picks the draw that pleases.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from huiquan.domain import lottery, merkle, rounds, vrf
from huiquan.domain.rounds import Entry, Seal
from notary.desk import Desk
from notary.peer import take_status
from notary.refusals import No
from tests.attacks.weakened import ForgetfulBook, careless_proof, weak_desk
from tests.domain.draw_days import SIGNERS
from tests.notary.houses import Pair, answer, open_desk, request_for
from tests.notary.test_restored import status_bytes

TRIES = 40


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Both signers at 10 o'clock with people waiting; the first of lane 0 is the friend."""
    pair = Pair(home=tmp_path / "honest")
    pair.day.enter(60)
    return pair


def variants(seal: Seal, taken: list[Entry]) -> Iterator[tuple[Seal, list[Entry]]]:
    """The same people sealed in many ways: the last one's nonce differs."""
    for number in range(TRIES):
        last = replace(taken[-1], client_nonce=number.to_bytes(16, "big"))
        entries = [*taken[:-1], last]
        root = merkle.root_of(map(rounds.encode_entry, entries))
        yield replace(seal, root=root), entries


def friend_wins(pair: Pair, seal: Seal, taken: list[Entry], pi_notary: bytes) -> bool:
    """What the platform computes once it holds the notary's proof; the auditor proves anything."""
    raw = rounds.encode_seal(seal)
    pi_auditor = careless_proof("auditor", raw)
    betas = (vrf.proof_to_hash(pi_notary), vrf.proof_to_hash(pi_auditor))
    return lottery.draw_round(seal, taken, pair.day.tables, *betas).outcomes[0].kept


def grind(pair: Pair, desk: Desk) -> tuple[int, bool]:
    """Ask for every variant; how many were proved, and whether the friend wins in one of them."""
    seal, taken = pair.day.seal(0, 10, 10)
    proved = [
        (one, entries, proof)
        for one, entries in variants(seal, taken)
        if isinstance(proof := answer(desk, request_for(one, entries)), bytes)
    ]
    return len(proved), any(friend_wins(pair, *each) for each in proved)


@pytest.mark.requirement("R2.1")
def test_a_signer_without_a_book_lets_the_platform_choose_and_ours_does_not(pair: Pair) -> None:
    weak = weak_desk(pair.home / "weak", "notary", pair.clock, book=ForgetfulBook)
    weak.register = pair.notary.register
    assert grind(pair, weak) == (TRIES, True)
    pair.day = type(pair.day)()
    pair.day.enter(60)
    assert grind(pair, pair.notary)[0] == 1
    assert pair.notary.book.refusal_count() == TRIES - 1


def test_a_signer_that_forgets_at_a_crash_can_be_asked_again_and_ours_cannot(pair: Pair) -> None:
    """kill -9 between two questions; the weak signer keeps its book in a place that is lost."""
    seal, taken = pair.day.seal(0, 10, 10)
    first, second = list(variants(seal, taken))[:2]
    for keeps_book, expected in ((False, bytes), (True, No)):
        home = pair.home / str(keeps_book)
        desk = open_desk(home, "notary", pair.clock)
        desk.register = pair.notary.register
        assert isinstance(answer(desk, request_for(*first)), bytes)
        # No closing, no flush: what stands in the files now is all that is left.
        after = pair.home / f"after-{keeps_book}"
        shutil.copytree(home, after)
        if not keeps_book:
            for path in after.glob("book.sqlite*"):
                path.unlink()
        again = open_desk(after, "notary", pair.clock)
        again.register = pair.notary.register
        assert isinstance(answer(again, request_for(*second)), expected)


def test_a_signer_restored_from_an_old_copy_signs_a_rival_only_if_it_asks_nobody(
    pair: Pair,
) -> None:
    pair.notary.book._db.execute("pragma wal_checkpoint(truncate)")
    for name in ("weak", "ours"):
        shutil.copytree(pair.home / "notary", pair.home / name)
    seal, taken = pair.day.seal(0, 10, 10)
    pair.day.lanes[0].entries[:0] = taken
    pair.draw(0, 10)
    rival = request_for(*list(variants(seal, taken))[1])
    weak = open_desk(pair.home / "weak", "notary", pair.clock)
    assert isinstance(answer(weak, rival), bytes)
    ours = open_desk(pair.home / "ours", "notary", pair.clock)
    ours.ready = False
    assert answer(ours, rival) is No.NOT_READY
    assert take_status(ours, status_bytes(pair.auditor), SIGNERS["auditor"].key)
    assert answer(ours, rival) is No.BEHIND
