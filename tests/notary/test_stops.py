"""A person can stop a signer; it signs nothing until a person resumes it.  停签与恢复"""

from pathlib import Path

import pytest

from huiquan.domain import checkpoints, exports, merkle
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.draw_config import canonical
from huiquan.domain.signing import Purpose, is_signed
from notary.book import Book
from notary.configs import Accepted
from notary.manifests import sign_manifest
from notary.passcode import GOOD_S, TRIES, Passcode
from notary.refusals import No, Refused
from notary.status import key_of, status_of
from notary.stops import BadStopError, stop_or_resume
from notary.witness import cosign_checkpoint
from tests.domain.draw_days import OPENS, SIGNERS, sign_both
from tests.notary.houses import Pair, answer, open_desk, request_for
from tests.notary.test_desk import rivals


def stop(pair: Pair, kind: str = "stop", name: str = "王公证员", reason: str = "核对名单") -> None:
    """Stop or resume the notary of the pair."""
    stop_or_resume(pair.notary.book, kind, name, reason, pair.clock.now)


def test_a_stopped_signer_signs_no_round_and_no_repetition(pair: Pair) -> None:
    first = request_for(*pair.day.seal(0, 10, 20))
    proof = answer(pair.notary, first)
    stop(pair)
    assert answer(pair.notary, first) is No.STOPPED
    second = request_for(*pair.day.seal(1, 10, 20))
    assert answer(pair.notary, second) is No.STOPPED
    assert pair.notary.book.last_round("2026-mashangyouli/demo", 0, 1) is None
    stop(pair, "resume")
    assert answer(pair.notary, first) == proof
    assert isinstance(answer(pair.notary, second), bytes)


def test_a_stopped_signer_cosigns_no_checkpoint_and_no_manifest(pair: Pair) -> None:
    stop(pair)
    origin = pair.day.config.log.origin
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=1, root=merkle.EMPTY_ROOT))
    note = checkpoints.join_note(text, [checkpoints.sign_note(SIGNERS["platform"], origin, text)])
    refused = cosign_checkpoint(pair.notary, note, 0, [])
    assert isinstance(refused, Refused)
    assert refused.no is No.STOPPED
    body = exports.manifest_body(pair.day.unsigned_manifest({}))
    signature = SIGNERS["platform"].sign(Purpose.MANIFEST, body)
    refused = sign_manifest(pair.notary, body, signature)
    assert isinstance(refused, Refused)
    assert refused.no is No.STOPPED


def test_a_second_seal_is_evidence_even_while_stopped(pair: Pair) -> None:
    seal, taken = pair.day.seal(0, 10, 20)
    assert isinstance(answer(pair.notary, request_for(seal, taken)), bytes)
    stop(pair)
    (other,) = rivals(pair.day, taken, seal, 1)
    assert answer(pair.notary, other) is No.CONFLICT
    assert pair.notary.book.refusal_count() == 1


def test_a_stop_survives_a_restart_and_stands_in_the_signed_status(pair: Pair) -> None:
    stop(pair, reason="机房断电演练")
    pair.notary.book.close()
    desk = open_desk(pair.home / "notary", "notary", pair.clock)
    status = status_of(desk)
    assert status["stopped"]["reason"] == "机房断电演练"
    signature = bytes.fromhex(status.pop("signature"))
    assert is_signed(desk.key.public, Purpose.STATUS, canonical(status), signature)
    assert answer(desk, request_for(*pair.day.seal(0, 10, 20))) is No.STOPPED


def test_a_stopped_signer_takes_up_configs_and_proves_nothing(pair: Pair) -> None:
    stop(pair)
    accepted = pair.notary.accept_config(pair.day.raw_config, sign_both(pair.day.cfg_hash))
    assert isinstance(accepted, Accepted)
    assert key_of(pair.notary)["proofs"] == {}


def test_every_stop_and_resumption_stands_in_the_book_with_name_time_and_reason(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path / "book.sqlite")
    stop_or_resume(book, "stop", "  王  公证员 ", "核对", OPENS)
    stop_or_resume(book, "resume", "李公证员", "核对完毕", OPENS)
    told = [(line.kind, line.name, line.reason) for line in book.stops(9)]
    assert told == [("resume", "李公证员", "核对完毕"), ("stop", "王 公证员", "核对")]


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("stop", "", "why"),
        ("stop", "who", "  "),
        ("stop", "w" * 41, "why"),
        ("stop", "who", "w" * 401),
        ("resume", "who", "it is not stopped"),
    ],
)
def test_a_stop_without_a_name_a_reason_or_an_effect_is_not_written(
    tmp_path: Path, kind: str, name: str, reason: str
) -> None:
    book = Book(tmp_path / "book.sqlite")
    with pytest.raises(BadStopError):
        stop_or_resume(book, kind, name, reason, OPENS)
    assert book.stops(9) == []


class _Console:
    """A console, a clock and a draw that a test holds in its hand."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.now = 0.0
        codes = iter(("11112222", "33334444"))
        self.passcode = Passcode(
            show=self.printed.append, draw=lambda: next(codes), monotonic=lambda: self.now
        )


def test_a_code_serves_once() -> None:
    console = _Console()
    assert not console.passcode.is_right("11112222")
    console.passcode.ask()
    assert "1111 2222" in console.printed[0]
    assert console.passcode.is_right("1111 2222")
    assert not console.passcode.is_right("1111 2222")


def test_a_code_ends_after_five_minutes_and_after_five_wrong_tries() -> None:
    console = _Console()
    console.passcode.ask()
    for _ in range(TRIES):
        assert not console.passcode.is_right("00000000")
    assert not console.passcode.is_right("11112222")
    console.passcode.ask()
    console.now = GOOD_S
    assert not console.passcode.is_right("33334444")


def test_a_code_that_is_still_good_is_printed_again_not_replaced() -> None:
    console = _Console()
    console.passcode.ask()
    console.passcode.ask()
    assert len(set(console.printed)) == 1
