"""The key ceremony, driven as people would: what is typed, shown, kept and refused.  密钥仪式"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huiquan.domain import vrf
from huiquan.domain.fingerprints import fingerprint_of
from notary.backup import BadHalfError, join_halves, restore_key, write_halves
from notary.ceremony import STATE, CeremonyError, Plan, hold, mix
from notary.keys import SEED_FILE, load_key
from notary.record import read_key
from tests.domain.draw_days import OPENS

CONFIG = "ab" * 32


class BrokenOffError(Exception):
    """The power went, or somebody left the room."""


class Table:
    """People around a table: their answers in order; the fingerprint is typed as it was read."""

    def __init__(self, *answers: str | type[Exception]) -> None:
        self.answers: Iterator[str | type[Exception]] = iter(answers)
        self.shown: list[str] = []

    def ask(self, question: str) -> str:
        """The next answer."""
        self.shown.append(question)
        answer = next(self.answers)
        if not isinstance(answer, str):
            raise answer
        if answer == "READ":
            found = re.search(r"(\d{5} ){5}\d{5}", "\n".join(self.shown))
            assert found is not None
            return found.group()
        return answer

    def say(self, line: str) -> None:
        """What the screen shows."""
        self.shown.append(line)


PEOPLE = ("武汉市江岸区某路 1 号", "王公证员", "李审计员", "")
ALL = (*PEOPLE, "3516", "", "READ", "")


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    """A plan for a fresh home."""

    def made(**changes: object) -> Plan:
        fields: dict[str, object] = {
            "role": "notary",
            "home": tmp_path / "home",
            "out": tmp_path / "out",
            "clock": lambda: OPENS,
            "cfg_hash": CONFIG,
            "is_rehearsal": False,
        }
        return Plan(**{**fields, **changes})  # type: ignore[arg-type]

    return made


@pytest.mark.requirement("R5.1")
def test_a_key_is_made_read_aloud_proven_backed_up_and_recorded(plan: Callable[..., Plan]) -> None:
    here = plan()
    facts = hold(here, (table := Table(*ALL)).ask, table.say)
    key = load_key(here.home)
    assert facts.key == key.public.hex()
    assert facts.fingerprint == fingerprint_of(key.public)
    assert vrf.verify(key.public, bytes.fromhex(CONFIG), bytes.fromhex(facts.proof or ""))
    assert join_halves(*map(Path, facts.halves)) == key.seed
    assert facts.dice == 4
    record = here.out / "key-ceremony-notary.html"
    text = record.read_text()
    assert read_key(record) == facts.key
    for told in (facts.fingerprint, "王公证员", "李审计员", PEOPLE[0], facts.proof, CONFIG):
        assert told is not None
        assert told in text


def test_the_secret_stands_nowhere_but_in_its_file(plan: Callable[..., Plan]) -> None:
    here = plan()
    table = Table(*ALL)
    hold(here, table.ask, table.say)
    seed = load_key(here.home).seed.hex()
    kept = [here.home / STATE, here.out / "key-ceremony-notary.html"]
    assert not any(seed in path.read_text() for path in kept)
    assert not any(seed in line for line in table.shown)
    assert not any(seed in path.read_text() for path in here.out.glob("key-half-*"))


def test_a_fingerprint_that_was_misheard_is_read_again(plan: Callable[..., Plan]) -> None:
    table = Table(*PEOPLE, "", "", "00000 00000", "READ", "")
    assert hold(plan(), table.ask, table.say).was_read
    assert any("再读一遍" in line for line in table.shown)


def test_one_person_alone_holds_no_ceremony(plan: Callable[..., Plan]) -> None:
    table = Table("地点", "王公证员", "", "李审计员", "", "", "", "READ", "")
    assert len(hold(plan(), table.ask, table.say).people) == 2


@pytest.mark.parametrize("at", range(len(ALL)))
def test_a_ceremony_broken_off_anywhere_goes_on_with_the_same_key(
    plan: Callable[..., Plan], at: int
) -> None:
    here = plan()
    table = Table(*ALL[:at], BrokenOffError)
    with pytest.raises(BrokenOffError):
        hold(here, table.ask, table.say)
    seed = here.home / SEED_FILE
    before = seed.read_text() if seed.exists() else None
    rest = ALL if at < 4 else ALL[4:6] if before is None else ()
    again = Table(*rest, "READ", "") if rest != ALL else Table(*ALL)
    if before is not None and at == len(ALL) - 1:
        again = Table("")
    hold(here, again.ask, again.say)
    assert before in (None, seed.read_text())
    assert read_key(here.out / "key-ceremony-notary.html") == load_key(here.home).public.hex()


def test_a_key_that_exists_is_never_replaced(plan: Callable[..., Plan]) -> None:
    here = plan()
    before = load_key(here.home).public
    table = Table(*ALL)
    with pytest.raises(CeremonyError, match="never replaced"):
        hold(here, table.ask, table.say)
    assert load_key(here.home).public == before


def test_a_finished_ceremony_is_over(plan: Callable[..., Plan]) -> None:
    table = Table(*ALL)
    hold(plan(), table.ask, table.say)
    with pytest.raises(CeremonyError, match="is over"):
        hold(plan(), table.ask, table.say)


def test_a_record_of_another_key_than_the_one_on_the_disk_is_noticed(
    plan: Callable[..., Plan],
) -> None:
    here = plan()
    table = Table(*ALL[:-1], BrokenOffError)
    with pytest.raises(BrokenOffError):
        hold(here, table.ask, table.say)
    (here.home / SEED_FILE).write_text("11" * 32)
    again = Table("")
    with pytest.raises(CeremonyError):
        hold(here, again.ask, again.say)


@pytest.mark.parametrize("wrong", ["xy", "ab", "ab" * 31])
def test_a_config_hash_that_is_none_is_refused(plan: Callable[..., Plan], wrong: str) -> None:
    table = Table(*ALL)
    with pytest.raises(CeremonyError):
        hold(plan(cfg_hash=wrong), table.ask, table.say)


def test_neither_dice_nor_the_system_alone_decide_the_key() -> None:
    system, other = bytes(32), bytes(31) + b"\1"
    seeds = [
        mix(system, ["1", "2"]),
        mix(system, ["12", ""]),
        mix(system, ["", "12"]),
        mix(system, ["12"]),
        mix(other, ["1", "2"]),
    ]
    assert max(Counter(seeds).values()) == 1


def test_a_half_alone_is_nothing_and_a_mistyped_half_is_noticed(tmp_path: Path) -> None:
    first, second = write_halves(tmp_path / "home", tmp_path)
    with pytest.raises(BadHalfError):
        join_halves(first, first)
    key = load_key(tmp_path / "home").public.hex()
    assert restore_key(tmp_path / "new", second, first) == key
    text = second.read_text()
    digit = "0" if text[70] != "0" else "1"
    second.write_text(text[:70] + digit + text[71:])
    with pytest.raises(BadHalfError, match="digit"):
        join_halves(first, second)


@pytest.mark.slow
def test_it_is_held_at_a_keyboard(tmp_path: Path) -> None:
    """As a person would: a rehearsal with piped answers, misheard once, then broken off."""
    words = ["--role", "notary", "--home", str(tmp_path / "home"), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "notary", "ceremony", *words, "--rehearsal"],
        input="\n".join((*PEOPLE, "", "", "00000")) + "\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 1
    assert "REHEARSAL" in done.stdout
    assert "broken off" in done.stderr
    assert not (tmp_path / "home" / SEED_FILE).exists()
    assert (tmp_path / "home" / "rehearsal" / SEED_FILE).exists()
