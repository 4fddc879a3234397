"""Checkpoints: one short public line that fixes the whole history of the draw.  检查点

C2SP signed notes and checkpoints, used unchanged: the log's name, its size and its root, signed by
the platform (Ed25519, type 0x01) and cosigned by witnesses with their time (cosignature/v1, 0x04).
Two audiences that hold cosigned checkpoints hold the same log.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from huiquan.domain.draw_config import Log
from huiquan.domain.signing import Signer, is_text_signed

_ED25519, _COSIGNATURE = b"\x01", b"\x04"
# The standard lets a witness name a second that no calendar holds: from the year 9000 on, none.
_SECONDS_END = 221_845_392_000
_DASH = "\u2014 "


class BadNoteError(ValueError):
    """The text is not a signed note or not a checkpoint."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How long the log is, and the root over all of it."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True)
class NoteSignature:
    """One signature line: who, the first 4 bytes of the key's fingerprint, and the bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True)
class SignedNote:
    """A text that ends with a line break, and the signatures under it."""

    text: str
    signatures: tuple[NoteSignature, ...]


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The three lines of a checkpoint: name, size in decimal, root in base64."""
    root = base64.b64encode(checkpoint.root).decode("ascii")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint behind these lines; further lines are extensions and are passed over.

    Refuses (BadNoteError) a size or a root in any other form, and an empty line.
    """
    *lines, end = text.split("\n")
    if len(lines) < 3 or end or not all(lines):
        raise BadNoteError("a checkpoint has at least three lines, and none is empty")
    if not (lines[1].isascii() and lines[1].isdecimal()) or len(lines[1]) > 19:
        raise BadNoteError("the size of a log is a whole number")
    if str(int(lines[1])) != lines[1]:
        raise BadNoteError("the size of a log has no leading zero")
    root = _from_base64(lines[2])
    if len(root) != 32:
        raise BadNoteError("the root of a log has 32 bytes")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root)


def sign_note(signer: Signer, name: str, text: str) -> str:
    """The log's own signature line under a text (signature type 0x01)."""
    signature = signer.sign_text(text.encode())
    return _line(name, _key_id(name, _ED25519, signer.key), signature)


def cosign(signer: Signer, name: str, text: str, at: datetime) -> str:
    """A witness's line: seen at this second, consistent with all the witness saw before."""
    second = int(at.timestamp())
    signature = second.to_bytes(8, "big") + signer.sign_text(_cosigned_text(text, second))
    return _line(name, _key_id(name, _COSIGNATURE, signer.key), signature)


def join_note(text: str, lines: Iterable[str]) -> str:
    """A signed note: the text, an empty line, the signature lines."""
    return text + "\n" + "".join(lines)


def parse_note(note: str) -> SignedNote:
    """The text and the signatures of a note. Refuses (BadNoteError) any other shape."""
    if any(letter < " " and letter != "\n" for letter in note):
        raise BadNoteError("a note holds no control characters")
    text, gap, below = note.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise BadNoteError("a note is a text, an empty line and signature lines")
    return SignedNote(
        text=text + "\n", signatures=tuple(map(_parse_line, below.removesuffix("\n").split("\n")))
    )


def split_notes(text: str) -> list[str]:
    """The notes of a file in which an empty line stands between one note and the next."""
    notes: list[str] = []
    current: list[str] = []
    for line in text.split("\n"):
        if not line and current and current[-1].startswith(_DASH):
            notes.append("\n".join([*current, ""]))
            current = []
        else:
            current.append(line)
    if any(current):
        raise BadNoteError("the last note has no end")
    return notes


def join_notes(notes: Sequence[str]) -> str:
    """Notes one after another in one file, an empty line between them."""
    return "\n".join(notes)


def is_note_signed(note: SignedNote, name: str, key: bytes) -> bool:
    """True if the log of this name and key signed the note."""
    key_id = _key_id(name, _ED25519, key)
    return any(
        one.name == name
        and one.key_id == key_id
        and is_text_signed(key, note.text.encode(), one.signature)
        for one in note.signatures
    )


