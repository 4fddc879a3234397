"""The signer's only door: a few addresses, plain JSON, seals as bytes, nothing else.  签发接口

    GET  /v1/key, /v1/status
    GET  /v1/refusals, /v1/forks  (?before=<id>: what is older than the status shows)
    POST /v1/configs, /v1/seals, /v1/finals, /v1/catch-up, /v1/manifests
    POST /add-checkpoint  (plain text: the call of a C2SP witness)

Seals that arrive while others are being flushed to the disk share the next flush.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.rounds import BadRecordError
from huiquan.domain.seal_requests import SealRequest, decode_request
from notary.add_checkpoint import Plain, add_checkpoint
from notary.book_evidence import NEWEST
from notary.desk import Desk, Signed
from notary.manifests import sign_manifest
from notary.refusals import No, Refused
from notary.renewal import PastRound
from notary.status import forks_of, key_of, refusals_of, status_of
from notary.wire import Receive, Scope, Send, read_body, send_answer

MAX_BODY = 8 * 1024 * 1024

Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*(?!\n)$")]

# What reading a body may end in: it is no JSON, its text is no UTF-8, it is nested without end.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _ConfigBody(Struct, frozen=True):
    """A config as its canonical text, with both signatures."""

    config: str
    platform: Hex
    approver: Hex


class _FinalsBody(Struct, frozen=True):
    """Finals of signed rounds."""

    finals: list[Hex]


class _PastRound(Struct, frozen=True):
    """One round of the past; before is the seal of the lane's round before it, where needed."""

    seal: Hex
    entries: Hex
    final: Hex
    before: Hex | None = None


class _CatchUpBody(Struct, frozen=True):
    """Rounds that a restored book lacks, in order."""

    rounds: list[_PastRound]


class _ManifestBody(Struct, frozen=True):
    """A manifest's canonical text, signed by the platform."""

    manifest: str
    platform: Hex


def _before(query: bytes) -> int:
    """The number below which evidence is asked for; without one, from the newest on."""
    name, _, number = query.decode("latin-1").partition("=")
    is_number = name == "before" and number.isascii() and number.isdecimal() and len(number) < 18
    return int(number) if is_number else NEWEST


