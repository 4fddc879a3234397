"""The signers: the notary and the auditor, each with its own machine and key.  公证处、审计方

Whatever they answer is verified before anyone uses it (`sign_round`). The same question has one
answer only, so a lost answer is simply asked for again.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import httpx
import msgspec

from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.seal_requests import SealRequest, encode_request
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.http import Outsider, ask, connect
from huiquan.gateways.witness import add_checkpoint

T = TypeVar("T")


class LateConfigFault(OutsiderFault):
    """The signer says that a config came too late to act, by its own clock."""


TIMEOUT_S = 2.0
# A signer deals every unit of the coming days again, a second for each million and more where it is
# busy. A config that it cannot take in time would never be taken at all.
CONFIG_WITHIN_S = 30.0
_TOO_LATE = "status 409 too_late"


class PastRound(msgspec.Struct, frozen=True, kw_only=True):
    """One drawn round of the past, in hex, as a signer learns it (section 13)."""

    seal: str
    entries: str
    final: str
    before: str | None = None


class RemoteSigner(Protocol):
    """Whoever signs rounds. Every method raises OutsiderFault when it did not work out."""

    @property
    def key(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    async def sign(self, question: SealRequest) -> bytes:
        """The proof for a seal as it was answered; whoever uses it verifies it."""
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

    async def recall(self, question: SealRequest) -> tuple[bytes, bytes] | None:
        """Both proofs of a seal that the auditor proved before, as answered; None if it did not."""
        ...

    async def catch_up(self, rounds: Sequence[PastRound]) -> int:
        """Let a signer learn drawn rounds of the past; gives how many were new to it."""
        ...

    async def sign_manifest(self, manifest: str, platform: bytes) -> bytes:
        """The signature under a day's manifest."""
        ...


class _Key(msgspec.Struct):
    key: str


class _Proof(msgspec.Struct):
    pi: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*(?!\n)$")]


class _Known(msgspec.Struct):
    cfg_hash: str


class _Signature(msgspec.Struct):
    signature: str


class _Recalled(msgspec.Struct):
    pi_notary: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*(?!\n)$")]
    pi_auditor: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*(?!\n)$")]


class _Learned(msgspec.Struct):
    learned: int


class _Settled(msgspec.Struct):
    settled: int


@dataclass(frozen=True, kw_only=True)
class HttpSigner:
    """A signer over HTTP."""

    role: str
    key: bytes
    outsider: Outsider

    async def sign(self, question: SealRequest) -> bytes:
        """Ask for the proof of a seal."""
        told = await ask(self.outsider, "/v1/seals", encode_request(question), _Proof)
        return bytes.fromhex(told.pi)

    async def send_config(self, raw: bytes, signatures: ConfigSignatures) -> None:
        """Send a config with both signatures."""
        body = {
            "config": raw.decode(),
            "platform": signatures.platform.hex(),
            "approver": signatures.approver.hex(),
        }
        try:
            await ask(self.outsider, "/v1/configs", body, _Known, tries=3, within_s=CONFIG_WITHIN_S)
        except OutsiderFault as fault:
            if fault.reason == _TOO_LATE:
                raise LateConfigFault(fault.name, fault.reason) from fault
            raise

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

    async def recall(self, question: SealRequest) -> tuple[bytes, bytes] | None:
        """Ask whether a seal was proven before, and for both proofs."""
        try:
            response = await self.outsider.client.post(
                "/v1/recall", content=encode_request(question)
            )
            if response.status_code == httpx.codes.NOT_FOUND:
                return None
            response.raise_for_status()
            told = msgspec.json.decode(response.content, type=_Recalled)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise OutsiderFault(self.outsider.name, "did not answer") from error
        return bytes.fromhex(told.pi_notary), bytes.fromhex(told.pi_auditor)

    async def catch_up(self, rounds: Sequence[PastRound]) -> int:
        """Send drawn rounds of the past."""
        told = await ask(self.outsider, "/v1/catch-up", {"rounds": list(rounds)}, _Learned, tries=3)
        return told.learned

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


async def connect_known_signer(role: str, url: str, known: Path) -> HttpSigner:
    """The signer at an address; while it is away, with the key that it showed at an earlier start.

    So the house opens without it, lets people in, and waits for its signatures only. The key is
    kept in the file `known`. Raises OutsiderFault for one that is away and was never met.
    """
    try:
        signer = await connect_signer(role, url)
    except OutsiderFault:
        key = _recall(known)
        if key is None:
            raise
        return HttpSigner(role=role, key=key, outsider=connect(role, url, TIMEOUT_S))
    _keep(known, signer.key)
    return signer


async def connect_witness(url: str, timeout_s: float = TIMEOUT_S) -> HttpSigner:
    """The third witness at an address; the key is empty while it is away.

    Nothing waits for it: two of three witnesses make a quorum, and a house starts without it.
    """
    try:
        return await connect_signer("witness", url, timeout_s)
    except OutsiderFault:
        return HttpSigner(role="witness", key=b"", outsider=connect("witness", url, timeout_s))


def _recall(known: Path) -> bytes | None:
    return bytes.fromhex(known.read_text().strip()) if known.exists() else None


def _keep(known: Path, key: bytes) -> None:
    """Whole or not at all, for several processes of a house start together."""
    beside = known.with_name(f"{known.name}.{os.getpid()}")
    beside.write_text(key.hex() + "\n")
    beside.replace(known)


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
