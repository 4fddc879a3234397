"""The platform's own keys, kept as files in one directory.  平台密钥

Each file holds one key in hex and is readable by its owner alone. Versioned keys end in a number:
a new version is a new file, and the old one stays until nothing needs it any more.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

RandomBytes = Callable[[int], bytes]

KEY_BYTES = 32
SINGLE = ("platform", "approver", "lookup", "codes", "salts")
VERSIONED = ("token", "master")


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """Every secret of the platform. `approver` is the department's: in production another owner.

    platform and approver sign (Ed25519 seeds); token signs sessions; master wraps the row keys of
    personal data; lookup makes person and phone keys; codes hashes one-time codes; salts blinds the
    eligibility decision inside an entry; pseudonym makes the pids of each campaign.
    """

    platform: bytes
    approver: bytes
    lookup: bytes
    codes: bytes
    salts: bytes
    token: Mapping[int, bytes]
    master: Mapping[int, bytes]
    pseudonym: Mapping[str, bytes]


def make_keys(directory: Path, campaigns: tuple[str, ...], random_bytes: RandomBytes) -> None:
    """Make the keys that are missing; keys that exist are never touched."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = [*SINGLE, *(f"{name}-1" for name in VERSIONED)]
    names += [f"pseudonym-{campaign}" for campaign in campaigns]
    for name in names:
        path = directory / f"{name}.key"
        secret = random_bytes(KEY_BYTES)
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secret.hex() + "\n")


def load_keys(directory: Path) -> KeyRing:
    """Read every key; a missing or short one is a ValueError that names the file."""
    single = {name: read_key(directory / f"{name}.key") for name in SINGLE}
    pseudonym = {
        path.stem.removeprefix("pseudonym-"): read_key(path)
        for path in sorted(directory.glob("pseudonym-*.key"))
    }
    return KeyRing(
        **single,
        token=_read_versions(directory, "token"),
        master=_read_versions(directory, "master"),
        pseudonym=pseudonym,
    )


def _read_versions(directory: Path, name: str) -> dict[int, bytes]:
    paths = directory.glob(f"{name}-*.key")
    versions = {int(path.stem.removeprefix(f"{name}-")): read_key(path) for path in paths}
    if not versions:
        raise ValueError(f"no key file {name}-*.key in {directory}")
    return dict(sorted(versions.items()))


def read_key(path: Path) -> bytes:
    """The secret in one file. Refuses (ValueError) a file that is missing or holds another."""
    if not path.exists():
        raise ValueError(f"key file {path} is missing")
    secret = bytes.fromhex(path.read_text().strip())
    if len(secret) != KEY_BYTES:
        raise ValueError(f"key file {path} must hold {KEY_BYTES} bytes in hex")
    return secret
