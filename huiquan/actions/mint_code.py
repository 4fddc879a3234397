"""Give a holder the one-time code for the till; codes given out before are void.  生成券码"""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

import msgspec

from huiquan.app import App
from huiquan.db import campaign_state, codes, requests, vouchers
from huiquan.db.codes import Minted
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain.codes import code_hash, decide_code
from huiquan.domain.minting import code_for_request, decide_mint
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.vouchers import Voucher, parse_serial


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A registered person on one device; device is its 8-byte mark."""

    campaign_id: int
    lane: int
    pid: bytes
    device: bytes


class MintAsked(msgspec.Struct, frozen=True, kw_only=True, tag="mint_code"):
    """A tap on "show code" of one voucher."""

    request_key: str
    serial: str


@dataclass(frozen=True, kw_only=True)
class FreshCode:
    """The digits, and how long they are good from the moment they were made."""

    digits: str
    expires_at: datetime
    valid_s: int


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The answer as it is kept: everything but the digits, which the key can make again."""

    turn: int
    expires_at: datetime
    valid_s: int


async def mint_code(app: App, phone: Phone, asked: MintAsked) -> FreshCode | Refusal:
    """Give the holder a fresh code, good once, for at most 30 seconds (R2.3, R5.3).

    The same key again gives the same digits while they are good, then CODE_EXPIRED or CODE_USED.
    Another body under the key is REQUEST_KEY_REUSED; for the other refusals see `decide_mint`.
    """
    place = parse_serial(asked.serial)
    if place is None:
        return Refusal.UNKNOWN_VOUCHER
    scope = f"consumer:{phone.pid.hex()}"
    request = RequestKey(scope=scope, key=asked.request_key, body=msgspec.json.encode(asked))
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if isinstance(earlier, Refusal):
            return earlier
        voucher = await vouchers.hold(tx, *place)
        now = app.clock()
        if earlier is not None:
            assert voucher is not None, "a code was given out for it"
            kept = msgspec.convert(earlier, _Kept)
            return await _given_again(app, tx, voucher, asked.request_key, kept, now)
        versions = await campaign_state.load_versions(tx, phone.campaign_id)
        expires_at = decide_mint(
            voucher,
            await vouchers.holder(tx, phone.campaign_id, phone.lane, phone.pid),
            rulebook=version_in_force(versions, now).rulebook,
            now=now,
        )
        if isinstance(expires_at, Refusal):
            return expires_at
        assert voucher is not None, "what is not there is refused"
        await codes.void_live(tx, voucher, now)
        turn, digits = await _record(app, tx, voucher, phone, asked, now, expires_at)
        valid_s = int((expires_at - now).total_seconds())
        kept = _Kept(turn=turn, expires_at=expires_at, valid_s=valid_s)
        await requests.record_answer(tx, request, msgspec.to_builtins(kept), now)
        return FreshCode(digits=digits, expires_at=expires_at, valid_s=valid_s)


async def _record(
    app: App,
    tx: Tx,
    voucher: Voucher,
    phone: Phone,
    asked: MintAsked,
    now: datetime,
    expires_at: datetime,
) -> tuple[int, str]:
    """Keep the first digits that were never given out before; gives the turn and the digits."""
    for turn in count():
        digits = code_for_request(app.keys.codes, voucher, asked.request_key, turn)
        minted = Minted(
            code_key=code_hash(app.keys.codes, digits),
            device=phone.device,
            request_key=asked.request_key,
            minted_at=now,
            expires_at=expires_at,
        )
        if await codes.record(tx, voucher, minted):
            return turn, digits
    raise AssertionError("a lane has almost a thousand million codes")


async def _given_again(
    app: App, tx: Tx, voucher: Voucher, request_key: str, kept: _Kept, now: datetime
) -> FreshCode | Refusal:
    digits = code_for_request(app.keys.codes, voucher, request_key, kept.turn)
    code = await codes.find(tx, voucher.lane, code_hash(app.keys.codes, digits))
    taken = decide_code(code, now)
    if isinstance(taken, Refusal):
        return taken
    return FreshCode(digits=digits, expires_at=kept.expires_at, valid_s=kept.valid_s)
