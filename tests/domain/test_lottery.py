"""The draw: a stranger who reads the published page gets the same winners.  即时摇号"""

import hashlib
import hmac
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.domain import hashes, lottery, rounds
from huiquan.domain.lottery import MISS, Outcome
from huiquan.domain.rounds import BadRecordError, Entry, Final, Seal
from tests.domain.draw_days import DAY

TABLES = {1: [(1 << 62, 1), (3 << 62, 2)], 2: [(1 << 63, 3)]}
hash32 = st.binary(min_size=32, max_size=32)
u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)


def entries(count: int, first_idx: int = 7) -> list[Entry]:
    """So many people, in turn for pack 1, 2 and a pack without a table."""
    return [
        Entry(
            lane=1,
            day=DAY,
            idx=first_idx + number,
            pack=1 + number % 3,
            pid=hashlib.sha256(b"%d" % number).digest()[:16],
            client_nonce=bytes(16),
            elig=bytes(32),
        )
        for number in range(count)
    ]


def a_seal(left: tuple[int, ...] = (1, 2, 3), count: int = 0) -> Seal:
    """A seal with this stock."""
    return Seal(
        cfg_hash=b"c" * 32,
        epoch=1,
        lane=1,
        seq=5,
        prev_seal_hash=b"p" * 32,
        first_idx=7,
        count=count,
        root=b"r" * 32,
        day=DAY,
        slot=10,
        left_before=left,
    )


def sha(tag: str, text: bytes) -> bytes:
    """H(tag, x) as it is published."""
    return hashlib.sha256(struct.pack("B", len(tag)) + tag.encode() + text).digest()


def draw_by_the_book(
    seal: Seal, taken: list[Entry], beta_n: bytes, beta_w: bytes
) -> list[tuple[int, bool]]:
    """The published description, step by step, sorting everyone of a tier anew for each person."""
    sealed = sha("seal", rounds.encode_seal(seal))
    seed = sha("seed", sealed + b"\x40" + beta_n + b"\x40" + beta_w + b"\x00")
    drawn: dict[int, int] = {}
    ranks: dict[int, bytes] = {}
    for entry in taken:
        place = seed + struct.pack(">Q", entry.idx) + entry.pid
        ticket = struct.unpack(">Q", sha("draw", place)[:8])[0]
        won = [tier for bound, tier in TABLES.get(entry.pack, []) if ticket < bound]
        drawn[entry.idx] = won[0] if won else 0
        ranks[entry.idx] = sha("rank", place)
    results = []
    for entry in taken:
        tier = drawn[entry.idx]
        smaller = sum(ranks[i] < ranks[entry.idx] for i in drawn if drawn[i] == tier)
        results.append((tier, tier > 0 and smaller < seal.left_before[tier - 1]))
    return results


@pytest.mark.requirement("R2.1")
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 40),
    left=st.tuples(*[st.integers(0, 12)] * 3),
    beta_n=st.binary(min_size=64, max_size=64),
    beta_w=st.binary(min_size=64, max_size=64),
)
def test_a_second_reading_of_the_rules_draws_the_same(
    count: int, left: tuple[int, ...], beta_n: bytes, beta_w: bytes
) -> None:
    taken, seal = entries(count), a_seal(left)
    drawn = lottery.draw_round(seal, taken, TABLES, beta_n, beta_w)
    expected = draw_by_the_book(seal, taken, beta_n, beta_w)
    assert [tuple(outcome) for outcome in drawn.outcomes] == expected
    for tier in (1, 2, 3):
        assert drawn.kept[tier - 1] == expected.count((tier, True)) <= left[tier - 1]
        assert drawn.cut[tier - 1] == expected.count((tier, False))
        assert drawn.left_after[tier - 1] == left[tier - 1] - drawn.kept[tier - 1]
        if drawn.cut[tier - 1]:
            assert drawn.left_after[tier - 1] == 0, "nobody is cut while there is stock"


@pytest.mark.requirement("R1.3")
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60), left=st.tuples(*[st.integers(0, 9)] * 3), beta=st.binary(max_size=8)
)
def test_a_person_computes_alone_what_the_round_decided(
    count: int, left: tuple[int, ...], beta: bytes
) -> None:
    taken, seal = entries(count), a_seal(left)
    drawn = lottery.draw_round(seal, taken, TABLES, beta, b"w" * 64)
    final = lottery.final_of(bytes(32), bytes(80), bytes(80), drawn)
    assert tuple(lottery.outcome_of(entry, final, TABLES) for entry in taken) == drawn.outcomes
    assert lottery.left_after(seal, final) == drawn.left_after


