"""The high water mark: it only rises, and a file that cannot be read is not taken for none."""

import subprocess
import sys
from pathlib import Path

import pytest

from huiquan.gateways.high_water import FileMark


def test_each_book_keeps_the_most_that_was_seen_of_it(tmp_path: Path) -> None:
    mark = FileMark(tmp_path / "mark.json")
    assert mark.seen("a") == {}
    mark.note("a", {-1: 3, 0: 10})
    mark.note("b", {-1: 1})
    mark.note("a", {-1: 2, 0: 11, 1: 1})
    assert FileMark(mark.path).seen("a") == {-1: 3, 0: 11, 1: 1}
    assert mark.seen("b") == {-1: 1}
    assert {path.name for path in tmp_path.iterdir()} == {"mark.json", "mark.lock"}


def test_what_did_not_grow_is_not_written_again(tmp_path: Path) -> None:
    mark = FileMark(tmp_path / "mark.json")
    mark.note("a", {0: 10})
    written = mark.path.stat().st_mtime_ns
    mark.note("a", {0: 10})
    assert mark.path.stat().st_mtime_ns == written


MOVEMENTS = 200
SEE_ONE_LANE_GROW = f"""
import sys
from pathlib import Path
from huiquan.gateways.high_water import FileMark

mark, lane = FileMark(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for count in range(1, {MOVEMENTS} + 1):
    mark.note("a", {{lane: count}})
    seen = mark.seen("a")[lane]
    assert seen == count, f"lane {{lane}} was seen to {{count}}, the mark says {{seen}}"
"""


def test_two_processes_that_write_at_once_never_lower_each_others_mark(
    tmp_path: Path, repository: Path
) -> None:
    mark = FileMark(tmp_path / "mark.json")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SEE_ONE_LANE_GROW, str(mark.path), str(lane)],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for lane in (0, 1)
    ]
    try:
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in both:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        said = [one.communicate()[1] for one in both]
    finally:
        for one in both:
            one.kill()
    assert said == ["", ""]
    assert mark.seen("a") == {0: MOVEMENTS, 1: MOVEMENTS}


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"a": {"x": 1}}', b'{"a": 7}'])
def test_a_mark_that_cannot_be_read_stops_whoever_asks(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "mark.json").write_bytes(raw)
    with pytest.raises(ValueError, match=r"mark\.json"):
        FileMark(tmp_path / "mark.json").seen("a")
