"""The high water mark: it only rises, and a file that cannot be read is not taken for none."""

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
    assert [path.name for path in tmp_path.iterdir()] == ["mark.json"]


def test_what_did_not_grow_is_not_written_again(tmp_path: Path) -> None:
    mark = FileMark(tmp_path / "mark.json")
    mark.note("a", {0: 10})
    written = mark.path.stat().st_mtime_ns
    mark.note("a", {0: 10})
    assert mark.path.stat().st_mtime_ns == written


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"a": {"x": 1}}', b'{"a": 7}'])
def test_a_mark_that_cannot_be_read_stops_whoever_asks(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "mark.json").write_bytes(raw)
    with pytest.raises(ValueError, match=r"mark\.json"):
        FileMark(tmp_path / "mark.json").seen("a")
