"""A day's draw as files that anyone can download and check alone.  摇号导出

Rows go in, the bytes of each file come out; the same rows always give the same bytes. The manifest
names every file with its fingerprint, and platform, notary and auditor sign it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from huiquan.domain.days import day_number, day_of
from huiquan.domain.draw_config import Hex32, Moment, Name, Signature, canonical
from huiquan.domain.receipts import Hex
from huiquan.domain.rounds import decode_final, decode_seal

FORMAT = "huiquan/draw-export/1"

_Row = TypeVar("_Row")

Count = Annotated[int, Meta(ge=0)]


class BadExportError(ValueError):
    """A file of the export does not have its form."""


@dataclass(frozen=True, kw_only=True)
class RoundRow:
    """One line of rounds.ndjson: a round's seal, both proofs and its final, in hex."""

    lane: Count
    seq: Count
    seal: Hex
    pi_notary: Hex
    pi_auditor: Hex
    final: Hex


@dataclass(frozen=True, kw_only=True)
class KeptRow:
    """One line of kept.ndjson: a win that was kept, and the serial of its voucher."""

    lane: Count
    idx: Count
    tier: Count
    voucher: Name


@dataclass(frozen=True, kw_only=True)
class LostKey:
    """A signer's key that was declared lost: what it signed before stays signed."""

    campaign: Name
    role: Literal["notary", "auditor"]
    key: Hex32
    declared_at: Moment


@dataclass(frozen=True, kw_only=True)
class PublishedKeys:
    """keys.json: the Ed25519 public keys of the three who sign.

    The house's own door (`GET /api/v1/public/keys`) names those that were lost beside them.
    """

    platform: Hex32
    notary: Hex32
    auditor: Hex32
    lost: tuple[LostKey, ...] = field(default=(), compare=False)

    def of_epoch(self, epoch: int, campaign: str, day: int) -> "PublishedKeys":
        """The keys whose word counts on a day of an epoch.

        A lost one stands for epoch 0 alone, up to the day on which its loss was declared.
        """
        old = {
            one.role: one.key
            for one in self.lost
            if not epoch and one.campaign == campaign and day <= day_number(day_of(one.declared_at))
        }
        return replace(
            self, notary=old.get("notary", self.notary), auditor=old.get("auditor", self.auditor)
        )


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """A config of the day: its file, its hash, and the two signatures over the hash."""

    file: Name
    cfg_hash: Hex32
    platform: Signature
    approver: Signature


@dataclass(frozen=True, kw_only=True)
class FileMark:
    """How a file is recognised: SHA-256 in hex, and its length in bytes."""

    sha256: Hex32
    bytes: Count


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The day in numbers; kept[t - 1] and cut[t - 1] belong to tier t."""

    rounds: Count
    entries: Count
    kept: tuple[Count, ...]
    cut: tuple[Count, ...]


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """The day's part of the public log, enough to compute every root of the day again.

    frontier is the right edge before the day (largest subtree first); leaves are, in the order of
    the log, [lane, seq] of a round of this day or the leaf fingerprint of another day's round.
    """

    size_before: Count
    frontier: tuple[Hex32, ...]
    leaves: tuple[tuple[Count, Count] | Hex32, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """manifest.json without the signatures: what platform, notary and auditor sign."""

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")] = FORMAT
    campaign: Name
    platform: Name
    epoch: Count
    day: Count
    configs: tuple[ConfigFile, ...]
    files: dict[str, FileMark]
    totals: Totals
    log: LogPart


@dataclass(frozen=True, kw_only=True)
class ManifestSignatures:
    """The three signatures over the manifest, in hex."""

    platform: Signature
    notary: Signature
    auditor: Signature


def round_row(seal: bytes, final: bytes) -> RoundRow:
    """The line of a final round; the proofs stand in the final already."""
    sealed, drawn = decode_seal(seal), decode_final(final)
    return RoundRow(
        lane=sealed.lane,
        seq=sealed.seq,
        seal=seal.hex(),
        pi_notary=drawn.pi_notary.hex(),
        pi_auditor=drawn.pi_auditor.hex(),
        final=final.hex(),
    )


def build_rounds(rows: Iterable[RoundRow]) -> bytes:
    """rounds.ndjson, in the order of lane and round."""
    ordered = sorted(rows, key=lambda row: (row.lane, row.seq))
    return _lines(ordered)


def build_kept(rows: Iterable[KeptRow]) -> bytes:
    """kept.ndjson, in the order of lane and entry."""
    ordered = sorted(rows, key=lambda row: (row.lane, row.idx))
    return _lines(ordered)


def build_keys(keys: PublishedKeys) -> bytes:
    """keys.json."""
    return canonical({party: getattr(keys, party) for party in ("platform", "notary", "auditor")})


def entries_file(lane: int) -> str:
    """The file that holds a lane's entries of the day."""
    return f"entries/{lane}.bin"


