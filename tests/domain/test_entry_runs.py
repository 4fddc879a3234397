"""Runs of entries: what is read off a whole run is what each entry says by itself.  成串记录"""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.domain import entry_runs, lottery, merkle, rounds
from huiquan.domain.rounds import BadRecordError, Entry, Seal

DAY, NEXT_DAY = 20260206, 20260207
U64 = st.integers(0, 2**64 - 1)

entries = st.builds(
    Entry,
    lane=st.sampled_from((0, 3, 256, 65_535)),
    day=st.sampled_from((DAY, NEXT_DAY)),
    idx=st.integers(0, 600),
    pack=st.sampled_from((1, 2, 3, 255)),
    pid=st.binary(min_size=16, max_size=16),
    client_nonce=st.binary(min_size=16, max_size=16),
    elig=st.binary(min_size=32, max_size=32),
)
runs = st.lists(entries, min_size=1, max_size=30)
tables = st.dictionaries(
    st.sampled_from((1, 2, 3, 255)),
    st.lists(U64, min_size=0, max_size=3, unique=True).map(
        lambda bounds: tuple((bound, tier) for tier, bound in enumerate(sorted(bounds), start=1))
    ),
)


def in_order(taken: list[Entry], first_idx: int) -> list[Entry]:
    """The same people of one lane and day, numbered without a gap."""
    return [
        replace(one, lane=3, day=DAY, idx=idx) for idx, one in enumerate(taken, start=first_idx)
    ]


def seal_over(taken: list[Entry], left: tuple[int, ...]) -> Seal:
    """A seal over these people with this stock."""
    return Seal(
        cfg_hash=b"c" * 32,
        epoch=1,
        lane=3,
        seq=5,
        prev_seal_hash=b"p" * 32,
        first_idx=taken[0].idx,
        count=len(taken),
        root=merkle.root_of([rounds.encode_entry(one) for one in taken]),
        day=DAY,
        slot=10,
        left_before=left,
    )


@given(taken=runs)
def test_root_pseudonyms_count_and_head_are_those_of_the_entries(taken: list[Entry]) -> None:
    run = rounds.encode_entries(taken)
    assert entry_runs.count_of(run) == len(taken)
    assert entry_runs.first_of(run) == (taken[0].lane, taken[0].day, taken[0].idx)
    assert entry_runs.pids_of(run) == [one.pid for one in taken]
    assert entry_runs.root_of_run(run) == merkle.root_of([rounds.encode_entry(o) for o in taken])


@given(taken=runs, packs=st.sets(st.sampled_from((1, 2, 3, 255))), first_idx=st.integers(0, 600))
def test_a_look_at_the_columns_says_what_a_look_at_each_entry_says(
    taken: list[Entry], packs: set[int], first_idx: int
) -> None:
    for some in (taken, in_order(taken, first_idx)):
        run = rounds.encode_entries(some)
        places = {(one.lane, one.day) for one in some}
        numbers = [one.idx for one in some]
        assert entry_runs.is_one_place(run) == (len(places) == 1)
        assert entry_runs.is_gapless(run, first_idx) == (
            numbers == list(range(first_idx, first_idx + len(some)))
        )
        assert entry_runs.are_packs_known(run, packs) == all(one.pack in packs for one in some)


def test_a_run_never_counts_beyond_the_largest_number() -> None:
    (last,) = in_order([_somebody(0)], 2**64 - 1)
    run = rounds.encode_entries([last])
    assert entry_runs.is_gapless(run, 2**64 - 1)
    assert not entry_runs.is_gapless(run + run, 2**64 - 1)


@given(taken=runs, most=st.integers(1, 40))
def test_a_round_takes_the_longest_run_of_one_day_and_no_more_than_the_most(
    taken: list[Entry], most: int
) -> None:
    waiting = [replace(one, lane=3) for one in taken]
    expected: list[Entry] = []
    for one in waiting[:most]:
        if one.day != waiting[0].day:
            break
        expected.append(one)
    run = entry_runs.next_run(rounds.encode_entries(waiting), most)
    assert run == rounds.encode_entries(expected)


@pytest.mark.parametrize("raw", [b"\1" * 79, b"\2" + bytes(79), b"\1" + bytes(79) + bytes(80)])
def test_bytes_that_are_no_run_are_refused(raw: bytes) -> None:
    with pytest.raises(BadRecordError):
        entry_runs.count_of(raw)


@pytest.mark.requirement("R2.1")
@settings(max_examples=300, deadline=None)
@given(
    taken=runs,
    chances=tables,
    left=st.tuples(*[st.integers(0, 6)] * 3),
    betas=st.tuples(st.binary(max_size=64), st.binary(max_size=64), st.binary(max_size=9)),
)
def test_drawing_a_run_is_drawing_its_entries(
    taken: list[Entry],
    chances: dict[int, tuple[tuple[int, int], ...]],
    left: tuple[int, ...],
    betas: tuple[bytes, bytes, bytes],
) -> None:
    some = in_order(taken, 7)
    seal = seal_over(some, left)
    run = rounds.encode_entries(some)
    expected = lottery.draw_round(seal, some, chances, *betas)
    drawn = entry_runs.draw_run(seal, run, chances, *betas)
    wins = [(at, one.tier) for at, one in enumerate(expected.outcomes) if one.kept]
    assert list(drawn.wins) == wins
    proofs = (bytes(32), bytes(80), bytes(80))
    assert rounds.encode_final(lottery.final_of(*proofs, drawn)) == rounds.encode_final(
        lottery.final_of(*proofs, expected)
    )
    assert drawn.left_after == expected.left_after


def test_a_ticket_equal_to_the_highest_bound_misses_in_both() -> None:
    some = in_order([_somebody(n) for n in range(40)], 0)
    seal, run = seal_over(some, (99,)), rounds.encode_entries(some)
    seed = lottery.seed_of(rounds.seal_hash_of(rounds.encode_seal(seal)), b"n", b"w")
    tickets = sorted(lottery.ticket_of(seed, one.idx, one.pid) for one in some)
    for bound in (tickets[0], tickets[7], tickets[7] + 1, tickets[-1]):
        chances = {3: ((bound, 1),)}
        drawn = entry_runs.draw_run(seal, run, chances, b"n", b"w")
        assert drawn.kept == (sum(ticket < bound for ticket in tickets),)
        assert drawn.kept == lottery.draw_round(seal, some, chances, b"n", b"w").kept


def _somebody(n: int) -> Entry:
    return Entry(
        lane=3,
        day=DAY,
        idx=n,
        pack=3,
        pid=hashlib.sha256(b"%d" % n).digest()[:16],
        client_nonce=bytes(16),
        elig=bytes(32),
    )
