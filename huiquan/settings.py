"""Settings: what a process of the house is told from outside, by environment variables.  设置

Every name is `HUIQUAN_` plus the field's name in capitals. Nothing is read later than start-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

PREFIX = "HUIQUAN_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the parts of the house stand, and which clock it goes by."""

    home: Path = Path(".huiquan")
    database_url: str | None = None
    keys_dir: Path | None = None
    mappings_dir: Path | None = None  # bill formats of the operator's own, beside ours
    clock_offset_s: float = 0.0
    clock_file: Path | None = None
    campaign: str = "2026-mashangyouli"
    host: str = "127.0.0.1"
    web_port: int = 8610
    notary_url: str = "http://127.0.0.1:8611"
    auditor_url: str = "http://127.0.0.1:8612"
    identity_url: str = "http://127.0.0.1:8613"
    sms_url: str = "http://127.0.0.1:8614"
    witness_url: str = "http://127.0.0.1:8615"
    alert_phones: str | None = None  # who is told when money runs low; parted by commas
    demo: bool = False
    rate_limits: bool = True
    proof_of_work: int = 0  # the largest number a page has to try before a tap; 0 asks for none
    database_connections: int = 8

    @property
    def keys(self) -> Path:
        """The directory of the platform's own keys."""
        return self.keys_dir or self.home / "keys"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings; a value of the wrong type is a ValueError that names its variable."""
    found = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environment.items()
        if key.startswith(PREFIX)
    }
    known = {name: found[name] for name in Settings.__dataclass_fields__ if name in found}
    try:
        return msgspec.convert(known, Settings, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise ValueError(f"{PREFIX}*: {error}") from error


def write_settings(settings: Settings) -> dict[str, str]:
    """Give the environment variables that make a child process read the same settings."""
    fields = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    return {
        PREFIX + name.upper(): "true"
        if value is True
        else "false"
        if value is False
        else str(value)
        for name, value in fields.items()
        if value is not None
    }


def _decode_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
