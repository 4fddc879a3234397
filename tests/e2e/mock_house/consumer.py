"""The mock house's doors for consumers.  消费者接口"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from huiquan.domain.refusals import Refusal
from huiquan.domain.work import is_done, set_task
from tests.e2e.mock_house import clock
from tests.e2e.mock_house.facts import DEMO, NOTICE_EN, NOTICE_ZH, PACKS, SENTENCES, STORES

SMS_CODE = "246810"
_WORK_KEY, _PID = b"the mock house", bytes(16)
Json = dict[str, Any]


@dataclass
class World:
    """What a test may arrange, and what has happened since."""

    phase: str = "open"
    mode: str = "instant"
    demo: bool = False
    again_in_days: int = 1
    outcome: str = "won"
    looks_until_outcome: int = 2
    busy_answers: int = 0
    lost_answers: int = 0
    expired: bool = False
    slow_ms: int = 0
    register_refusal: Refusal | None = None
    session: Json | None = None
    draw: Json | None = None
    looks: int = 0
    vouchers: dict[str, Json] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    locks: dict[str, Json] = field(default_factory=dict)
    redemptions: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, tuple[int, Json]] = field(default_factory=dict)
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    proof: Json | None = None
    work: int = 0
    notices: list[Json] = field(default_factory=list)
    money: Json = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))


def now_answer(world: World) -> Json:
    at = clock.now()
    opens = {
        "before": at + timedelta(minutes=17, seconds=43),
        "morning": at + timedelta(minutes=17, seconds=43),
        "closed": clock.midnight_after(at, 1) + timedelta(hours=10),
    }.get(world.phase, clock.midnight_after(at, 0) + timedelta(hours=10))
    closes = clock.midnight_after(opens, 1)
    days = world.again_in_days
    again = clock.midnight_after(at, days) + timedelta(hours=10) if days else None
    return {
        "at": clock.text(at),
        "day": clock.day_of(at),
        "campaign": 1,
        "name_zh": "2026“乐购湖北 马上有礼”新春消费大礼包",
        "name_en": "Shop Hubei – New Year Gifts 2026",
        "organiser_zh": "湖北省商务厅 指导",
        "organiser_en": "Hubei Department of Commerce",
        "platform_zh": "示范平台",
        "platform_en": "Model platform",
        "mode": world.mode,
        "phase": "closed" if world.phase == "morning" else world.phase,
        "opens_at": clock.text(opens),
        "closes_at": clock.text(closes),
        "opens_again_at": clock.text(again) if again else None,
        "packs": PACKS,
        "entered_today": 1_388_680,
        "won_today": 84_604,
        "wins_limit": 10,
        "valid_days": 7,
        "min_age": 16,
        "consent_version": "2026-01",
        "notice_zh": NOTICE_ZH,
        "notice_en": NOTICE_EN,
        "notices": world.notices,
        "demo": DEMO if world.demo else None,
    }


def rules_answer() -> Json:
    return {
        "campaign": 1,
        "version": "2026-02-01.1",
        "name_zh": "2026“乐购湖北 马上有礼”新春消费大礼包",
        "name_en": "Shop Hubei – New Year Gifts 2026",
        "starts_on": "2026-01-24",
        "ends_on": "2026-03-31",
        "opens_at_local": "10:00",
        "closes_at_local": "24:00",
        "packs": PACKS,
        "valid_days": 7,
        "wins_limit": 10,
        "min_age": 16,
        "refund_policy": "pro_rata",
        "sentences": [{"zh": zh, "en": en} for zh, en in SENTENCES],
    }


def stores_answer(near: bool) -> Json:
    items = [{**store, "distance_m": store["distance_m"] if near else None} for store in STORES]
    return {"items": items, "total": 21_460}


def register(world: World, body: Json) -> tuple[int, Json] | Refusal:
    if world.register_refusal:
        return world.register_refusal
    if body["sms_code"] != SMS_CODE:
        return Refusal.SMS_CODE_WRONG
    return sign_in(world, body)


def sign_in(world: World, body: Json) -> tuple[int, Json] | Refusal:
    if body["sms_code"] != SMS_CODE:
        return Refusal.SMS_CODE_WRONG
    world.session = {
        "token": "consumer-token",
        "expires_at": clock.text(clock.now() + timedelta(days=30)),
        "registration_no": "HB26-0042-7713-9F3A",
        "city": "420100",
        "city_zh": "武汉市",
        "city_en": "Wuhan",
        "county_zh": "武昌区",
        "county_en": "Wuchang District",
        "name_masked": "张*丽",
        "document_masked": "4201**********0028",
        "phone_masked": f"{body['phone'][:3]}****{body['phone'][-4:]}",
        "registered_at": clock.text(clock.now()),
    }
    return 201, world.session


def me_answer(world: World) -> Json:
    granted = clock.text(clock.BEGAN - timedelta(days=6))
    today = world.draw["state"] if world.draw else "not_entered"
    if world.draw and world.looks < world.looks_until_outcome:
        today = "pending"
    keys = ("registration_no", "name_masked", "document_masked", "phone_masked")
    return {
        **{key: (world.session or {})[key] for key in (*keys, "city_zh", "city_en")},
        "wins_count": 2,
        "wins_limit": 10,
        "entered_days": 6,
        "today": today,
        "consents": [
            {
                "kind": kind,
                "granted_at": granted,
                "revoked_at": clock.text(clock.now()) if kind in world.revoked else None,
            }
            for kind in ("identity", "location")
        ],
    }


def add_voucher(world: World, pack: int, place: int, issued: datetime, **more: Any) -> Json:
    facts = PACKS[pack - 1]
    tier = facts["tiers"][place]
    serial = f"0017-{20260206 + next(world.numbers):08X}"
    world.vouchers[serial] = {
        "serial": serial,
        "pack": pack,
        "pack_zh": facts["name_zh"],
        "pack_en": facts["name_en"],
        "channel": facts["channel"],
        "face_fen": tier["face_fen"],
        "threshold_fen": tier["threshold_fen"],
        "state": "held",
        "valid_from": clock.text(issued),
        "valid_until": clock.text(clock.midnight_after(issued, 7)),
        "issued_at": clock.text(issued),
        "redeemed_at": None,
        "store_zh": None,
        "refunded_fen": 0,
        **more,
    }
    return world.vouchers[serial]


def fill_wallet(world: World) -> None:
    """Give the person in the story something to look at."""
    at = clock.now()
    add_voucher(world, 3, 1, at - timedelta(days=4))
    add_voucher(world, 2, 1, at - timedelta(days=1))
    add_voucher(world, 1, 0, at)
    used = clock.text(at - timedelta(days=2))
    store = "户部巷老字号热干面（中华路店）"
    old = at - timedelta(days=5)
    add_voucher(world, 3, 0, old, state="redeemed", redeemed_at=used, store_zh=store)
    add_voucher(world, 3, 2, at - timedelta(days=13), state="expired")


def draw_task(world: World) -> Json:
    """Work as the real house sets it, for the one person of this house."""
    task = set_task(
        _WORK_KEY,
        pid=_PID,
        day=clock.day_of(clock.now()),
        until=clock.now() + timedelta(minutes=10),
        most=world.work,
        randomness=b"the mock house",
    )
    told: Json = msgspec.to_builtins(task)
    return told


def _is_worked_for(body: Json) -> bool:
    at = clock.now()
    return is_done(_WORK_KEY, body.get("proof") or "", pid=_PID, day=clock.day_of(at), now=at)


def enter(world: World, body: Json) -> tuple[int, Json] | Refusal:
    if world.work and not _is_worked_for(body):
        return Refusal.WORK_NEEDED
    if world.draw:
        return Refusal.ALREADY_ENTERED
    if world.revoked:
        return Refusal.CONSENT_REVOKED
    at = clock.now()
    won = world.outcome == "won"
    voucher = add_voucher(world, body["pack"], 1, at) if won else None
    world.draw = {
        "day": clock.day_of(at),
        "state": "won" if won else "missed",
        "reason": None if won else {"missed": "no_tier"}.get(world.outcome, "cut"),
        "pack": body["pack"],
        "tier": 1 if won else None,
        "face_fen": voucher["face_fen"] if voucher else None,
        "threshold_fen": voucher["threshold_fen"] if voucher else None,
        "serial": voucher["serial"] if voucher else None,
        "valid_until": voucher["valid_until"] if voucher else None,
        "draw_no": "D20260206-0172-9F3A",
        "entered_at": clock.text(at),
    }
    entry = "01" + "00" * 31 + body["client_nonce"] + "00" * 32
    return 200, {
        "day": clock.day_of(at),
        "lane": 17,
        "idx": 4211,
        "entry": entry,
        "cfg_hash": "00" * 32,
        "entered_at": clock.text(at),
        "promise": 60,
        "index": 0,
        "size": 1,
        "path": [],
        "signature": "00" * 64,
        "platform_key": "00" * 32,
    }


def look(world: World) -> Json | Refusal:
    if not world.draw:
        return Refusal.NO_DRAW_THAT_DAY
    world.looks += 1
    if world.looks > world.looks_until_outcome:
        return world.draw
    empty = ("reason", "tier", "face_fen", "threshold_fen", "serial", "valid_until", "draw_no")
    return {**world.draw, **dict.fromkeys(empty), "state": "pending"}


def draws_answer(world: World) -> Json:
    items = [
        {"day": 20260205, "pack": 3, "state": "missed", "face_fen": None, "serial": None},
        {"day": 20260204, "pack": 2, "state": "missed", "face_fen": None, "serial": None},
    ]
    if world.draw:
        keys = ("day", "pack", "state", "face_fen", "serial")
        items.insert(0, {key: world.draw[key] for key in keys})
    return {"items": items, "next": None}


def story(voucher: Json) -> Json:
    lines = [(voucher["issued_at"], "issued", None, "摇号中签，发放到卡包", "Won and issued")]
    if voucher["redeemed_at"]:
        face = voucher["face_fen"]
        said = ("在门店核销抵扣", "Redeemed in store")
        lines.append((voucher["redeemed_at"], "redeemed", face, *said))
    if voucher["state"] == "expired":
        lines.append((voucher["valid_until"], "expired", None, "过期未用", "Expired unused"))
    keys = ("at", "kind", "amount_fen", "zh", "en")
    history = [dict(zip(keys, line, strict=True)) for line in lines]
    return {**voucher, "history": history, "orders": _orders(voucher)}


def _orders(voucher: Json) -> list[Json]:
    """An order of twice the threshold, forty yuan of it taken off by the store before."""
    if not voucher["redeemed_at"]:
        return []
    order = 2 * voucher["threshold_fen"] + 4_000
    net = order - 4_000
    sums = {"order_fen": order, "offers_fen": 4_000, "net_fen": net}
    sums |= {"discount_fen": voucher["face_fen"], "to_pay_fen": net - voucher["face_fen"]}
    # A redemption is named after its voucher and the lock it came of.
    named = "R" + voucher["serial"][1:-1] + "01-G"
    told = {"store": voucher["store_zh"], "redemption": named, "paid_at": voucher["redeemed_at"]}
    return [told | sums]


def refund_sums(voucher: Json, amount_fen: int) -> Json | Refusal:
    """What bringing goods back gives, pro rata, with its lines."""
    orders = _orders(voucher)
    if not orders:
        return Refusal.UNKNOWN_REDEMPTION
    net, off = orders[0]["net_fen"], orders[0]["discount_fen"]
    if amount_fen > net:
        return Refusal.REFUND_TOO_LARGE
    to_fund = (2 * off * amount_fen + net) // (2 * net)
    lines = (
        ("本次退货", "Goods returned now", amount_fen),
        ("本次退回专用账户", "To the fund now", to_fund),
        ("本次退给顾客", "To the customer now", amount_fen - to_fund),
    )
    return {
        "amount_fen": amount_fen,
        "to_consumer_fen": amount_fen - to_fund,
        "to_fund_fen": to_fund,
        "left_fen": net - amount_fen,
        "voucher_returns": False,
        "is_late": False,
        "lines": [{"label_zh": zh, "label_en": en, "amount_fen": fen} for zh, en, fen in lines],
        "remarks": [{"zh": "立减金不退。", "en": "The voucher does not return."}],
    }


def refunds(voucher: Json) -> Json:
    """One earlier refund of a tenth of the order, if any goods came back."""
    if not voucher["refunded_fen"]:
        return {"items": []}
    return {"items": [refund_sums(voucher, voucher["refunded_fen"])]}


def mint(world: World, serial: str) -> tuple[int, Json] | Refusal:
    voucher = world.vouchers.get(serial)
    if voucher is None:
        return Refusal.UNKNOWN_VOUCHER
    if voucher["state"] == "locked":
        return Refusal.VOUCHER_LOCKED
    if voucher["state"] != "held":
        return Refusal.ALREADY_REDEEMED
    digits = f"{482177301954 + 7919 * next(world.numbers):012}"
    world.codes[digits] = serial
    return 201, {
        "digits": digits,
        "qr": f"HQ1:{digits}",
        "expires_at": clock.text(clock.now() + timedelta(seconds=30)),
        "valid_s": 30,
    }