def with_own_line(note: SignedNote, name: str, keys: Iterable[bytes]) -> str | None:
    """The note under the one line by which the log signed it with one of these keys, or None.

    Lines of others stand under a note as anyone likes; this spelling of it only the log can make.
    """
    known = tuple(keys)
    for one in note.signatures:
        alone = SignedNote(text=note.text, signatures=(one,))
        if any(is_note_signed(alone, name, key) for key in known):
            return join_note(note.text, [_line(one.name, one.key_id, one.signature)])
    return None


def cosigned_at(note: SignedNote, name: str, key: bytes) -> datetime | None:
    """When the witness of this name and key says it saw the note, or nothing.

    A time from the year 9000 on counts for nothing, like a signature that does not hold.
    """
    key_id = _key_id(name, _COSIGNATURE, key)
    for one in note.signatures:
        if one.name != name or one.key_id != key_id or len(one.signature) != 72:
            continue
        second = int.from_bytes(one.signature[:8], "big")
        if second >= _SECONDS_END:
            continue
        if is_text_signed(key, _cosigned_text(note.text, second), one.signature[8:]):
            return datetime.fromtimestamp(second, UTC)
    return None


def has_quorum(note: SignedNote, log: Log) -> bool:
    """True if enough different witnesses of the config cosigned the note."""
    seen = (cosigned_at(note, one.name, bytes.fromhex(one.key)) for one in log.witnesses)
    return sum(at is not None for at in seen) >= log.quorum


def is_every_line_known(note: SignedNote, log: Log, platform: bytes) -> bool:
    """True if each signature line is the log's own or that of a witness it names, and holds.

    Each party stands there once. A reader of the log passes over lines of strangers, as the
    standard has it; in a proof that people hand on nothing may stand that nobody checked.
    """
    keys = {one.name: bytes.fromhex(one.key) for one in log.witnesses}
    names = [one.name for one in note.signatures]
    if len(set(names)) != len(names):
        return False
    for one in note.signatures:
        alone = SignedNote(text=note.text, signatures=(one,))
        if one.name == log.origin:
            holds = is_note_signed(alone, one.name, platform)
        else:
            key = keys.get(one.name)
            holds = key is not None and cosigned_at(alone, one.name, key) is not None
        if not holds:
            return False
    return True


def with_named_lines(note: str, log: Log, platform: bytes) -> str:
    """The same note under the lines of the log and of the witnesses it names, and no others."""
    parsed = parse_note(note)
    lines = note[len(parsed.text) + 1 :].splitlines(keepends=True)
    kept = [
        line
        for line, one in zip(lines, parsed.signatures, strict=True)
        if is_every_line_known(SignedNote(text=parsed.text, signatures=(one,)), log, platform)
    ]
    return join_note(parsed.text, kept)


def _cosigned_text(text: str, second: int) -> bytes:
    """What a witness signs: cosignature/v1, its time in seconds since 1970, the note's text."""
    return f"cosignature/v1\ntime {second}\n{text}".encode()


def _key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """The first 4 bytes of SHA-256(name, line break, signature type, key)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:4]


def _line(name: str, key_id: bytes, signature: bytes) -> str:
    """A signature line: a dash, the name, base64 of key id and signature."""
    return f"{_DASH}{name} {base64.b64encode(key_id + signature).decode('ascii')}\n"


def _parse_line(line: str) -> NoteSignature:
    """The signature behind a line. Refuses (BadNoteError) any other shape."""
    name, _, blob = line.removeprefix(_DASH).rpartition(" ")
    raw = _from_base64(blob)
    is_named = name and "+" not in name and not any(letter.isspace() for letter in name)
    if not line.startswith(_DASH) or not is_named or len(raw) < 5:
        raise BadNoteError("a signature line is a dash, a name and base64")
    return NoteSignature(name=name, key_id=raw[:4], signature=raw[4:])


def _from_base64(text: str) -> bytes:
    """Bytes from base64 in its one canonical spelling. Refuses (BadNoteError) any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNoteError("not base64") from error
    if base64.b64encode(raw).decode("ascii") != text:
        raise BadNoteError("base64 in another spelling")
    return raw
