"""The house reads a consumer's proof file as the browser does, and refuses what it refuses."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_proof import verify_proof
from tests.browser.corrupting import corruptions
from tests.browser.making_proofs import (
    CHANGED,
    KEYS,
    SIGN_UP,
    proof_files,
    signed_up_file,
    spelled,
    two_config_file,
    unnamed_configs,
)
from tests.domain.draw_days import published_keys

FILES = proof_files()
CORRUPTED = 1_000


def said(file: dict[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """The fault, if any, and what was not checked."""
    verdict = verify_proof(spelled(file).encode(), published_keys())
    finding = verdict.finding
    return (None if finding is None else finding.wrong.value), verdict.unchecked


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("name", ["miss", "win", "cut"])
def test_a_proof_file_proves_an_outcome_from_promise_to_log(name: str) -> None:
    verdict = verify_proof(spelled(FILES[name]).encode(), published_keys())
    assert verdict.is_right
    assert verdict.unchecked == ()
    assert {"config signatures", "entry receipt", "proofs", "outcome", "log"} <= set(
        verdict.checked
    )


TWO = two_config_file()


@pytest.mark.requirement("R2.1")
def test_who_entered_before_another_config_began_has_a_proof_with_both() -> None:
    assert len(TWO["configs"]) == 2
    verdict = verify_proof(spelled(TWO).encode(), published_keys())
    assert (verdict.finding, verdict.unchecked) == (None, ())
    assert "dealing" in verdict.checked


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize(("changes", "wrong"), CHANGED.values(), ids=CHANGED)
def test_two_configs_may_not_differ_in_what_was_promised(
    changes: dict[str, Any], wrong: str
) -> None:
    assert said(two_config_file(**changes))[0] == wrong


@pytest.mark.parametrize("name", unnamed_configs())
def test_a_second_config_that_the_receipt_does_not_name_is_refused(name: str) -> None:
    assert said(unnamed_configs()[name])[0] is not None


@pytest.mark.requirement("R5.1")
def test_nobody_is_let_in_while_their_day_may_still_change() -> None:
    assert said(signed_up_file(SIGN_UP + timedelta(hours=9)))[0] is None
    early = said(signed_up_file(SIGN_UP - timedelta(seconds=1)))
    assert early[0] == "config_not_in_force"
    assert said(proof_files()["win"])[0] is None, "a day that says nothing stands when it begins"


def test_an_entry_alone_is_proven_and_its_outcome_is_not() -> None:
    assert said(FILES["entry alone"]) == (None, ("the same entry", "outcome"))


def test_a_proof_of_one_draw_does_not_prove_another() -> None:
    mixed = FILES["win"] | {"entry_receipt": FILES["miss"]["entry_receipt"]}
    assert said(mixed)[0] == "wrong_entry"


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "{}"])
def test_what_is_no_proof_file_is_refused(text: str) -> None:
    finding = verify_proof(text.encode()).finding
    assert finding is not None
    assert finding.wrong.value == "unreadable"


@pytest.mark.requirement("R2.1")
def test_of_a_thousand_corrupted_proof_files_none_is_accepted() -> None:
    whole = {name: file for name, file in FILES.items() if name != "entry alone"}
    broken = corruptions(whole, CORRUPTED, seed=20260206)
    assert [path for _, path, file in broken if said(file)[0] is None] == []


@pytest.mark.requirement("R5.1")
def test_a_whole_file_under_keys_of_a_forgers_own_is_found_by_the_known_keys_alone() -> None:
    """Whoever makes the file can make the keys in it: without others the verdict says so."""
    raw = spelled(FILES["win"]).encode()
    alone = verify_proof(raw)
    assert (alone.finding, alone.unchecked) == (None, ("keys against a known source",))
    for party in ("platform", "notary", "auditor"):
        others = replace(published_keys(), **{party: KEYS.approver})
        finding = verify_proof(raw, others).finding
        assert finding is not None
        assert (finding.wrong, finding.where) == (Wrong.KEYS_DIFFER, "configs: keys")
