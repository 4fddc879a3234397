"""The folder of a change of keys, as it travels from platform to both signers and back.  换钥文件

declaration.json      the declaration as text, and the platform's signature
answer-<role>.json    the signature of the signer that is still there, then of the new key
"""

from typing import TypeVar

import msgspec
from msgspec import Struct

from huiquan.domain.draw_config import Hex32, Signature
from huiquan.domain.epochs import (
    BadDeclarationError,
    DeclaredEpoch,
    EpochSignatures,
    declaration_hash_of,
    decode_declaration,
    is_declaration_signed,
)

DECLARATION = "declaration.json"
DRAFT_FORMAT = "huiquan/epoch-draft/1"
ANSWER_FORMAT = "huiquan/epoch-answer/1"

T = TypeVar("T")


class BadEpochFileError(ValueError):
    """A file of the folder is missing, cannot be read, or belongs to another declaration."""


class DraftFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """declaration.json."""

    format: str = DRAFT_FORMAT
    declaration: str
    platform: Signature


class AnswerFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """answer-<role>.json."""

    format: str = ANSWER_FORMAT
    role: str
    key: Hex32
    declaration_hash: Hex32
    signature: Signature


def answer_name(role: str) -> str:
    """The name of a signer's answer in the folder."""
    return f"answer-{role}.json"


def write_file(value: DraftFile | AnswerFile) -> bytes:
    """A file of the folder as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def read_draft(raw: bytes) -> DraftFile:
    """declaration.json. Refuses (BadEpochFileError) what holds no declaration in its form."""
    draft = _decode(raw, DraftFile, DECLARATION)
    try:
        decode_declaration(draft.declaration.encode())
    except BadDeclarationError as error:
        raise BadEpochFileError(f"{DECLARATION}: {error}") from error
    if draft.format != DRAFT_FORMAT:
        raise BadEpochFileError(f"{DECLARATION} has another format")
    return draft


def read_answer(raw: bytes, role: str, declaration: bytes) -> bytes:
    """The signature in a signer's answer. Refuses (BadEpochFileError) one that does not hold."""
    name = answer_name(role)
    answer = _decode(raw, AnswerFile, name)
    said = decode_declaration(declaration)
    key = getattr(said.keys_after, role)
    if (answer.format, answer.role, answer.key) != (ANSWER_FORMAT, role, key):
        raise BadEpochFileError(f"{name} is not that of the {role} whom the declaration names")
    signature = bytes.fromhex(answer.signature)
    if not is_declaration_signed(key, declaration_hash_of(declaration), signature):
        raise BadEpochFileError(f"{name} signs another declaration")
    return signature


def declared_with(draft: DraftFile, survivor: bytes, successor: bytes) -> DeclaredEpoch:
    """The declaration with all three signatures, once both answers are there."""
    raw = draft.declaration.encode()
    return DeclaredEpoch(
        declaration=decode_declaration(raw),
        raw=raw,
        signatures=EpochSignatures(
            platform=bytes.fromhex(draft.platform), survivor=survivor, successor=successor
        ),
    )


def _decode(raw: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise BadEpochFileError(f"{name}: {error}") from error
