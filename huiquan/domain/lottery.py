"""The draw: a pure function that gives everyone the same winners.  即时摇号

Who wins follows from the sealed entries and from two proofs that the notary and the auditor can
make in one way only. A miss is not kept anywhere: whoever asks computes it again.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from huiquan.domain.hashes import ZERO_HASH, leading_u64, tagged_hash
from huiquan.domain.rounds import Entry, Final, Seal, encode_seal, seal_hash_of

CERTAINTY = 1 << 64
PID_BYTES = 16

Bounds = Sequence[tuple[int, int]]
"""One pack's table: (bound, tier) in rising order; a ticket below the bound wins the tier."""

Tables = Mapping[int, Bounds]
"""One day's tables, by pack."""


class Outcome(NamedTuple):
    """What one entry drew: tier 0 is a miss; a drawn tier is kept, or cut for want of stock."""

    tier: int
    kept: bool


MISS = Outcome(0, False)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a round's randomness decides about each tier."""

    seed: bytes
    kept: tuple[int, ...]
    cut: tuple[int, ...]
    last_kept_rank: tuple[bytes, ...]
    left_after: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Drawn(Decided):
    """All that a round's randomness decides; outcomes stand in the order of the entries."""

    outcomes: tuple[Outcome, ...]


def campaign_key_commitment(campaign_key: bytes) -> bytes:
    """What is published about the pseudonym key before the campaign: H("kcamp", key)."""
    return tagged_hash("kcamp", campaign_key)


def pid_of(campaign_key: bytes, person_key: bytes) -> bytes:
    """A person's pseudonym in this campaign, 16 bytes; nobody without the key can guess it."""
    return hmac.digest(campaign_key, b"pid" + person_key, "sha256")[:PID_BYTES]


def lane_of(epoch_start_hash: bytes, pid: bytes, lanes: int) -> int:
    """The lane a person belongs to for the whole epoch: nobody can move them to an easier one.

    epoch_start_hash is the hash of the config that started the epoch.
    """
    return leading_u64(tagged_hash("lane", epoch_start_hash, pid)) % lanes


def are_in_lane(epoch_start_hash: bytes, pids: Iterable[bytes], lanes: int, lane: int) -> bool:
    """True if everyone of these belongs to this lane: lane_of for a whole round at once."""
    # The same as lane_of, written out: this runs once for every entry, at both signers.
    head = b"\x04lane" + epoch_start_hash
    sha256 = hashlib.sha256
    digests = b"".join([sha256(head + pid).digest() for pid in pids])
    leading = struct.unpack(f">{len(digests) // 8}Q", digests)[0::4]
    return {number % lanes for number in leading} <= {lane}


def eligibility_commitment(salt: bytes, decision: bytes) -> bytes:
    """Binds the entry to the decision that let the person in, without telling it. salt: 16 B."""
    if len(salt) != 16:
        raise ValueError("the salt of an eligibility decision has 16 bytes")
    # The same as tagged_hash, written out: this line runs once for every entry of the day.
    return hashlib.sha256(b"\x04elig" + salt + decision).digest()


def seed_of(
    seal_hash: bytes, beta_notary: bytes, beta_auditor: bytes, beacon: bytes = b""
) -> bytes:
    """The round's randomness, from the seal and both signers' outputs; lengths are one byte."""
    lengths = (bytes((len(part),)) + part for part in (beta_notary, beta_auditor, beacon))
    return tagged_hash("seed", seal_hash, *lengths)


def ticket_of(seed: bytes, idx: int, pid: bytes) -> int:
    """The number an entry draws, 0 to 2^64 - 1; small numbers win."""
    return leading_u64(tagged_hash("draw", seed, idx.to_bytes(8, "big"), pid))


def rank_of(seed: bytes, idx: int, pid: bytes) -> bytes:
    """The place of a drawn entry within its tier: the smallest ranks get the vouchers left."""
    return tagged_hash("rank", seed, idx.to_bytes(8, "big"), pid)


def tier_of(ticket: int, bounds: Bounds) -> int:
    """The first tier whose bound lies above the ticket, or 0 for a miss."""
    for bound, tier in bounds:
        if ticket < bound:
            return tier
    return 0


