"""Every long drill that the Makefile starts can be started: the suite never runs them whole."""

import importlib
import re

import pytest

from tests.tidy.source import ROOT

PROGRAMS = sorted(set(re.findall(r"-m (tests\.[\w.]+)", (ROOT / "Makefile").read_text())))


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_make_starts_can_be_read_whole(program: str) -> None:
    module = importlib.import_module(program)
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{program}.__main__")
    assert callable(getattr(module, "main", getattr(module, "run", None)))


def test_the_makefile_names_the_drills() -> None:
    assert {"tests.drills.restoring", "tests.bugs", "tests.kills"} <= set(PROGRAMS)
