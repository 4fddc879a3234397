"""The days published as folders: which there are, and where each file lies.  公布的每日数据

A folder is made once, whole, by the jobs process (`huiquan/actions/publish_days.py`), and is never
changed; what is in the directory is what is published.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from huiquan.app import App
from huiquan.domain.exports import parse_manifest
from huiquan.domain.refusals import Refusal

MANIFEST = "manifest.json"

_DAY = re.compile(r"[0-9]{8}")
_FILE = re.compile(r"[a-z0-9-]+\.(json|ndjson|txt)|entries/[0-9]+\.bin")


@dataclass(frozen=True, kw_only=True)
class DayFile:
    """One file of a day: its path in the folder, SHA-256 in hex, length in bytes."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PublishedDay:
    """A published day with its files; the manifest, which names them, is not in the list."""

    day: int
    files: tuple[DayFile, ...]


def days_folder(app: App, code: str) -> Path:
    """Where the days of a campaign are published."""
    return app.settings.home / "public" / code / "days"


def published_days(app: App, code: str) -> list[PublishedDay]:
    """Every published day of a campaign, the oldest first."""
    root = days_folder(app, code)
    if not root.is_dir():
        return []
    folders = sorted(path for path in root.iterdir() if _DAY.fullmatch(path.name))
    return [_day(path) for path in folders]


def published_day(app: App, code: str, day: int) -> PublishedDay | None:
    """One day with its files, or None while it is not published."""
    folder = days_folder(app, code) / str(day)
    return _day(folder) if _DAY.fullmatch(folder.name) and folder.is_dir() else None


def day_file(app: App, code: str, day: int, path: str) -> Path | Refusal:
    """Where a file of a published day lies. Refuses NOT_FOUND."""
    found = days_folder(app, code) / str(day) / path
    if _FILE.fullmatch(path) is None or not _DAY.fullmatch(str(day)) or not found.is_file():
        return Refusal.NOT_FOUND
    return found


def _day(folder: Path) -> PublishedDay:
    manifest, _ = parse_manifest((folder / MANIFEST).read_bytes())
    return PublishedDay(
        day=manifest.day,
        files=tuple(
            DayFile(path=path, sha256=mark.sha256, bytes=mark.bytes)
            for path, mark in sorted(manifest.files.items())
        ),
    )
