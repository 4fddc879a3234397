"""Tampered receipts of single draws: none passes, and the published file is up to date."""

import json

import pytest

from huiquan.domain.receipts import outcome_receipt_from_json
from huiquan.domain.verification_receipt import verify_outcome_receipt
from tests.domain.draw_days import KEYS
from tests.domain.making_vectors import spelled
from tests.drills.tampered_receipts import FILE, tampered_receipts

MADE = tampered_receipts()


def test_the_published_file_is_up_to_date() -> None:
    assert FILE.read_text() == spelled(MADE)


@pytest.mark.requirement("R5.1")
def test_no_tampered_receipt_passes_and_every_honest_one_does() -> None:
    published = json.loads(FILE.read_text())
    config = published["config"].encode()
    verdicts = {
        kind: [
            verify_outcome_receipt(outcome_receipt_from_json(one), KEYS, config)
            for one in (case.get("receipt", case) for case in published[kind])
        ]
        for kind in ("honest", "tampered")
    }
    assert all(one.is_right and "log" in one.checked for one in verdicts["honest"])
    assert len(verdicts["tampered"]) >= 60
    assert not any(one.is_right for one in verdicts["tampered"])
