"""The quick reading of a day says exactly what the plain one says.  两种复算一致"""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.domain import exports, rounds
from huiquan.domain.verdicts import Verdict, Wrong
from huiquan.domain.verification_day import verify_day
from huiquan.domain.verification_files import Files
from huiquan.domain.verification_lane import LaneTally, LaneTask, read_plainly
from huiquan.domain.verification_quick import parts_of, read_quickly
from tests.domain.draw_days import DrawDay
from tests.domain.test_verification import CHANGES, FILES, Change, resigned
from tests.drills.honest_days import honest_day, random_shape

SMALL_PARTS = partial(read_quickly, part_entries=15)


def both_say(files: Files) -> Verdict:
    """The verdict of the plain reading, which must be that of the quick one."""
    plain = verify_day(files)
    assert verify_day(files, reader=SMALL_PARTS) == plain
    assert verify_day(files, reader=read_quickly) == plain
    return plain


def counted(files: Files, reader: object) -> list[LaneTally]:
    """What a reading counts in each lane."""
    tallies: list[LaneTally] = []

    def listening(files: Files, tasks: list[LaneTask]) -> object:
        for read in reader(files, tasks):  # type: ignore[operator]
            assert isinstance(read, LaneTally)
            tallies.append(replace(read, run=0))
            yield read

    assert verify_day(files, reader=listening).is_right  # type: ignore[arg-type]
    return tallies


@pytest.mark.parametrize("seed", range(6))
def test_both_readings_count_the_same_in_an_honest_day(seed: int) -> None:
    _, files = honest_day(random_shape(seed))
    assert counted(files, SMALL_PARTS) == counted(files, read_plainly)


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("name", CHANGES)
def test_both_readings_name_the_same_first_wrong_thing(name: str) -> None:
    verdict = both_say(resigned(CHANGES[name][0]))
    assert verdict.finding is not None


def overwritten(path: str, at: int, raw: bytes) -> Change:
    """Other bytes in the middle of a file, with new marks and signatures."""

    def change(files: dict[str, bytes], _: dict[str, object]) -> None:
        old = files[path]
        at_least = at % len(old)
        files[path] = old[:at_least] + raw + old[at_least + len(raw) :]

    return change


@settings(max_examples=60, deadline=None)
@given(
    lane=st.sampled_from([0, 1]), at=st.integers(0, 1 << 20), raw=st.binary(min_size=1, max_size=90)
)
def test_both_readings_agree_on_any_bytes_in_the_entries(lane: int, at: int, raw: bytes) -> None:
    both_say(resigned(overwritten(exports.entries_file(lane), at, raw)))


@settings(max_examples=60, deadline=None)
@given(row=st.integers(0, 7), field=st.sampled_from(["seal", "final"]), data=st.data())
def test_both_readings_agree_on_any_bytes_in_a_round(
    row: int, field: str, data: st.DataObject
) -> None:
    def change(files: dict[str, bytes], _: dict[str, object]) -> None:
        rows = exports.parse_rounds(files["rounds.ndjson"])
        raw = bytearray.fromhex(getattr(rows[row], field))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        rows[row] = replace(rows[row], **{field: raw.hex()})
        files["rounds.ndjson"] = b"".join(
            exports.build_rounds([one]) for one in rows
        )  # the order of the file stays, whatever the seal says

    assert both_say(resigned(change)).finding is not None


def test_a_lane_is_cut_between_rounds_and_its_last_part_reads_to_the_end() -> None:
    rows = tuple(row for row in exports.parse_rounds(FILES["rounds.ndjson"]) if row.lane == 0)
    task = LaneTask(rules=None, rows=rows)  # type: ignore[arg-type]
    parts = parts_of(task, 15)
    assert [row for part in parts for row in part.rows] == list(rows)
    assert len(parts) > 1
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert parts[-1].end is None
    assert [part.before for part in parts[1:]] == [part.rows[-1] for part in parts[:-1]]
    assert parts_of(task, 1_000_000) == [replace(parts[0], rows=rows, end=None)]


def test_a_person_who_enters_twice_in_parts_read_apart_is_found() -> None:
    """Two parts know nothing of each other; their join does."""
    day = DrawDay()
    day.enter(90)
    entries = day.lanes[0].entries
    entries[-1] = replace(entries[-1], pid=entries[0].pid)
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        while lane.entries:
            day.draw(lane.lane, 10, 10)
    finding = both_say(day.files(taken)).finding
    assert finding is not None
    assert (finding.wrong, finding.lane) == (Wrong.PID_TWICE, 0)
    assert finding.idx == rounds.decode_entries(taken[0])[-1].idx
