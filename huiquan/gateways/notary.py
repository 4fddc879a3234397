"""The signers: the notary and the auditor, each with its own machine and key.  公证处、审计方

Whatever they answer is verified here before anyone uses it. The same question has one answer only,
so a lost answer is simply asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx
import msgspec

from huiquan.domain import vrf
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.http import Outsider, ask, connect
from huiquan.gateways.witness import add_checkpoint

T = TypeVar("T")

ROLE_LETTERS = {"notary": "N", "auditor": "W"}
TIMEOUT_S = 2.0


@dataclass(frozen=True, kw_only=True)
class SealToSign:
    """A seal with what a signer needs to check it; pi_notary is for the auditor."""

    seal: bytes
    seal_hash: bytes
    signature: bytes
    entries: bytes
    previous_final: bytes | None
    pi_notary: bytes | None = None


class RemoteSigner(Protocol):
    """Whoever signs rounds. Every method raises OutsiderFault when it did not work out."""

    @property
    def key(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    async def sign(self, question: SealToSign) -> bytes:
        """The proof for a seal, verified under the key."""
        ...

    async def send_config(self, raw: bytes, signatures: ConfigSignatures) -> None:
        """Let the signer know a config; knowing it already is as good."""
        ...

    async def status(self) -> bytes:
        """What it says of itself, signed: its last rounds, checkpoints and refusals, as JSON."""
        ...

    async def cosign(self, note: str, old_size: int, consistency: Sequence[bytes]) -> str:
        """Its signature lines under a checkpoint; OldSizeFault and ForkFault say why not."""
        ...

    async def send_finals(self, finals: Sequence[bytes]) -> None:
        """Let the signer know how signed rounds ended; it draws them again itself."""
        ...

    async def sign_manifest(self, manifest: str, platform: bytes) -> bytes:
        """The signature under a day's manifest."""
        ...


class _Key(msgspec.Struct):
    key: str


class _Proof(msgspec.Struct):
    seal_hash: str
    pi: str


class _Known(msgspec.Struct):
    cfg_hash: str


class _Signature(msgspec.Struct):
    signature: str


class _Settled(msgspec.Struct):
    settled: int


@dataclass(frozen=True, kw_only=True)
class HttpSigner:
    """A signer over HTTP."""

    role: str
    key: bytes
    outsider: Outsider

    async def sign(self, question: SealToSign) -> bytes:
        """Ask for the proof of a seal and verify it: a wrong one is a fault, never used."""
        body = {
            "seal": question.seal.hex(),
            "signature": question.signature.hex(),
            "entries": question.entries.hex(),
            "previous_final": question.previous_final and question.previous_final.hex(),
            "pi_notary": question.pi_notary and question.pi_notary.hex(),
        }
        told = await ask(self.outsider, "/v1/seals", body, _Proof)
        alpha = vrf.seal_alpha(ROLE_LETTERS[self.role], question.seal_hash)
        proof = bytes.fromhex(told.pi)
        if vrf.verify(self.key, alpha, proof) is None:
            raise OutsiderFault(self.outsider.name, "the proof is not valid")
        return proof

    async def send_config(self, raw: bytes, signatures: ConfigSignatures) -> None:
        """Send a config with both signatures."""
        body = {
            "config": raw.decode(),
            "platform": signatures.platform.hex(),
            "approver": signatures.approver.hex(),
        }
        await ask(self.outsider, "/v1/configs", body, _Known)

    async def status(self) -> bytes:
        """Read its signed status; whoever uses it checks the signature."""
        return (await _get(self.outsider, "/v1/status")).content

    async def cosign(self, note: str, old_size: int, consistency: Sequence[bytes]) -> str:
        """Ask for the cosignature of a checkpoint."""
        return await add_checkpoint(self.outsider, note, old_size, consistency)

    async def send_finals(self, finals: Sequence[bytes]) -> None:
        """Send finals of rounds that this signer signed."""
        body = {"finals": [one.hex() for one in finals]}
        await ask(self.outsider, "/v1/finals", body, _Settled)

    async def sign_manifest(self, manifest: str, platform: bytes) -> bytes:
        """Ask for the signature of a manifest that the platform signed."""
        body = {"manifest": manifest, "platform": platform.hex()}
        told = await ask(self.outsider, "/v1/manifests", body, _Signature)
        return bytes.fromhex(told.signature)

    async def close(self) -> None:
        """Close the connections."""
        await self.outsider.client.aclose()


async def connect_signer(role: str, url: str, timeout_s: float = TIMEOUT_S) -> HttpSigner:
    """The signer at an address, with the key it shows; raises OutsiderFault when it is away.

    The key it shows binds nobody: what counts is the key that the signed config names.
    """
    outsider = connect(role, url, timeout_s)
    shown = await _read(outsider, "/v1/key", _Key)
    return HttpSigner(role=role, key=bytes.fromhex(shown.key), outsider=outsider)


async def connect_witness(url: str, timeout_s: float = TIMEOUT_S) -> HttpSigner:
    """The third witness at an address; the key is empty while it is away.

    Nothing waits for it: two of three witnesses make a quorum, and a house starts without it.
    """
    try:
        return await connect_signer("witness", url, timeout_s)
    except OutsiderFault:
        return HttpSigner(role="witness", key=b"", outsider=connect("witness", url, timeout_s))


async def _read(outsider: Outsider, path: str, kind: type[T]) -> T:
    response = await _get(outsider, path)
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as error:
        raise OutsiderFault(outsider.name, "did not answer") from error


async def _get(outsider: Outsider, path: str) -> httpx.Response:
    try:
        response = await outsider.client.get(path)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise OutsiderFault(outsider.name, "did not answer") from error
    return response
