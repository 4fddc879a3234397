"""The bill formats this house knows: those it comes with, and those its operator adds.  账单格式"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from huiquan.domain.bill_mappings import Mapping, read_mapping


@dataclass(frozen=True, kw_only=True)
class KnownMapping:
    """A bill format, and the hash of the text it was read from."""

    mapping: Mapping
    source_hash: bytes


def load_mappings(own: Path | None = None) -> dict[str, KnownMapping]:
    """Every bill format by its code; an operator's own takes the place of ours of the same code.

    Raises ValueError that names the file when one is wrong, FileNotFoundError without a directory.
    """
    found: dict[str, KnownMapping] = {}
    places: list[Traversable] = [files("huiquan") / "data" / "mappings"]
    if own is not None:
        places.append(own)
    for place in places:
        for file in sorted(place.iterdir(), key=lambda each: each.name):
            if file.name.endswith(".toml"):
                known = _read(file)
                found[known.mapping.code] = known
    return found


def _read(file: Traversable) -> KnownMapping:
    raw = file.read_bytes()
    try:
        mapping = read_mapping(raw.decode())
    except Exception as error:
        raise ValueError(f"{file.name}: {error}") from error
    return KnownMapping(mapping=mapping, source_hash=hashlib.sha256(raw).digest())