def draw_round(
    seal: Seal,
    entries: Sequence[Entry],
    tables: Tables,
    beta_notary: bytes,
    beta_auditor: bytes,
    beacon: bytes = b"",
) -> Drawn:
    """Decide a whole round. Entries come in idx order; a pack without a table wins nothing.

    In each tier the left_before smallest ranks are kept and the others are cut, so that no
    voucher is promised that the lane does not hold.
    """
    seed = seed_of(seal_hash_of(encode_seal(seal)), beta_notary, beta_auditor, beacon)
    outcomes = [MISS] * len(entries)
    ranked: list[list[tuple[bytes, int]]] = [[] for _ in seal.left_before]
    head = b"\x04draw" + seed
    sha256 = hashlib.sha256
    for place, entry in enumerate(entries):
        # The same as ticket_of, written out: this line runs once for every entry of the day.
        digest = sha256(head + entry.idx.to_bytes(8, "big") + entry.pid).digest()
        tier = tier_of(int.from_bytes(digest[:8], "big"), tables.get(entry.pack, ()))
        if tier:
            ranked[tier - 1].append((rank_of(seed, entry.idx, entry.pid), place))
    decided = decide_tiers(seed, seal.left_before, ranked)
    for number, (kept, drawn) in enumerate(zip(decided.kept, ranked, strict=True), start=1):
        for position, (_, place) in enumerate(drawn):
            outcomes[place] = Outcome(number, position < kept)
    return Drawn(
        seed=seed,
        kept=decided.kept,
        cut=decided.cut,
        last_kept_rank=decided.last_kept_rank,
        left_after=decided.left_after,
        outcomes=tuple(outcomes),
    )


def decide_tiers(
    seed: bytes, left_before: Sequence[int], ranked: Sequence[list[tuple[bytes, int]]]
) -> Decided:
    """Keep the smallest ranks of each tier, as many as are left, and cut the others.

    ranked holds for each tier the (rank, place) of everyone who drew it; it is sorted here.
    """
    kept, cut, last_kept_rank = [], [], []
    for left, drawn in zip(left_before, ranked, strict=True):
        drawn.sort()
        kept.append(min(left, len(drawn)))
        cut.append(len(drawn) - kept[-1])
        last_kept_rank.append(drawn[kept[-1] - 1][0] if kept[-1] and cut[-1] else ZERO_HASH)
    return Decided(
        seed=seed,
        kept=tuple(kept),
        cut=tuple(cut),
        last_kept_rank=tuple(last_kept_rank),
        left_after=tuple(had - gone for had, gone in zip(left_before, kept, strict=True)),
    )


def final_of(seal_hash: bytes, pi_notary: bytes, pi_auditor: bytes, drawn: Decided) -> Final:
    """The record of a drawn round, ready to be encoded and published."""
    return Final(
        seal_hash=seal_hash,
        pi_notary=pi_notary,
        pi_auditor=pi_auditor,
        seed=drawn.seed,
        kept=drawn.kept,
        cut=drawn.cut,
        last_kept_rank=drawn.last_kept_rank,
    )


def left_after(seal: Seal, final: Final) -> tuple[int, ...]:
    """What the lane still has of each tier once the round is final."""
    return tuple(had - gone for had, gone in zip(seal.left_before, final.kept, strict=True))


def outcome_of(entry: Entry, final: Final, tables: Tables) -> Outcome:
    """What one person drew, computed alone from their entry and the round's final (R1.3).

    A drawn tier is kept when nobody in it was cut, or when the person's rank is not above the
    last rank kept. When all were cut, the last rank is zero and nobody was kept.
    """
    return outcome_at(entry.idx, entry.pid, tables.get(entry.pack, ()), final)


def outcome_at(idx: int, pid: bytes, bounds: Bounds, final: Final) -> Outcome:
    """The same from what it really takes: number, pseudonym, and the table of the entry's pack."""
    tier = tier_of(ticket_of(final.seed, idx, pid), bounds)
    if not tier:
        return MISS
    if not final.cut[tier - 1]:
        return Outcome(tier, True)
    rank = rank_of(final.seed, idx, pid)
    return Outcome(tier, final.kept[tier - 1] > 0 and rank <= final.last_kept_rank[tier - 1])
