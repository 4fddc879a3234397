"""The rulebooks in `campaigns/`, read once for the tests of rules and pacing."""

from functools import cache
from pathlib import Path

from huiquan.domain.rulebook_reading import RulebookError, read_rulebook
from huiquan.domain.rulebooks import Rulebook

FOLDER = Path(__file__).parents[2] / "campaigns"
CODES = sorted(path.stem for path in FOLDER.glob("*.toml"))
NEW_YEAR = "2026-mashangyouli"


@cache
def text_of(code: str) -> str:
    """The text of a rulebook as it stands in the repository."""
    return (FOLDER / f"{code}.toml").read_text(encoding="utf-8")


@cache
def campaign(code: str = NEW_YEAR) -> Rulebook:
    """The rulebook with this code; a broken one stops the test with its line and reason."""
    outcome = read_rulebook(text_of(code))
    assert not isinstance(outcome, RulebookError), outcome
    return outcome
