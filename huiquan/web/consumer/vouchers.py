"""My vouchers: the wallet, one voucher's story, and the code for the till.  卡包与券码"""

from datetime import datetime
from typing import Any

from litestar import get, post

from huiquan.actions.mint_code import MintAsked, Phone, mint_code
from huiquan.domain.campaigns import Campaign
from huiquan.domain.codes import qr_text
from huiquan.domain.rulebooks import Channel, pack_numbered
from huiquan.domain.voucher_story import Event, LockFact
from huiquan.domain.vouchers import State
from huiquan.views import vouchers
from huiquan.views.vouchers import Held
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Campaigns, Consumer, Doorkeeper, House
from huiquan.web.limits import Allowance
from huiquan.web.wire import RequestKeyText, Wire, shanghai

CODE_OF_PERSON = Allowance(name="code/person", at_once=20, every_s=2)


class ShownVoucher(Wire):
    """A voucher (消费立减金). valid_until is the first moment at which it is no longer good."""

    serial: str
    pack: int
    pack_zh: str
    pack_en: str
    channel: Channel
    face_fen: int
    threshold_fen: int
    state: State
    valid_from: datetime
    valid_until: datetime
    issued_at: datetime
    redeemed_at: datetime | None
    store_zh: str | None
    refunded_fen: int


class VoucherPage(Wire):
    """Everything I have won."""

    items: list[ShownVoucher]


class VoucherEvent(Wire):
    """One line of a voucher's story."""

    at: datetime
    kind: Event
    amount_fen: int | None
    zh: str
    en: str


class VoucherOrder(Wire):
    """An order the voucher was spent on, every sum of it in fen, in the order they were taken."""

    store: str
    redemption: str | None
    paid_at: datetime | None
    order_fen: int
    offers_fen: int
    net_fen: int
    discount_fen: int
    to_pay_fen: int


class VoucherStory(ShownVoucher, kw_only=True):
    """A voucher with its story, the oldest line first, and what it was spent on."""

    history: list[VoucherEvent]
    orders: list[VoucherOrder]


class Keyed(Wire):
    """A request that only carries its key."""

    request_key: RequestKeyText


class Code(Wire):
    """A one-time code (券码); valid_s from the moment it was made."""

    digits: str
    qr: str
    expires_at: datetime
    valid_s: int


@get(
    "/api/v1/vouchers",
    operation_id="listVouchers",
    summary="My vouchers",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_vouchers(house: House, campaigns: Campaigns, consumer: Consumer) -> VoucherPage:
    """The caller's wallet, the newest first."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    held = await vouchers.wallet(house, consumer.campaign_id, consumer.registrant)
    return VoucherPage(items=[ShownVoucher(**_fields(campaign, one)) for one in held])


@get(
    "/api/v1/vouchers/{serial:str}",
    operation_id="getVoucher",
    summary="One voucher",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_voucher(
    serial: str, house: House, campaigns: Campaigns, consumer: Consumer
) -> VoucherStory:
    """One of the caller's vouchers, with every amount that moved."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    found = accepted(await vouchers.story(house, consumer.campaign_id, consumer.registrant, serial))
    history = [
        VoucherEvent(
            at=shanghai(line.at),
            kind=line.kind,
            amount_fen=line.amount_fen,
            zh=line.zh,
            en=line.en,
        )
        for line in found.lines
    ]
    orders = [_order(one) for one in found.orders]
    return VoucherStory(**_fields(campaign, found.held), history=history, orders=orders)


@post(
    "/api/v1/vouchers/{serial:str}/codes",
    operation_id="mintCode",
    summary="A fresh one-time code",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def mint(
    serial: str, data: Keyed, house: House, consumer: Consumer, limits: Doorkeeper
) -> Code:
    """A code for the till, good once; the codes before it are void."""
    limits.take(CODE_OF_PERSON, consumer.pid.hex())
    phone = Phone(
        campaign_id=consumer.campaign_id,
        lane=consumer.lane,
        pid=consumer.pid,
        device=consumer.device,
    )
    asked = MintAsked(request_key=data.request_key, serial=serial)
    fresh = accepted(await mint_code(house, phone, asked))
    return Code(
        digits=fresh.digits,
        qr=qr_text(fresh.digits),
        expires_at=shanghai(fresh.expires_at),
        valid_s=fresh.valid_s,
    )


def _order(lock: LockFact) -> VoucherOrder:
    quote = lock.quote
    return VoucherOrder(
        store=lock.store,
        redemption=lock.redemption,
        paid_at=shanghai(lock.closed_at) if lock.closed_at else None,
        order_fen=quote.order_fen,
        offers_fen=quote.offers_fen,
        net_fen=quote.net_fen,
        discount_fen=quote.discount_fen,
        to_pay_fen=quote.to_pay_fen,
    )


def _fields(campaign: Campaign, held: Held) -> dict[str, Any]:
    voucher = held.voucher
    pack = pack_numbered(campaign.versions[0].rulebook, voucher.pack)
    assert pack is not None, "packs keep their numbers in every version"
    return {
        "serial": voucher.serial,
        "pack": voucher.pack,
        "pack_zh": pack.name_zh,
        "pack_en": pack.name_en,
        "channel": pack.channel,
        "face_fen": voucher.face_fen,
        "threshold_fen": voucher.threshold_fen,
        "state": held.state,
        "valid_from": shanghai(voucher.valid_from),
        "valid_until": shanghai(voucher.valid_until),
        "issued_at": shanghai(voucher.issued_at),
        "redeemed_at": shanghai(held.redeemed_at) if held.redeemed_at else None,
        "store_zh": held.store,
        "refunded_fen": held.refunded_fen,
    }


ROUTES = (list_vouchers, get_voucher, mint)
