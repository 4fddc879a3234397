"""Rounds: the exact bytes of an entry, a seal and a final, as anyone can rebuild them.  轮次

    open --seal--> sealed --notary and auditor sign--> signed --draw--> final --log--> published

Whole numbers are big-endian, fields have fixed length, and nothing else may stand in a record.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huiquan.domain.hashes import HASH_BYTES, tagged_hash

VERSION = 1
PROOF_BYTES = 80
ENTRY_BYTES = 80

ENTRY_HEAD = struct.Struct(">BHIQ")  # version, lane, day, idx: how each entry begins
_ENTRY = struct.Struct(">BHIQB16s16s32s")
_SEAL = struct.Struct(">B32sHHQ32sQI32sIBB")


class BadRecordError(ValueError):
    """The bytes are not an entry, a seal or a final: wrong version, length or field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One person's part in one day's draw, under a pseudonym.  参与记录

    day is YYYYMMDD; idx counts from 0 within the lane without a gap; client_nonce was chosen by
    the person's own page, so that one record cannot be shown to two people.
    """

    lane: int
    day: int
    idx: int
    pack: int
    pid: bytes
    client_nonce: bytes
    elig: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """What the platform fixes about a round before anyone knows its randomness.  封存

    left_before[t - 1] is how many vouchers of tier t the lane still has, the top-ups of the
    passed hours included. slot is the hour of the Shanghai day, 0 to 23.
    """

    cfg_hash: bytes
    epoch: int
    lane: int
    seq: int
    prev_seal_hash: bytes
    first_idx: int
    count: int
    root: bytes
    day: int
    slot: int
    left_before: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Final:
    """What the randomness made of a round: proofs, seed, counts and the last rank kept.  终局

    last_kept_rank of a tier is 32 zero bytes when nobody was cut, or when nobody was kept.
    """

    seal_hash: bytes
    pi_notary: bytes
    pi_auditor: bytes
    seed: bytes
    kept: tuple[int, ...]
    cut: tuple[int, ...]
    last_kept_rank: tuple[bytes, ...]


def encode_entry(entry: Entry) -> bytes:
    """The 80 bytes of an entry. Refuses (BadRecordError) a field that does not fit its place."""
    if len(entry.pid) != 16 or len(entry.client_nonce) != 16 or len(entry.elig) != HASH_BYTES:
        raise BadRecordError("an entry needs a pid and a nonce of 16 bytes and an elig of 32")
    try:
        return _ENTRY.pack(
            VERSION,
            entry.lane,
            entry.day,
            entry.idx,
            entry.pack,
            entry.pid,
            entry.client_nonce,
            entry.elig,
        )
    except struct.error as error:
        raise BadRecordError(f"a number of the entry does not fit: {error}") from error


def encode_entries(entries: Iterable[Entry]) -> bytes:
    """The entries one after another, 80 bytes each, as they travel and as they are published."""
    return b"".join(map(encode_entry, entries))


def decode_entry(raw: bytes) -> Entry:
    """The entry behind 80 bytes. Refuses (BadRecordError) another length or version."""
    (entry,) = decode_entries(raw) if len(raw) == ENTRY_BYTES else (None,)
    if entry is None:
        raise BadRecordError("an entry has exactly 80 bytes")
    return entry


def decode_entries(raw: bytes) -> list[Entry]:
    """The entries behind a run of 80-byte records. Refuses (BadRecordError) anything else."""
    if len(raw) % ENTRY_BYTES:
        raise BadRecordError("entries are whole records of 80 bytes")
    entries = []
    for version, lane, day, idx, pack, pid, nonce, elig in _ENTRY.iter_unpack(raw):
        if version != VERSION:
            raise BadRecordError("an entry begins with version 1")
        entries.append(
            Entry(lane=lane, day=day, idx=idx, pack=pack, pid=pid, client_nonce=nonce, elig=elig)
        )
    return entries


def split_entries(raw: bytes) -> list[bytes]:
    """The 80-byte leaves of a run of entries, in order."""
    if len(raw) % ENTRY_BYTES:
        raise BadRecordError("entries are whole records of 80 bytes")
    return [raw[at : at + ENTRY_BYTES] for at in range(0, len(raw), ENTRY_BYTES)]


def encode_seal(seal: Seal) -> bytes:
    """The bytes of a seal: 127 and 4 for each tier. Refuses (BadRecordError) what does not fit."""
    if {len(seal.cfg_hash), len(seal.prev_seal_hash), len(seal.root)} != {HASH_BYTES}:
        raise BadRecordError("the fingerprints in a seal have 32 bytes")
    try:
        head = _SEAL.pack(
            VERSION,
            seal.cfg_hash,
            seal.epoch,
            seal.lane,
            seal.seq,
            seal.prev_seal_hash,
            seal.first_idx,
            seal.count,
            seal.root,
            seal.day,
            seal.slot,
            len(seal.left_before),
        )
        return head + _u32s(seal.left_before)
    except struct.error as error:
        raise BadRecordError(f"a number of the seal does not fit: {error}") from error


def decode_seal(raw: bytes) -> Seal:
    """The seal behind these bytes. Refuses (BadRecordError) another length or version."""
    if len(raw) < _SEAL.size or raw[0] != VERSION or len(raw) != _SEAL.size + 4 * raw[126]:
        raise BadRecordError("a seal has version 1 and exactly 127 bytes and 4 for each tier")
    _, cfg_hash, epoch, lane, seq, prev, first_idx, count, root, day, slot, k = _SEAL.unpack_from(
        raw
    )
    return Seal(
        cfg_hash=cfg_hash,
        epoch=epoch,
        lane=lane,
        seq=seq,
        prev_seal_hash=prev,
        first_idx=first_idx,
        count=count,
        root=root,
        day=day,
        slot=slot,
        left_before=struct.unpack_from(f">{k}I", raw, _SEAL.size),
    )


def seal_hash_of(raw_seal: bytes) -> bytes:
    """The fingerprint of a seal's bytes: what the signers sign, and what the next seal names."""
    return tagged_hash("seal", raw_seal)


