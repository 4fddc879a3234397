"""The rush door: entering today's draw, answered before anything else is looked at.  十点的门

Whoever taps at ten o'clock comes through here: token, body and place are judged from memory, then
the entry joins the batch of its lane and is answered when that batch is committed. Nothing here
asks an outsider, and the queue of each lane is bounded: an honest "busy" is better than a wait.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import EntryRequest, awaits_release
from huiquan.domain.receipts import EntryReceipt, entry_receipt_json
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import LocationRules, locate
from huiquan.domain.tokens import Door
from huiquan.web.answers import DATABASE_FAULTS, RETRY_AFTER_S, Problem
from huiquan.web.batches import BatchQueue, QueueFullError
from huiquan.web.callers import ConsumerCaller, read_claims
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.wire import RequestKeyText, SentLocation, Wire

PATH = "/api/v1/draws"
BODY_MAX_BYTES = 4096

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Entered = EntryReceipt | Refusal


class Entering(Wire):
    """One tap: the pack, a nonce the phone made itself, and where the phone is."""

    request_key: RequestKeyText
    client_nonce: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
    pack: Annotated[int, Meta(ge=1, le=255)]
    location: SentLocation


class Rush:
    """The queues of one web process, one for each lane of each campaign."""

    def __init__(self, app: App, campaigns: CampaignCache) -> None:
        self._app = app
        self._campaigns = campaigns
        self._queues: dict[tuple[int, int], BatchQueue[EntryRequest, Entered]] = {}

    async def enter(self, caller: ConsumerCaller, asked: Entering) -> Entered:
        """Give the receipt of an entry, or the reason why there is none. (R1.3)"""
        campaign = self._campaigns.asked(caller.campaign_id)
        if isinstance(campaign, Refusal):
            return campaign
        now = self._app.clock()
        rules = LocationRules(max_accuracy_m=campaign.rulebook_at(now).location.max_accuracy_m)
        request = EntryRequest(
            pid=caller.pid,
            pack=asked.pack,
            client_nonce=bytes.fromhex(asked.client_nonce),
            request_key=asked.request_key,
            place=locate(self._app.regions, asked.location.read(), now, rules),
        )
        try:
            return await self._queue(caller.campaign_id, caller.lane).ask(request)
        except QueueFullError:
            return Refusal.BUSY

    def _queue(self, campaign_id: int, lane: int) -> BatchQueue[EntryRequest, Entered]:
        key = (campaign_id, lane)
        if key not in self._queues:
            self._queues[key] = BatchQueue(partial(self._settle, campaign_id, lane))
        return self._queues[key]

    def _campaign(self, campaign_id: int) -> Campaign:
        campaign = self._campaigns.by_id(campaign_id)
        assert campaign is not None, "a campaign does not vanish"
        return campaign

    async def _settle(
        self, campaign_id: int, lane: int, requests: Sequence[EntryRequest]
    ) -> Sequence[Entered]:
        if awaits_release(self._campaign(campaign_id), self._app.clock()):
            # Perhaps the money came since the campaign was read, and nobody is sent away for that.
            await self._campaigns.refresh_soon()
        campaign = self._campaign(campaign_id)
        batch = LaneBatch(campaign=campaign, lane=lane, requests=requests)
        return await enter_draws(self._app, batch)


class RushDoor:
    """ASGI in front of the site: takes the one address of the rush, hands on everything else."""

    def __init__(self, app: App, rush: Rush, refusals: RefusalCounts, site: Asgi) -> None:
        self._app = app
        self._rush = rush
        self._refusals = refusals
        self._site = site
        self._decoder = msgspec.json.Decoder(Entering)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._site(scope, receive, send)
            return
        try:
            outcome = await self._answer(scope, receive)
        except DATABASE_FAULTS:
            # The commit may or may not have gone through; asking again with the same key tells.
            outcome = Refusal.BUSY
        if isinstance(outcome, Refusal):
            self._refusals.count(PATH, outcome)
        await _send(send, outcome)

    async def _answer(self, scope: Scope, receive: Receive) -> Entered:
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        claims = read_claims(self._app, header.decode("latin-1"), Door.CONSUMER)
        if isinstance(claims, Refusal):
            return claims
        body = await _read(receive)
        if body is None:
            return Refusal.TOO_LARGE
        try:
            asked = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Refusal.MALFORMED
        caller = ConsumerCaller(
            campaign_id=claims.campaign_id, lane=claims.lane, pid=claims.who, device=claims.device
        )
        return await self._rush.enter(caller, asked)


async def _read(receive: Receive) -> bytes | None:
    """The body, or None when it is larger than any honest tap."""
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > BODY_MAX_BYTES:
            return None
        if not message.get("more_body", False):
            return body


async def _send(send: Send, outcome: Entered) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if isinstance(outcome, Refusal):
        status = outcome.status
        raw = msgspec.json.encode(Problem(code=outcome.value, zh=outcome.zh, en=outcome.en))
        if status in (429, 503):
            headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
    else:
        status = 200
        raw = msgspec.json.encode(entry_receipt_json(outcome))
    headers.append((b"content-length", str(len(raw)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})
