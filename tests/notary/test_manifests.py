"""Signing a day: only the numbers of the signer's own book.  清单签名"""

from dataclasses import replace
from datetime import timedelta

import pytest

from huiquan.domain import exports, rounds
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.verification_day import verify_day
from notary.desk import Desk
from notary.manifests import sign_manifest
from notary.refusals import No, Refused
from tests.domain.draw_days import OPENS, SIGNERS
from tests.notary.houses import Pair, open_desk

DAY_OVER = OPENS.replace(hour=0) + timedelta(days=1)


@pytest.fixture
def drawn(pair: Pair) -> Pair:
    """A pair that signed two rounds in each lane."""
    for lane in (0, 1):
        pair.draw(lane, 20)
        pair.draw(lane, 10)
    pair.clock.now = DAY_OVER
    return pair


def manifest_of(pair: Pair) -> tuple[dict[str, bytes], exports.Manifest]:
    """The files of the day and its manifest, not signed yet."""
    entered = dict.fromkeys((0, 1), b"")
    for seal, taken, _ in pair.asked:
        entered[seal.lane] += rounds.encode_entries(taken)
    files = pair.day.files(entered)
    del files["manifest.json"]
    return files, pair.day.unsigned_manifest(files)


def ask(desk: Desk, manifest: exports.Manifest, party: str = "platform") -> bytes | No:
    """What a signer answers to a manifest that a party signed."""
    body = exports.manifest_body(manifest)
    given = sign_manifest(desk, body, SIGNERS[party].sign(Purpose.MANIFEST, body))
    return given.no if isinstance(given, Refused) else given


@pytest.mark.requirement("R5.1")
def test_a_day_signed_by_both_is_one_that_anyone_can_verify(drawn: Pair) -> None:
    files, manifest = manifest_of(drawn)
    for lane in (0, 1):
        assert drawn.notary.settle([drawn.finals[lane]]) == 1
    body = exports.manifest_body(manifest)
    signatures = {}
    for party, desk in (("notary", drawn.notary), ("auditor", drawn.auditor)):
        given = ask(desk, manifest)
        assert isinstance(given, bytes)
        assert is_signed(SIGNERS[party].key, Purpose.MANIFEST, body, given)
        assert ask(desk, manifest) == given
        signatures[party] = given.hex()
    signatures["platform"] = SIGNERS["platform"].sign(Purpose.MANIFEST, body).hex()
    signed = exports.build_manifest(manifest, exports.ManifestSignatures(**signatures))
    assert verify_day(files | {"manifest.json": signed}).is_right
    changed = replace(manifest, log=replace(manifest.log, size_before=0, leaves=()))
    assert ask(drawn.notary, changed) is No.MANIFEST_CHANGED


def test_the_notary_waits_for_the_last_finals(drawn: Pair) -> None:
    _, manifest = manifest_of(drawn)
    assert ask(drawn.notary, manifest) is No.NOT_SETTLED
    assert isinstance(ask(drawn.auditor, manifest), bytes)


def test_no_day_is_signed_before_it_is_over(drawn: Pair) -> None:
    _, manifest = manifest_of(drawn)
    drawn.clock.now = DAY_OVER - timedelta(seconds=1)
    assert ask(drawn.auditor, manifest) is No.DAY_NOT_OVER


def test_other_numbers_than_those_of_the_book_are_refused(drawn: Pair) -> None:
    _, manifest = manifest_of(drawn)
    totals = replace(manifest.totals, entries=manifest.totals.entries + 1)
    assert ask(drawn.auditor, replace(manifest, totals=totals)) is No.WRONG_TOTALS
    files = {**manifest.files, "rounds.ndjson": exports.mark_of(b"others")}
    assert ask(drawn.auditor, replace(manifest, files=files)) is No.WRONG_TOTALS


def test_a_manifest_of_another_day_campaign_or_author_is_refused(drawn: Pair) -> None:
    _, manifest = manifest_of(drawn)
    config = replace(manifest.configs[0], cfg_hash="00" * 32)
    for other in (
        replace(manifest, campaign="other"),
        replace(manifest, day=manifest.day + 1),
        replace(manifest, epoch=1),
        replace(manifest, configs=()),
        replace(manifest, configs=(config,)),
    ):
        assert ask(drawn.auditor, other) is No.CONFIG_UNKNOWN
    assert ask(drawn.auditor, manifest, party="notary") is No.NOTE_UNSIGNED
    given = sign_manifest(drawn.auditor, b"{}", b"")
    assert isinstance(given, Refused)
    assert given.no is No.MALFORMED


def test_a_witness_signs_no_manifest(drawn: Pair) -> None:
    witness = open_desk(drawn.home / "witness", "witness", drawn.clock, party="auditor")
    witness.register = drawn.auditor.register
    assert ask(witness, manifest_of(drawn)[1]) is No.NOT_A_SIGNER
