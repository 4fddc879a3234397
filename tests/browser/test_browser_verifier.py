"""The browser's verifier, written from docs/lottery.md alone, says what the house says."""

import json
import re
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from huiquan.domain.exports import parse_keys
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_proof import verify_proof
from tests.browser.corrupting import corruptions, leaves
from tests.browser.making_proofs import (
    CHANGED,
    FREE,
    KEYS,
    PLACES,
    SIGN_UP,
    a_drawn_round,
    files_around_a_change,
    proof_file,
    proof_files,
    signed_up_file,
    spelled,
    two_config_file,
    unnamed_configs,
    with_member,
)
from tests.browser.node import HERE, node
from tests.browser.two_draws import Comparison
from tests.domain.changed_days import NEW, NOON
from tests.domain.draw_days import OPENS, signer_for

FRONTENDS = HERE.parents[1] / "frontends"
DRAWS = 40_000
CORRUPTED = 1_000

Checked = dict[str, Any]


def run(program: str, said: str = "") -> str:
    """What a program of this folder answers; its own words when it fails."""
    done = subprocess.run(
        [node(), str(HERE / program)], input=said, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(texts: Iterable[str], known: Checked | None = None) -> list[Checked]:
    """What the browser's verifier says about these files."""
    asked = "".join(json.dumps({"text": text, "known": known or {}}) + "\n" for text in texts)
    return [json.loads(line) for line in run("proofs.mjs", asked).splitlines()]


@pytest.mark.requirement("R2.1")
def test_it_reads_every_worked_example() -> None:
    counted = json.loads(run("vectors.mjs"))
    least = {
        "RFC 9381 example": 3,
        "ticket": 48,
        "outcome": 48,
        "path": 34,
        "growth": 40,
        "outcome receipt": 8,
        "lane of a unit": 8,
        "drawn again": 7,
        "kept wins": 1,
        "checkpoint": 7,
        "declaration": 1,
        "first link": 2,
        "side of the change": 4,
        "proof under the key of its epoch": 8,
        "checkpoint across the change": 4,
        "honest receipt": 6,
        "tampered receipt refused": 72,
    }
    assert {what: counted.get(what, 0) >= most for what, most in least.items()} == dict.fromkeys(
        least, True
    )


@pytest.mark.requirement("R2.1")
def test_it_draws_as_the_house_draws_bit_for_bit() -> None:
    """Ten million were compared by hand: python -m tests.browser.two_draws 10000000."""
    node()
    both = Comparison()
    both.compare(DRAWS, seed=7)
    assert (both.differs, both.draws) == (None, DRAWS)
    assert min(both.kept, both.cut) > 100


def test_a_difference_in_one_outcome_would_be_noticed() -> None:
    node()
    both = Comparison()
    both.spoil = 0
    both.compare(2_000, seed=7)
    assert both.differs is not None


@pytest.mark.requirement("R1.3")
def test_a_miss_a_win_and_a_cut_are_proven_and_an_entry_alone_in_part() -> None:
    files = proof_files()
    said = dict(zip(files, check(map(spelled, files.values())), strict=True))
    assert {name: one["state"] for name, one in said.items()} == {
        "miss": "whole",
        "win": "whole",
        "cut": "whole",
        "entry alone": "partly",
    }
    assert said["entry alone"]["steps"]["receipt"] == "right"
    assert said["entry alone"]["steps"]["outcome"] == "missing"


@pytest.mark.requirement("R2.1")
def test_who_entered_before_another_config_began_has_a_proof_with_both() -> None:
    (said,) = check([spelled(two_config_file())])
    assert said["state"] == "whole", said


@pytest.mark.requirement("R5.1")
def test_a_day_that_stands_before_it_begins_is_read_and_held_against_the_receipt() -> None:
    files = [
        signed_up_file(SIGN_UP + timedelta(hours=9)),
        signed_up_file(SIGN_UP - timedelta(seconds=1)),
        signed_up_file(OPENS, stands_from=OPENS),
    ]
    good, early, flawed = check(map(spelled, files))
    assert good["state"] == "whole", good
    assert (early["fault"], flawed["fault"]) == ("config_not_in_force", "config_flawed")


@pytest.mark.requirement("R2.1")
def test_a_config_with_a_member_that_the_page_does_not_name_is_none_to_either_verifier() -> None:
    entry = proof_files()["entry alone"]
    changed = [with_member(entry, *place) for place in (*PLACES, FREE)]
    here = [verify_proof(spelled(file).encode()).finding for file in changed]
    there = [
        one["fault"] if one["state"] == "wrong" else None for one in check(map(spelled, changed))
    ]
    *refused, free = zip(here, there, strict=True)
    assert {(one and one.wrong.value, other) for one, other in refused} == {
        ("unreadable", "config_flawed")
    }
    # The config is sound and the receipt names another one.
    assert (free[0] and free[0].wrong.value, free[1]) == ("config_unknown", "config_unknown")


@pytest.mark.requirement("R2.1")
def test_it_refuses_two_configs_as_the_house_does() -> None:
    files = [two_config_file(**changes) for changes, _ in CHANGED.values()]
    said = check(map(spelled, files))
    assert {name: one["fault"] for name, one in zip(CHANGED, said, strict=True)} == {
        name: wrong for name, (_, wrong) in CHANGED.items()
    }
    unnamed = check(map(spelled, unnamed_configs().values()))
    assert {one["state"] for one in unnamed} == {"wrong"}


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize(
    ("cosigners", "notary", "fault"),
    [
        (("notary", "auditor"), NEW, None),
        (("auditor", "witness"), NEW, None),
        (("auditor",), NEW, "no_quorum"),
        (("notary", "auditor"), "notary", "old_key_used"),
        (("notary", "auditor", "witness"), "notary", "old_key_used"),
    ],
    ids=["it goes on", "away ever after", "one alone", "the lost key", "the lost key of three"],
)
def test_a_draw_is_proven_on_both_sides_of_a_change_of_the_notarys_key(
    cosigners: tuple[str, ...], notary: str, fault: str | None
) -> None:
    """Behind the declaration two witnesses are enough, and the lost key is none of them."""
    files = files_around_a_change(cosigners, notary)
    faults = {name: None if name == "before" else fault for name in files}
    here = {name: verify_proof(spelled(file).encode()).finding for name, file in files.items()}
    assert {name: one and one.wrong.value for name, one in here.items()} == faults
    new = signer_for(NEW).key.hex()
    for key in (KEYS.notary, new):
        there = check(map(spelled, files.values()), {"keys": {"notary": key}})
        assert {name: one.get("fault") for name, one in zip(files, there, strict=True)} == faults
        assert {one["state"] for one in there if "fault" not in one} == {"whole"}
    # Saved before the change it holds no declaration: who knows the key that was lost is enough.
    saved = {name: part for name, part in files["before"].items() if name != "epoch"}
    lost = {"role": "notary", "key": KEYS.notary, "campaign": "2026-mashangyouli"}
    known = {"platform": KEYS.platform, "auditor": KEYS.auditor, "notary": new}
    told = {**known, "lost": [{**lost, "declared_at": NOON.isoformat()}]}
    pinned = parse_keys(json.dumps(told).encode())
    assert verify_proof(spelled(saved).encode(), pinned).finding is None
    (there_too,) = check([spelled(saved)], {"keys": known, "lost": [lost]})
    assert there_too["state"] == "whole"


@pytest.mark.parametrize(
    ("known", "state", "fault"),
    [
        ({"keys": {"notary": KEYS.notary, "auditor": KEYS.auditor}}, "whole", None),
        ({"keys": {"notary": KEYS.auditor}}, "wrong", "keys_differ"),
        ({"nonce": "00" * 16}, "wrong", "not_yours"),
    ],
    ids=["the published keys", "another notary", "another phone's number"],
)
def test_what_the_asker_knows_is_held_against_the_file(
    known: Checked, state: str, fault: str | None
) -> None:
    (said,) = check([spelled(proof_files()["win"])], known)
    assert (said["state"], said.get("fault")) == (state, fault)


def test_ones_own_number_is_found_in_the_receipt() -> None:
    drawn = a_drawn_round()
    nonce = drawn.taken[0].client_nonce.hex()
    (said,) = check([spelled(proof_file(drawn, 0))], {"nonce": nonce})
    assert said["steps"]["mine"] == "right"


@pytest.mark.slow
@pytest.mark.requirement("R2.1")
def test_of_a_thousand_corrupted_proof_files_none_is_accepted() -> None:
    files = {name: file for name, file in proof_files().items() if name != "entry alone"}
    assert sum(1 for file in files.values() for _ in leaves(file)) < CORRUPTED
    broken = list(corruptions(files, CORRUPTED, seed=20260206))
    said = check(spelled(file) for _, _, file in broken)
    accepted = [
        path
        for (_, path, _), one in zip(broken, said, strict=True)
        if one["state"] != "wrong" or one["fault"] not in {wrong.value for wrong in Wrong}
    ]
    assert accepted == []


@pytest.mark.parametrize(
    ("member", "value", "fault"),
    [
        ("format", "huiquan/draw-proof/2", "unreadable"),
        ("more", 1, "unreadable"),
        ("configs", [], "unreadable"),
    ],
)
def test_a_file_of_another_form_is_refused(member: str, value: Any, fault: str) -> None:
    file = proof_files()["miss"] | {member: value}
    (said,) = check([spelled(file)])
    assert (said["state"], said["fault"]) == ("wrong", fault)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"huiquan/draw-proof/1"', "{}"])
def test_what_is_no_proof_file_is_refused(text: str) -> None:
    (said,) = check([text])
    assert (said["state"], said["fault"]) == ("wrong", "unreadable")


def test_a_proof_of_one_draw_does_not_prove_another() -> None:
    files = proof_files()
    mixed = files["win"] | {"entry_receipt": files["miss"]["entry_receipt"]}
    (said,) = check([spelled(mixed)])
    assert (said["state"], said["fault"]) == ("wrong", "wrong_entry")


def test_every_fault_is_a_word_of_the_houses_verdicts_and_has_its_sentences() -> None:
    named = (FRONTENDS / "shared/verify/wrong.ts").read_text()
    faults = re.findall(r"^  '(\w+)',$", named, re.MULTILINE)
    assert faults
    assert set(faults) <= {wrong.value for wrong in Wrong}
    for words in ("zh", "en"):
        said = (FRONTENDS / f"shared/proof/{words}.ts").read_text()
        assert {fault for fault in faults if f"\n  {fault}: " not in said} == set()
