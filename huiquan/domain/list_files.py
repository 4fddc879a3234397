"""The folder of a sealed list, as it travels from platform to notary to auditor.  名单文件

    list.json            the seal, the platform's signature, and what a signer needs beside it
    config.json          the published draw config, as it was signed
    entries.bin          everyone on the list, 80 bytes each
    answer-notary.json   the notary's proof, once the notary has drawn
    answer-auditor.json  the auditor's, after that

The seal, the entries and the proofs are those of docs/lottery.md, to the byte.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import Struct

from huiquan.domain import lottery, rounds, vrf
from huiquan.domain.draw_config import DrawConfig, cfg_hash_of, decode_config, tables_of
from huiquan.domain.lottery import Drawn
from huiquan.domain.receipts import Hex
from huiquan.domain.rounds import Entry, Final, Seal

LIST = "list.json"
CONFIG = "config.json"
ENTRIES = "entries.bin"
LIST_FORMAT = "huiquan/draw-list/1"
ANSWER_FORMAT = "huiquan/draw-answer/1"
ROLE_LETTERS = {"notary": "N", "auditor": "W"}

T = TypeVar("T")


class BadListError(ValueError):
    """The folder is no list: a file is missing, cannot be read, or belongs to another list."""


class ListFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """list.json. previous_final is that of the campaign's list before, None for its first."""

    format: str = LIST_FORMAT
    campaign: str
    platform: str
    day: int
    seal: Hex
    signature: Hex
    previous_final: Hex | None
    config_by_platform: Hex
    config_by_approver: Hex


class AnswerFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """answer-<role>.json: the one proof that this signer can make for the list."""

    format: str = ANSWER_FORMAT
    role: str
    key: Hex
    seal_hash: Hex
    pi: Hex


@dataclass(frozen=True, kw_only=True)
class SealedList:
    """A list as it was read from its folder."""

    file: ListFile
    config: DrawConfig
    raw_config: bytes
    raw_entries: bytes
    seal: Seal
    seal_hash: bytes
    entries: list[Entry]


def answer_name(role: str) -> str:
    """The name of a signer's answer in the folder."""
    return f"answer-{role}.json"


def write_file(value: ListFile | AnswerFile) -> bytes:
    """A file of the folder as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def read_list(raw_list: bytes, raw_config: bytes, raw_entries: bytes) -> SealedList:
    """The list behind its three files. Refuses (BadListError) what does not belong together.

    Whether the seal may be signed is for the signers to say; here it is only read.
    """
    file = _decode(raw_list, ListFile, LIST)
    try:
        raw_seal = bytes.fromhex(file.seal)
        seal = rounds.decode_seal(raw_seal)
        entries = list(rounds.decode_entries(raw_entries))
        config = decode_config(raw_config)
    except ValueError as error:
        raise BadListError(str(error)) from error
    if file.format != LIST_FORMAT or seal.cfg_hash != cfg_hash_of(raw_config):
        raise BadListError("the seal names another config than the one in the folder")
    named = (file.campaign, file.platform, file.day)
    if named != (config.campaign, config.platform, seal.day) or seal.day not in config.days:
        raise BadListError("the list, its seal and its config speak of different draws")
    return SealedList(
        file=file,
        config=config,
        raw_config=raw_config,
        raw_entries=raw_entries,
        seal=seal,
        seal_hash=rounds.seal_hash_of(raw_seal),
        entries=entries,
    )


def read_answer(raw: bytes, role: str, sealed: SealedList) -> bytes:
    """The proof in a signer's answer, verified under the key that the config names.

    Refuses (BadListError) an answer for another list, by another signer, or that does not hold.
    """
    answer = _decode(raw, AnswerFile, answer_name(role))
    key = {"notary": sealed.config.keys.notary, "auditor": sealed.config.keys.auditor}[role]
    if (answer.format, answer.role, answer.key) != (ANSWER_FORMAT, role, key):
        raise BadListError(f"the answer is not that of the {role} whom the config names")
    if answer.seal_hash != sealed.seal_hash.hex():
        raise BadListError(f"the {role} answered for another list")
    proof = bytes.fromhex(answer.pi)
    if _beta(key, role, sealed.seal_hash, proof) is None:
        raise BadListError(f"the proof of the {role} does not hold")
    return proof


def draw_list(sealed: SealedList, pi_notary: bytes, pi_auditor: bytes) -> tuple[Drawn, Final]:
    """Who won, from both proofs: the same function as every other draw of the house."""
    keys = sealed.config.keys
    beta_notary = _beta(keys.notary, "notary", sealed.seal_hash, pi_notary)
    beta_auditor = _beta(keys.auditor, "auditor", sealed.seal_hash, pi_auditor)
    assert beta_notary is not None, "the notary's proof was read before"
    assert beta_auditor is not None, "the auditor's proof was read before"
    tables = tables_of(sealed.config.days[sealed.seal.day])
    drawn = lottery.draw_round(sealed.seal, sealed.entries, tables, beta_notary, beta_auditor)
    return drawn, lottery.final_of(sealed.seal_hash, pi_notary, pi_auditor, drawn)


def draw_no(day: int, lane: int, idx: int) -> str:
    """The number under which an entry is published: D20251127-00-000042."""
    return f"D{day}-{lane:02}-{idx:06}"


def _beta(key: str, role: str, seal_hash: bytes, proof: bytes) -> bytes | None:
    return vrf.verify(bytes.fromhex(key), vrf.seal_alpha(ROLE_LETTERS[role], seal_hash), proof)


def _decode(raw: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise BadListError(f"{name}: {error}") from error
