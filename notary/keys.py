"""The signer's key: one secret file that never leaves the machine.  密钥

One Ed25519 seed serves for signatures and for provable randomness, because the published keys
name one key for each party. docs/decisions/0101 says why this is safe here.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from huiquan.domain import vrf
from huiquan.domain.signing import Signer, signer_from

SEED_FILE = "key.seed"


class UnsafeKeyError(RuntimeError):
    """The key file is damaged, or others on the machine could read it."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """What this signer signs and proves with."""

    signer: Signer
    seed: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self.signer.key

    def prove(self, alpha: bytes) -> bytes:
        """The provable randomness for a question (RFC 9381)."""
        return vrf.prove(self.seed, alpha)


def load_key(home: Path) -> SigningKey:
    """Read the key of this home, or make one the first time (file mode 0600).

    Refuses (UnsafeKeyError) a file that others may read, or that is not a seed.
    """
    path = home / SEED_FILE
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_once(path, secrets.token_bytes(32).hex())
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnsafeKeyError(f"{path.name} must be readable by its owner alone (chmod 600)")
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise UnsafeKeyError(f"{path.name} does not hold a seed of 32 bytes")
    return SigningKey(signer=signer_from(seed), seed=seed)


def write_once(path: Path, text: str) -> None:
    """Create a file that must not exist yet, and have it on the disk before going on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