class SealQueue:
    """Collects seals while the desk is busy, and hands them over together."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: list[tuple[SealRequest, asyncio.Future[Signed | Refused]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def sign(self, request: SealRequest) -> Signed | Refused:
        """The desk's answer to one seal."""
        future: asyncio.Future[Signed | Refused] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        """Hand over what waits until nothing does; a fault reaches everyone who waited."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await asyncio.to_thread(self._desk.sign, [one for one, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


class Door:
    """The ASGI application over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._queue = SealQueue(desk)
        self._routes: dict[tuple[str, str], Callable[[bytes], Awaitable[Any]]] = {
            ("GET", "/v1/key"): self._key,
            ("GET", "/v1/status"): self._status,
            ("GET", "/v1/refusals"): self._refusals,
            ("GET", "/v1/forks"): self._forks,
            ("POST", "/v1/configs"): self._configs,
            ("POST", "/v1/seals"): self._seals,
            ("POST", "/v1/recall"): self._recall,
            ("POST", "/v1/finals"): self._finals,
            ("POST", "/v1/catch-up"): self._catch_up,
            ("POST", "/add-checkpoint"): self._add_checkpoint,
            ("POST", "/v1/manifests"): self._manifests,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is passed over."""
        if scope["type"] != "http":
            return
        route = self._routes.get((scope["method"], scope["path"]))
        body = await read_body(receive, MAX_BODY)
        answer: Any
        if route is None:
            answer = Refused(no=No.NOT_FOUND)
        elif body is None:
            answer = Refused(no=No.MALFORMED, detail={"why": "the body is too large"})
        else:
            try:
                answer = await route(scope["query_string"] if scope["method"] == "GET" else body)
            except UNREADABLE as error:
                answer = Refused(no=No.MALFORMED, detail={"why": str(error)})
        await _answer(send, answer)

    async def _key(self, _: bytes) -> Any:
        """GET /v1/key"""
        return await asyncio.to_thread(key_of, self._desk)

    async def _status(self, _: bytes) -> Any:
        """GET /v1/status"""
        return await asyncio.to_thread(status_of, self._desk)

    async def _refusals(self, query: bytes) -> Any:
        """GET /v1/refusals -> so many below a number; each bears the platform's signature."""
        rows = await asyncio.to_thread(refusals_of, self._desk, _before(query))
        return {"refusals": rows}

    async def _forks(self, query: bytes) -> Any:
        """GET /v1/forks -> so many below a number; each bears the platform's signature."""
        rows = await asyncio.to_thread(forks_of, self._desk, _before(query))
        return {"forks": rows}

    async def _configs(self, body: bytes) -> Any:
        """POST /v1/configs -> the hash, and a proof on it that the key is held here.

        A stopped signer takes a config up, for it would come too late after the stop, and proves
        nothing.
        """
        wire = msgspec.json.decode(body, type=_ConfigBody)
        signatures = ConfigSignatures(
            platform=bytes.fromhex(wire.platform), approver=bytes.fromhex(wire.approver)
        )
        accepted = await asyncio.to_thread(
            self._desk.accept_config, wire.config.encode(), signatures
        )
        if isinstance(accepted, Refused):
            return accepted
        is_stopped = self._desk.book.stop_in_force() is not None
        proof = None if is_stopped else self._desk.key.prove(accepted.cfg_hash).hex()
        return {"cfg_hash": accepted.cfg_hash.hex(), "proof_of_possession": proof}

    async def _seals(self, body: bytes) -> Any:
        """POST /v1/seals, in bytes -> the proof, once the seal is in the book for good."""
        try:
            request = decode_request(body)
        except BadRecordError as error:
            return Refused(no=No.MALFORMED, detail={"why": str(error)})
        answer = await self._queue.sign(request)
        if isinstance(answer, Refused):
            return answer
        return {"seal_hash": answer.seal_hash.hex(), "pi": answer.pi.hex()}

    async def _recall(self, body: bytes) -> Any:
        """POST /v1/recall, a seal in bytes -> both proofs, if this auditor proved it before.

        The platform asks when the notary's key is lost and its own answer was lost with it: a round
        that both proved is drawn as it was proven.
        """
        try:
            request = decode_request(body)
        except BadRecordError as error:
            return Refused(no=No.MALFORMED, detail={"why": str(error)})
        proofs = await asyncio.to_thread(self._desk.recall, request)
        if isinstance(proofs, Refused):
            return proofs
        return {"pi_notary": proofs[0].hex(), "pi_auditor": proofs[1].hex()}

    async def _finals(self, body: bytes) -> Any:
        """POST /v1/finals -> how many were checked and are in the book."""
        wire = msgspec.json.decode(body, type=_FinalsBody)
        finals = [bytes.fromhex(final) for final in wire.finals]
        settled = await asyncio.to_thread(self._desk.settle, finals)
        return settled if isinstance(settled, Refused) else {"settled": settled}

    async def _catch_up(self, body: bytes) -> Any:
        """POST /v1/catch-up -> how many rounds of the past were new."""
        wire = msgspec.json.decode(body, type=_CatchUpBody)
        rounds = [
            PastRound(
                seal=bytes.fromhex(one.seal),
                entries=bytes.fromhex(one.entries),
                final=bytes.fromhex(one.final),
                before=None if one.before is None else bytes.fromhex(one.before),
            )
            for one in wire.rounds
        ]
        learned = await asyncio.to_thread(self._desk.catch_up, rounds)
        return learned if isinstance(learned, Refused) else {"learned": learned}

    async def _add_checkpoint(self, body: bytes) -> Any:
        """POST /add-checkpoint -> the cosignature lines."""
        return await asyncio.to_thread(add_checkpoint, self._desk, body)

    async def _manifests(self, body: bytes) -> Any:
        """POST /v1/manifests -> the signature over the manifest."""
        wire = msgspec.json.decode(body, type=_ManifestBody)
        signature = await asyncio.to_thread(
            sign_manifest, self._desk, wire.manifest.encode(), bytes.fromhex(wire.platform)
        )
        return signature if isinstance(signature, Refused) else {"signature": signature.hex()}


async def _answer(send: Send, answer: Any) -> None:
    """Send an answer or a refusal as JSON, plain text as it is."""
    if isinstance(answer, Plain):
        headers = [(b"content-type", answer.media_type.encode())]
        await send_answer(send, answer.status, headers, answer.text.encode())
        return
    status = 200
    if isinstance(answer, Refused):
        status = answer.no.status
        no = answer.no
        answer = {"code": no.value, "zh": no.zh, "en": no.en, "detail": answer.detail or None}
    await send_answer(
        send, status, [(b"content-type", b"application/json")], msgspec.json.encode(answer)
    )
