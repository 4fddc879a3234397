"""A fresh notary and a fresh auditor for each test that asks."""

from pathlib import Path

import pytest

from tests.notary.houses import Pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Both signers with the day's config, at 10 o'clock, with 80 people waiting."""
    pair = Pair(home=tmp_path)
    pair.day.enter(80)
    return pair