def test_wins_come_as_often_as_the_table_says() -> None:
    drawn = lottery.draw_round(a_seal((9999,) * 3), entries(9000), TABLES, b"n" * 64, b"w" * 64)
    wins = [sum(outcome.tier == tier for outcome in drawn.outcomes) for tier in (0, 1, 2, 3)]
    # Pack 1: a quarter and a half of 3000; pack 2: a half of 3000; pack 3 has no table.
    for seen, expected, deviation in zip(wins[1:], (750, 1500, 1500), (24, 28, 28), strict=True):
        assert abs(seen - expected) < 4 * deviation


def test_an_empty_round_decides_nothing() -> None:
    drawn = lottery.draw_round(a_seal(), [], TABLES, b"", b"")
    assert (drawn.outcomes, drawn.kept, drawn.cut) == ((), (0, 0, 0), (0, 0, 0))
    assert drawn.left_after == (1, 2, 3)


def test_every_part_of_the_seal_and_both_signers_move_the_seed() -> None:
    seeds = {
        lottery.seed_of(seal_hash, beta_n, beta_w, beacon)
        for seal_hash in (bytes(32), b"x" * 32)
        for beta_n in (bytes(64), b"n" * 64)
        for beta_w in (bytes(64), b"w" * 64)
        for beacon in (b"", b"b")
    }
    assert len(seeds) == 16


@pytest.mark.parametrize(
    ("ticket", "tier"),
    [(0, 1), ((1 << 62) - 1, 1), (1 << 62, 2), ((3 << 62) - 1, 2), (3 << 62, 0), (2**64 - 1, 0)],
)
def test_a_ticket_wins_the_first_tier_whose_bound_lies_above_it(ticket: int, tier: int) -> None:
    assert lottery.tier_of(ticket, TABLES[1]) == tier


def test_when_nobody_is_kept_everybody_drawn_is_cut() -> None:
    drawn = lottery.draw_round(a_seal((0, 0, 0)), entries(30), TABLES, b"n" * 64, b"w" * 64)
    assert sum(drawn.kept) == 0
    assert sum(drawn.cut) == sum(outcome.tier > 0 for outcome in drawn.outcomes) > 0
    assert set(drawn.last_kept_rank) == {bytes(32)}
    assert Outcome(0, False) == MISS


def test_pseudonym_lane_and_commitments_are_as_published() -> None:
    pid = lottery.pid_of(b"key", b"person")
    assert pid == hmac.new(b"key", b"pidperson", "sha256").digest()[:16]
    start = b"s" * 32
    assert lottery.lane_of(start, pid, 64) == int.from_bytes(sha("lane", start + pid)[:8]) % 64
    people = [entry.pid for entry in entries(50)]
    for lane in range(3):
        mine = [one for one in people if lottery.lane_of(start, one, 3) == lane]
        assert lottery.are_in_lane(start, mine, 3, lane)
        assert not lottery.are_in_lane(start, people, 3, lane)
    assert lottery.campaign_key_commitment(b"key") == sha("kcamp", b"key")
    assert lottery.eligibility_commitment(b"s" * 16, b"yes") == sha("elig", b"s" * 16 + b"yes")
    with pytest.raises(ValueError, match="salt"):
        lottery.eligibility_commitment(b"short", b"yes")


def test_a_tag_keeps_two_uses_apart() -> None:
    assert hashes.tagged_hash("draw", b"x") == sha("draw", b"x")
    assert hashes.tagged_hash("draw", b"x") != hashes.tagged_hash("rank", b"x")
    assert hashes.tagged_hash("ab", b"c") != hashes.tagged_hash("a", b"bc")


@given(
    lane=st.integers(0, 65535),
    day=u32,
    idx=u64,
    pack=st.integers(0, 255),
    pid=st.binary(min_size=16, max_size=16),
    nonce=st.binary(min_size=16, max_size=16),
    elig=hash32,
)
def test_an_entry_is_its_80_bytes(
    lane: int, day: int, idx: int, pack: int, pid: bytes, nonce: bytes, elig: bytes
) -> None:
    entry = Entry(lane=lane, day=day, idx=idx, pack=pack, pid=pid, client_nonce=nonce, elig=elig)
    raw = rounds.encode_entry(entry)
    by_hand = b"\x01" + struct.pack(">HIQB", lane, day, idx, pack) + pid + nonce + elig
    assert raw == by_hand
    assert len(raw) == rounds.ENTRY_BYTES == 80
    assert rounds.decode_entry(raw) == entry
    assert rounds.decode_entries(raw * 2) == [entry, entry]
    assert rounds.split_entries(raw * 2) == [raw, raw]


