"""The worked examples are what the code gives today, and hold by a second reading.  测试向量"""

import hashlib
import json
import struct

import pytest

from huiquan.domain.verification_day import verify_day
from tests.domain.making_vectors import FOLDER, spelled, vectors

MADE = vectors()


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("name", MADE)
def test_the_examples_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text() == spelled(MADE[name])


def test_the_tickets_follow_from_the_seeds() -> None:
    """Straight from the published page, with nothing of the house in between."""
    for example in json.loads((FOLDER / "draws.json").read_text())["rounds"]:
        seed = bytes.fromhex(example["seed"])
        for one in example["entries"]:
            raw = bytes.fromhex(one["entry"])
            (idx,) = struct.unpack(">Q", raw[7:15])
            text = b"\x04draw" + seed + raw[7:15] + raw[16:32]
            assert idx == one["idx"]
            assert str(int.from_bytes(hashlib.sha256(text).digest()[:8], "big")) == one["ticket"]


@pytest.mark.parametrize("name", ["chains.json", "epochs.json"])
def test_the_exported_day_of_the_examples_passes(name: str) -> None:
    day = json.loads((FOLDER / name).read_text())
    files = {path: text.encode() for path, text in day["text_files"].items()}
    files |= {path: bytes.fromhex(text) for path, text in day["hex_files"].items()}
    assert verify_day(files).is_right


def test_the_receipts_of_the_examples_hold_or_fail_as_they_say() -> None:
    cases = MADE["receipts.json"]["outcome_receipts"]
    assert {case["name"]: case["wrong"] for case in cases} == {
        "miss": None,
        "win": None,
        "cut": None,
        "a miss shown as a win": "wrong_draw",
        "another's path": "wrong_root",
        "another table": "wrong_table",
        "another seed": "wrong_draw",
        "one witness only": "no_quorum",
    }
