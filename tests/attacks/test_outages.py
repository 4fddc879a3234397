""" "The notary's server went down, and when it was back there were other winners."  T3

An outage at any step of a round, with both signers killed: once it is over, the outcome is the one
there would have been, bit for bit. A platform that seals anew after an outage draws twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from huiquan.domain import rounds
from huiquan.domain.rounds import Entry, Seal
from notary.desk import Desk
from notary.refusals import No
from tests.attacks.weakened import ForgetfulBook, weak_desk
from tests.domain.draw_days import OPENS
from tests.notary.houses import Pair, answer, request_for

STEPS = (
    "the round is sealed",
    "the notary has signed and the answer is lost",
    "the notary's proof is kept",
    "the auditor has signed and the answer is lost",
    "the round is drawn",
    "the finals are told",
)
SHORT, LONG = timedelta(minutes=20), timedelta(hours=3)


@dataclass
class Play:
    """Three rounds of one lane; in the second an outage happens at one step."""

    pair: Pair
    broken_at: str | None
    lasts: timedelta

    def rounds(self) -> list[bytes]:
        """The finals of the three rounds."""
        self.pair.day.enter(60)
        return [self.one(number) for number in range(3)]

    def one(self, number: int) -> bytes:
        """One round, step by step; every step may be taken again after an outage."""
        pair = self.pair
        seal, taken = pair.day.seal(0, pair.clock.now.hour, 8)
        self.outage(number, STEPS[0])
        self.ask_notary(seal, taken)
        self.outage(number, STEPS[1])
        first = self.ask_notary(seal, taken)
        self.outage(number, STEPS[2])
        self.ask_auditor(seal, taken, first)
        self.outage(number, STEPS[3])
        second = self.ask_auditor(seal, taken, first)
        row = pair.day.finish(seal, taken)
        assert (first.hex(), second.hex()) == (row.pi_notary, row.pi_auditor)
        self.outage(number, STEPS[4])
        final = pair.finals[0] = bytes.fromhex(row.final)
        for desk in (pair.notary, pair.auditor):
            assert desk.settle([final]) == 1
        self.outage(number, STEPS[5])
        return final

    def ask_notary(self, seal: Seal, taken: list[Entry]) -> bytes:
        """The notary's proof."""
        final = self.pair.finals.get(0)
        given = answer(self.pair.notary, request_for(seal, taken, previous_final=final))
        assert isinstance(given, bytes), given
        return given

    def ask_auditor(self, seal: Seal, taken: list[Entry], pi_notary: bytes) -> bytes:
        """The auditor's proof."""
        given = answer(self.pair.auditor, request_for(seal, taken, pi_notary=pi_notary))
        assert isinstance(given, bytes), given
        return given

    def outage(self, number: int, step: str) -> None:
        """Both signers die and come back from their disks, later."""
        if number == 1 and step == self.broken_at:
            self.pair.clock.now += self.lasts
            for desk in (self.pair.notary, self.pair.auditor):
                desk.book.close()
            self.pair.open()


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[bytes]:
    """The finals of a day without an outage."""
    return Play(Pair(home=tmp_path / "undisturbed"), None, SHORT).rounds()


@pytest.mark.requirement("R3.2")
@pytest.mark.parametrize("step", STEPS)
def test_an_outage_at_any_step_changes_no_outcome(
    tmp_path: Path, undisturbed: list[bytes], step: str
) -> None:
    assert Play(Pair(home=tmp_path / "short"), step, SHORT).rounds() == undisturbed
    # Over several hours the later round counts later top-ups; those in flight stay as they were.
    assert Play(Pair(home=tmp_path / "long"), step, LONG).rounds()[:2] == undisturbed[:2]


def seal_anew(pair: Pair, desk: Desk) -> tuple[bytes, bytes | No]:
    """The weak platform: after an outage it seals the waiting people again, in the hour it is."""
    seal, taken = pair.day.seal(0, 10, 10)
    pair.day.lanes[0].entries[:0] = taken
    first = answer(desk, request_for(seal, taken))
    assert isinstance(first, bytes)
    pair.clock.now = OPENS + LONG
    again, taken = pair.day.seal(0, pair.clock.now.hour, 10)
    assert rounds.encode_seal(again) != rounds.encode_seal(seal)
    return first, answer(desk, request_for(again, taken))


def test_a_platform_that_seals_anew_gets_a_second_draw_only_from_a_signer_that_forgets(
    tmp_path: Path,
) -> None:
    for kind in ("weak", "ours"):
        pair = Pair(home=tmp_path / kind)
        pair.day.enter(60)
        weak = weak_desk(tmp_path / "desk", "notary", pair.clock, book=ForgetfulBook)
        weak.register = pair.notary.register
        first, second = seal_anew(pair, weak if kind == "weak" else pair.notary)
        if kind == "weak":
            assert isinstance(second, bytes)
            assert second != first
        else:
            assert second is No.CONFLICT
