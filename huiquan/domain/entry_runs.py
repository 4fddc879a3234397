"""Runs of entries: a whole round as one string of bytes, judged without taking it apart.  成串记录

A round of ten thousand is sealed, checked twice and drawn three times. These functions say what
`merkle`, `lottery` and a look at each decoded entry say, bit for bit, and make no object for each
person: a column of all records is cut out with one stride, and only what is hashed is cut singly.
"""

import hashlib
import struct
from collections.abc import Collection
from dataclasses import dataclass

from huiquan.domain import merkle
from huiquan.domain.lottery import CERTAINTY, Decided, Tables, decide_tiers, seed_of, tier_of
from huiquan.domain.rounds import (
    ENTRY_BYTES,
    VERSION,
    BadRecordError,
    Seal,
    encode_seal,
    seal_hash_of,
    split_entries,
)

_HEAD = struct.Struct(">BHIQB")
_PACK, _PID, _NONCE = 15, 16, 32
_TICKETS = struct.Struct(f">7x8sx16s{ENTRY_BYTES - _NONCE}x")


@dataclass(frozen=True, kw_only=True)
class RunDrawn(Decided):
    """What a round's randomness decides, with the kept wins alone: (place in the run, tier)."""

    wins: tuple[tuple[int, int], ...]


def count_of(run: bytes) -> int:
    """How many entries stand in a run. Refuses (BadRecordError) bytes that are no run."""
    if len(run) % ENTRY_BYTES:
        raise BadRecordError("entries are whole records of 80 bytes")
    count = len(run) // ENTRY_BYTES
    if run[0::ENTRY_BYTES] != bytes((VERSION,)) * count:
        raise BadRecordError("an entry begins with version 1")
    return count


def first_of(run: bytes) -> tuple[int, int, int]:
    """Lane, day and idx of a run's first entry."""
    _, lane, day, idx, _ = _HEAD.unpack_from(run)
    return lane, day, idx


def root_of_run(run: bytes) -> bytes:
    """The root of the tree over a run's entries."""
    return merkle.root_of(split_entries(run))


def pids_of(run: bytes) -> list[bytes]:
    """Everyone's pseudonym, in order."""
    return [run[at + _PID : at + _NONCE] for at in range(0, len(run), ENTRY_BYTES)]


def next_run(waiting: bytes, round_max: int) -> bytes:
    """The entries of the next round: the longest run of one day, at most round_max of them.

    A round holds entries of one day only, so midnight ends a round.
    """
    most = waiting[: round_max * ENTRY_BYTES]
    if is_one_place(most):
        return most
    day, taken = most[3:7], 1
    while most[taken * ENTRY_BYTES + 3 : taken * ENTRY_BYTES + 7] == day:
        taken += 1
    return most[: taken * ENTRY_BYTES]


def is_one_place(run: bytes) -> bool:
    """True if every entry of a run names the lane and day of the first."""
    count = len(run) // ENTRY_BYTES
    return all(run[at::ENTRY_BYTES] == run[at : at + 1] * count for at in range(1, 7))


def is_gapless(run: bytes, first_idx: int) -> bool:
    """True if the entries are numbered first_idx, first_idx + 1 and so on."""
    count = len(run) // ENTRY_BYTES
    if first_idx + count > CERTAINTY:
        return False
    numbers = struct.pack(f">{count}Q", *range(first_idx, first_idx + count))
    return all(run[7 + at :: ENTRY_BYTES] == numbers[at::8] for at in range(8))


def are_packs_known(run: bytes, packs: Collection[int]) -> bool:
    """True if every entry asks for one of these packs."""
    return set(run[_PACK::ENTRY_BYTES]) <= set(packs)


def draw_run(
    seal: Seal,
    run: bytes,
    tables: Tables,
    beta_notary: bytes,
    beta_auditor: bytes,
    beacon: bytes = b"",
) -> RunDrawn:
    """Decide a whole round: `lottery.draw_round` over the bytes of its entries.

    Nine of ten tickets lie above the highest bound of their pack. They are left aside by comparing
    the digest with the bound as bytes, which orders as their numbers do.
    """
    seed = seed_of(seal_hash_of(encode_seal(seal)), beta_notary, beta_auditor, beacon)
    highest = [b""] * 256
    for pack, bounds in tables.items():
        if bounds:
            highest[pack] = max(bound for bound, _ in bounds).to_bytes(8, "big")
    sha256, head = hashlib.sha256, b"\x04draw" + seed
    packs = run[_PACK::ENTRY_BYTES]
    tickets = [
        (place, pack, digest)
        for place, (pack, (idx, pid)) in enumerate(
            zip(packs, _TICKETS.iter_unpack(run), strict=True)
        )
        if (digest := sha256(head + idx + pid).digest()) < highest[pack]
    ]
    ranked: list[list[tuple[bytes, int]]] = [[] for _ in seal.left_before]
    rank_head = b"\x04rank" + seed
    for place, pack, digest in tickets:
        tier = tier_of(int.from_bytes(digest[:8], "big"), tables[pack])
        at = place * ENTRY_BYTES
        rank = sha256(rank_head + run[at + 7 : at + _PACK] + run[at + _PID : at + _NONCE]).digest()
        ranked[tier - 1].append((rank, place))
    decided = decide_tiers(seed, seal.left_before, ranked)
    wins = [
        (place, tier)
        for tier, (kept, drawn) in enumerate(zip(decided.kept, ranked, strict=True), start=1)
        for _, place in drawn[:kept]
    ]
    return RunDrawn(
        seed=seed,
        kept=decided.kept,
        cut=decided.cut,
        last_kept_rank=decided.last_kept_rank,
        left_after=decided.left_after,
        wins=tuple(sorted(wins)),
    )
