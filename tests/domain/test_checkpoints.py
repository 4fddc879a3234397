"""Checkpoints: the public formats byte for byte, and no signature for another text.  检查点"""

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from huiquan.domain import checkpoints
from huiquan.domain.checkpoints import BadNoteError, Checkpoint
from huiquan.domain.draw_config import Log, Witness
from huiquan.domain.signing import Purpose, is_signed, is_text_signed, signer_from

ORIGIN = "huiquan/2026"
LOG, FIRST, SECOND = (signer_from(bytes((number,)) * 32) for number in (1, 2, 3))
AT = datetime(2026, 2, 6, 2, 0, 0, 999_999, tzinfo=UTC)
TEXT = checkpoints.checkpoint_text(Checkpoint(origin=ORIGIN, size=42, root=b"r" * 32))
POLICY = Log(
    origin=ORIGIN,
    quorum=2,
    witnesses=(
        Witness(name="first", key=FIRST.key.hex()),
        Witness(name="second", key=SECOND.key.hex()),
    ),
)


def note(*lines: str) -> checkpoints.SignedNote:
    """A note over TEXT with these signature lines."""
    return checkpoints.parse_note(checkpoints.join_note(TEXT, lines))


SIGNED = checkpoints.sign_note(LOG, ORIGIN, TEXT)
COSIGNED = [
    checkpoints.cosign(who, name, TEXT, AT) for who, name in ((FIRST, "first"), (SECOND, "second"))
]


def test_a_checkpoint_is_three_lines() -> None:
    assert f"{ORIGIN}\n42\n{base64.b64encode(b'r' * 32).decode()}\n" == TEXT
    assert checkpoints.parse_checkpoint(TEXT) == Checkpoint(origin=ORIGIN, size=42, root=b"r" * 32)
    assert checkpoints.parse_checkpoint(TEXT + "an extension\n").size == 42


def test_the_logs_line_is_the_one_of_signed_notes() -> None:
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + LOG.key).digest()[:4]
    assert SIGNED.startswith(f"— {ORIGIN} ")
    raw = base64.b64decode(SIGNED.split(" ")[2])
    assert raw[:4] == key_id
    assert is_text_signed(LOG.key, TEXT.encode(), raw[4:])


def test_a_witness_signs_its_time_with_the_text() -> None:
    raw = base64.b64decode(COSIGNED[0].split(" ")[2])
    second = int(AT.timestamp())
    assert raw[:4] == hashlib.sha256(b"first\n\x04" + FIRST.key).digest()[:4]
    assert int.from_bytes(raw[4:12], "big") == second
    text = f"cosignature/v1\ntime {second}\n{TEXT}".encode()
    assert is_text_signed(FIRST.key, text, raw[12:])
    assert checkpoints.cosigned_at(note(*COSIGNED), "first", FIRST.key) == AT.replace(microsecond=0)


def test_who_signed_is_known_and_who_did_not_too() -> None:
    signed = note(SIGNED, *COSIGNED)
    assert checkpoints.is_note_signed(signed, ORIGIN, LOG.key)
    assert not checkpoints.is_note_signed(signed, ORIGIN, FIRST.key)
    assert not checkpoints.is_note_signed(signed, "other", LOG.key)
    assert checkpoints.cosigned_at(signed, "first", SECOND.key) is None
    assert checkpoints.cosigned_at(signed, "second", FIRST.key) is None


def test_a_quorum_counts_different_witnesses_that_signed_this_text() -> None:
    assert checkpoints.has_quorum(note(*COSIGNED), POLICY)
    assert not checkpoints.has_quorum(note(COSIGNED[0]), POLICY)
    assert not checkpoints.has_quorum(note(COSIGNED[0], COSIGNED[0]), POLICY)
    elsewhere = checkpoints.cosign(SECOND, "second", TEXT.replace("42", "43"), AT)
    assert not checkpoints.has_quorum(note(COSIGNED[0], elsewhere), POLICY)
    as_log = checkpoints.sign_note(SECOND, "second", TEXT)
    assert not checkpoints.has_quorum(note(COSIGNED[0], as_log), POLICY)


@pytest.mark.parametrize("second", [221_845_392_000, 2**40, 2**62, 2**64 - 1])
def test_a_witness_whose_clock_no_calendar_holds_says_nothing_and_stops_nobody(
    second: int,
) -> None:
    """It signs well and names a second beyond all years: the other two still make a quorum."""
    said = f"cosignature/v1\ntime {second}\n{TEXT}".encode()
    key_id = hashlib.sha256(b"first\n\x04" + FIRST.key).digest()[:4]
    raw = key_id + second.to_bytes(8, "big") + FIRST.sign_text(said)
    line = f"— first {base64.b64encode(raw).decode()}\n"
    assert checkpoints.cosigned_at(note(line), "first", FIRST.key) is None
    assert not checkpoints.has_quorum(note(line, COSIGNED[1]), POLICY)
    assert checkpoints.has_quorum(note(line, *COSIGNED), POLICY)


def test_notes_of_a_file_come_apart_as_they_were() -> None:
    notes = [
        checkpoints.join_note(TEXT, [SIGNED, *COSIGNED]),
        checkpoints.join_note(TEXT, [SIGNED]),
    ]
    assert checkpoints.split_notes(checkpoints.join_notes(notes)) == notes
    assert checkpoints.split_notes("") == []
    with pytest.raises(BadNoteError):
        checkpoints.split_notes(notes[0] + "\nhalf a note")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name\n1\n",
        TEXT.replace("42", "042"),
        TEXT.replace("42", "-1"),
        TEXT.replace("42", "٤٢"),
        TEXT.replace("42", "9" * 20),
        TEXT.replace(ORIGIN, ""),
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "\nan extension\n",
        f"{ORIGIN}\n1\nnot base64!\n",
        f"{ORIGIN}\n1\nAAAA\n",
        f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n1\n{'A' * 42}B=\n",
    ],
)
def test_another_shape_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNoteError):
        checkpoints.parse_checkpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + SIGNED.rstrip("\n"),
        TEXT + "\n- name AAAAAAA=\n",
        TEXT + "\n— AAAAAAA=\n",
        TEXT + "\n— two names AAAAAAA=\n",
        TEXT + "\n— two\u3000names AAAAAAA=\n",
        TEXT + "\n— a+b AAAAAAA=\n",
        TEXT + "\r\n\n— name AAAAAAA=\n",
        TEXT + "a\ttab\n\n— name AAAAAAA=\n",
        TEXT + "\n— name AAAA\n",
        TEXT + "\n— name ???\n",
    ],
)
def test_another_shape_is_no_note(text: str) -> None:
    with pytest.raises(BadNoteError):
        checkpoints.parse_note(text)


def test_a_signature_for_one_purpose_is_none_for_another() -> None:
    signature = LOG.sign(Purpose.SEAL, b"text")
    assert is_signed(LOG.key, Purpose.SEAL, b"text", signature)
    assert not is_signed(LOG.key, Purpose.MANIFEST, b"text", signature)
    assert not is_signed(FIRST.key, Purpose.SEAL, b"text", signature)
    assert not is_signed(LOG.key, Purpose.SEAL, b"text", signature[:-1])
    assert not is_signed(b"", Purpose.SEAL, b"text", signature)
    assert "secret" not in repr(LOG)


def test_nothing_that_could_be_a_point_is_ever_signed() -> None:
    with pytest.raises(AssertionError):
        LOG.sign_text(bytes(32))