@given(
    numbers=st.tuples(st.integers(0, 65535), st.integers(0, 65535), u64, u64, u32, u32),
    slot=st.integers(0, 255),
    left=st.lists(u32, max_size=255).map(tuple),
    three=st.tuples(hash32, hash32, hash32),
)
def test_a_seal_is_127_bytes_and_4_for_each_tier(
    numbers: tuple[int, ...], slot: int, left: tuple[int, ...], three: tuple[bytes, ...]
) -> None:
    epoch, lane, seq, first_idx, count, day = numbers
    seal = Seal(
        cfg_hash=three[0],
        epoch=epoch,
        lane=lane,
        seq=seq,
        prev_seal_hash=three[1],
        first_idx=first_idx,
        count=count,
        root=three[2],
        day=day,
        slot=slot,
        left_before=left,
    )
    raw = rounds.encode_seal(seal)
    assert len(raw) == 127 + 4 * len(left)
    by_hand = b"\x01" + three[0] + struct.pack(">HHQ", epoch, lane, seq) + three[1]
    by_hand += struct.pack(">QI", first_idx, count) + three[2]
    by_hand += struct.pack(">IBB", day, slot, len(left)) + struct.pack(f">{len(left)}I", *left)
    assert raw == by_hand
    assert rounds.decode_seal(raw) == seal
    assert rounds.seal_hash_of(raw) == sha("seal", raw)


@given(
    k=st.integers(0, 20),
    proofs=st.tuples(*[st.binary(min_size=80, max_size=80)] * 2),
    data=st.data(),
)
def test_a_final_is_224_bytes_and_40_for_each_tier(
    k: int, proofs: tuple[bytes, bytes], data: st.DataObject
) -> None:
    final = Final(
        seal_hash=b"s" * 32,
        pi_notary=proofs[0],
        pi_auditor=proofs[1],
        seed=b"e" * 32,
        kept=tuple(data.draw(st.lists(u32, min_size=k, max_size=k))),
        cut=tuple(data.draw(st.lists(u32, min_size=k, max_size=k))),
        last_kept_rank=tuple(data.draw(st.lists(hash32, min_size=k, max_size=k))),
    )
    raw = rounds.encode_final(final)
    counts = struct.pack(f">{2 * k}I", *final.kept, *final.cut)
    assert raw == b"s" * 32 + b"".join(proofs) + b"e" * 32 + counts + b"".join(final.last_kept_rank)
    assert len(raw) == 224 + 40 * k
    assert rounds.decode_final(raw) == final


def test_bytes_that_are_no_record_are_refused() -> None:
    entry = entries(1)[0]
    seal, final = (
        a_seal(),
        lottery.final_of(
            bytes(32), bytes(80), bytes(80), lottery.draw_round(a_seal(), [], TABLES, b"", b"")
        ),
    )
    raw_entry, raw_seal = rounds.encode_entry(entry), rounds.encode_seal(seal)
    refused = [
        lambda: rounds.encode_entry(replace(entry, pid=bytes(15))),
        lambda: rounds.encode_entry(replace(entry, lane=65536)),
        lambda: rounds.decode_entry(raw_entry * 2),
        lambda: rounds.decode_entry(b""),
        lambda: rounds.decode_entries(b"\x02" + raw_entry[1:]),
        lambda: rounds.decode_entries(raw_entry[:-1]),
        lambda: rounds.split_entries(raw_entry[:-1]),
        lambda: rounds.encode_seal(replace(seal, root=bytes(31))),
        lambda: rounds.encode_seal(replace(seal, left_before=(-1,))),
        lambda: rounds.decode_seal(raw_seal[:-1]),
        lambda: rounds.decode_seal(b"\x02" + raw_seal[1:]),
        lambda: rounds.decode_seal(b""),
        lambda: rounds.encode_final(replace(final, cut=(0,))),
        lambda: rounds.encode_final(replace(final, seed=b"")),
        lambda: rounds.encode_final(replace(final, pi_notary=b"")),
        lambda: rounds.encode_final(replace(final, kept=(2**32, 0, 0))),
        lambda: rounds.decode_final(rounds.encode_final(final)[:-1]),
        lambda: rounds.decode_final(bytes(223)),
    ]
    for attempt in refused:
        with pytest.raises(BadRecordError):
            attempt()
