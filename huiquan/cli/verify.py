"""Verifying an exported day from its folder alone.  验证导出目录"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from huiquan.domain.exports import PublishedKeys, parse_keys
from huiquan.domain.verdicts import Verdict
from huiquan.domain.verification_day import verify_day


class Folder(Mapping[str, bytes]):
    """The files of a folder by their path in it; a file is read when it is looked at.

    A day can be larger than the memory, so nothing is kept.
    """

    def __init__(self, root: Path) -> None:
        self._paths = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if not path.is_dir()
        }

    def __getitem__(self, path: str) -> bytes:
        """The bytes of one file."""
        return self._paths[path].read_bytes()

    def __iter__(self) -> Iterator[str]:
        """Every path, in order."""
        return iter(self._paths)

    def __len__(self) -> int:
        """How many files the folder holds."""
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        """True if the folder holds a file of this path."""
        return path in self._paths


def run_verify(directory: Path, known_keys: Path | None = None) -> Verdict:
    """Check the export of a day; known_keys is a keys.json from another source than the folder.

    Needs no database and no network. The caller prints the verdict and exits 1 if it is wrong.
    """
    pinned: PublishedKeys | None = None
    if known_keys is not None:
        pinned = parse_keys(known_keys.read_bytes())
    return verify_day(Folder(directory), pinned)