def config_files(raws: Mapping[bytes, bytes]) -> dict[str, bytes]:
    """The config files by name, from the bytes by hash: one is config.json, more carry hashes."""
    if len(raws) == 1:
        return {"config.json": next(iter(raws.values()))}
    return {f"config-{cfg_hash.hex()[:8]}.json": raw for cfg_hash, raw in raws.items()}


def mark_of(raw: bytes) -> FileMark:
    """The mark of a file's bytes."""
    return FileMark(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw))


def marks_of(files: Mapping[str, bytes]) -> dict[str, FileMark]:
    """The marks of all files by path."""
    return {path: mark_of(raw) for path, raw in files.items()}


def totals_of(rows: Sequence[RoundRow], tiers: int) -> Totals:
    """The day's totals from its rounds."""
    kept, cut, entries = [0] * tiers, [0] * tiers, 0
    for row in rows:
        final = decode_final(bytes.fromhex(row.final))
        entries += decode_seal(bytes.fromhex(row.seal)).count
        kept = [had + more for had, more in zip(kept, final.kept, strict=True)]
        cut = [had + more for had, more in zip(cut, final.cut, strict=True)]
    return Totals(rounds=len(rows), entries=entries, kept=tuple(kept), cut=tuple(cut))


def manifest_body(manifest: Manifest) -> bytes:
    """The bytes that are signed: the manifest without signatures, in canonical JSON."""
    return canonical(manifest)


def build_manifest(manifest: Manifest, signatures: ManifestSignatures) -> bytes:
    """manifest.json: the body and the three signatures, in canonical JSON."""
    body = msgspec.to_builtins(manifest, str_keys=True)
    return canonical(body | {"signatures": msgspec.to_builtins(signatures)})


def parse_manifest_body(raw: bytes) -> Manifest:
    """The manifest behind its signed bytes. Refuses (BadExportError) any other spelling."""
    manifest = _decode(raw, Manifest)
    if manifest_body(manifest) != raw:
        raise BadExportError("the manifest is not in canonical form")
    return manifest


def parse_manifest(raw: bytes) -> tuple[Manifest, ManifestSignatures]:
    """manifest.json taken apart. Refuses (BadExportError) any other spelling."""
    try:
        signatures = msgspec.convert(_decode(raw, dict).get("signatures"), ManifestSignatures)
    except msgspec.ValidationError as error:
        raise BadExportError(f"the manifest's signatures: {error}") from error
    manifest = _decode(raw, Manifest)
    if build_manifest(manifest, signatures) != raw:
        raise BadExportError("the manifest is not in canonical form")
    return manifest, signatures


def parse_rounds(raw: bytes) -> list[RoundRow]:
    """The lines of rounds.ndjson. Refuses (BadExportError) another form or order."""
    return _parse_lines(raw, RoundRow, build_rounds, "rounds.ndjson")


def parse_kept(raw: bytes) -> list[KeptRow]:
    """The lines of kept.ndjson. Refuses (BadExportError) another form or order."""
    return _parse_lines(raw, KeptRow, build_kept, "kept.ndjson")


def parse_keys(raw: bytes) -> PublishedKeys:
    """keys.json. Refuses (BadExportError) another form."""
    return _decode(raw, PublishedKeys)


def _lines(rows: Iterable[object]) -> bytes:
    """Rows as JSON, one in a line."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _parse_lines(
    raw: bytes, kind: type[_Row], build: Callable[[Iterable[_Row]], bytes], name: str
) -> list[_Row]:
    """Rows from JSON lines, which must be exactly what would be built from them."""
    rows = [_decode(line, kind) for line in raw.split(b"\n")[:-1]]
    if build(rows) != raw:
        raise BadExportError(f"{name} is not in its form or order")
    return rows


def _decode(raw: bytes, kind: type[_Row]) -> _Row:
    """One JSON value of a known kind. Refuses (BadExportError) anything else."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadExportError(str(error)) from error