def encode_final(final: Final) -> bytes:
    """The bytes of a final: 224 and 40 for each tier. Refuses (BadRecordError) what is too big."""
    k = len(final.kept)
    hashes = (final.seal_hash, final.seed, *final.last_kept_rank)
    proofs = (final.pi_notary, final.pi_auditor)
    if len(final.cut) != k or len(final.last_kept_rank) != k:
        raise BadRecordError("a final counts kept, cut and last rank for the same tiers")
    if any(len(one) != HASH_BYTES for one in hashes):
        raise BadRecordError("the fingerprints in a final have 32 bytes")
    if any(len(one) != PROOF_BYTES for one in proofs):
        raise BadRecordError("a proof has 80 bytes")
    try:
        counts = _u32s(final.kept) + _u32s(final.cut)
    except struct.error as error:
        raise BadRecordError(f"a count of the final does not fit: {error}") from error
    head = final.seal_hash + final.pi_notary + final.pi_auditor + final.seed
    return head + counts + b"".join(final.last_kept_rank)


def decode_final(raw: bytes) -> Final:
    """The final behind these bytes; its length says how many tiers. Refuses (BadRecordError)."""
    k, rest = divmod(len(raw) - 224, 40)
    if len(raw) < 224 or rest:
        raise BadRecordError("a final has exactly 224 bytes and 40 for each tier")
    counts = struct.unpack_from(f">{2 * k}I", raw, 224)
    ranks = raw[224 + 8 * k :]
    return Final(
        seal_hash=raw[:32],
        pi_notary=raw[32:112],
        pi_auditor=raw[112:192],
        seed=raw[192:224],
        kept=counts[:k],
        cut=counts[k:],
        last_kept_rank=tuple(ranks[at : at + 32] for at in range(0, 32 * k, 32)),
    )


def log_leaf(raw_seal: bytes, raw_final: bytes) -> bytes:
    """A round as one entry of the public log: its seal and its final together."""
    return raw_seal + raw_final


def split_leaf(leaf: bytes) -> tuple[bytes, bytes]:
    """The seal and the final of an entry of the public log. Refuses (BadRecordError) less."""
    if len(leaf) < _SEAL.size or leaf[0] != VERSION:
        raise BadRecordError("an entry of the log begins with a seal of version 1")
    end = _SEAL.size + 4 * leaf[126]
    return leaf[:end], leaf[end:]


def _u32s(numbers: Sequence[int]) -> bytes:
    """Whole numbers of 4 bytes each, one after another."""
    return struct.pack(f">{len(numbers)}I", *numbers)
