"""The mock house's online orders: one in doubt, one late, one proven; two warehouses.  线上订单"""

import re
from typing import Any

from huiquan.domain.order_evidence import Late, Stage
from huiquan.domain.order_words import EVENTS, FINDINGS, LATE, STAGES
from huiquan.domain.parcel_events import EventKind, Finding
from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house.consumer import Json, World

PLATFORM = "jingxuan-mall"


def at(clock: str) -> str:
    """A moment of early February: `06 09:30`."""
    day, time = clock.split()
    return f"2026-02-{day}T{time}:00+08:00"


def _findings(*codes: str) -> list[Json]:
    found = [Finding(one) for one in codes]
    return [{"code": one, "zh": FINDINGS[one][0], "en": FINDINGS[one][1]} for one in found]


def _stage(code: str, late: str | None = None) -> Json:
    stage, is_late = Stage(code), Late(late) if late else None
    return {
        "code": code,
        "zh": STAGES[stage][0],
        "en": STAGES[stage][1],
        "late": late,
        "late_zh": LATE[is_late][0] if is_late else None,
        "late_en": LATE[is_late][1] if is_late else None,
    }


def _case() -> Json:
    return {
        "case": 3,
        "why": "doubtful",
        "why_zh": "凭证矛盾",
        "why_en": "the evidence contradicts itself",
        "state": "open",
        "owner": None,
        "age_days": 4,
        "opened_at": at("11 09:00"),
        "decision": None,
        "decision_zh": None,
        "decision_en": None,
        "reason": None,
        "proposed_by": None,
        "closed_by": None,
        "closed_at": None,
    }


def _line(ref: str, stage: Json, age_days: int, *findings: str) -> Json:
    return {
        "platform": PLATFORM,
        "order_ref": ref,
        "store": "荆楚优选商城（湖北仓）",
        "county_zh": "洪山区",
        "county_en": "Hongshan District",
        "order_fen": 80_000,
        "discount_fen": 15_000,
        "opened_at": at("06 10:31"),
        "paid_at": at("06 10:33"),
        "stage": stage,
        "findings": _findings(*findings),
        "age_days": age_days,
        "case": _case() if stage["code"] == "doubtful" else None,
    }


def lines(troubled: bool) -> Json:
    """The list, or only what needs people."""
    missing = ("lines_missing", "not_signed")
    found = [
        _line("HB20260206-000117", _stage("doubtful"), 9, "lines_missing", "signed_outside"),
        _line("HB20260206-000093", _stage("shipping", "not_signed"), 16, *missing),
        _line("HB20260206-000128", _stage("shipping"), 2, *missing),
        _line("HB20260206-000101", _stage("delivered"), 9),
    ]
    return {"items": found[:2] if troubled else found}


def _event(clock: str, kind: str, waybill: str | None, sender: str, **more: Any) -> Json:
    words = EVENTS[EventKind(kind)]
    who = {"keeper": "江夏仓储", "express": "楚天速运", PLATFORM: "荆楚优选"}
    return {
        "event_ref": f"{kind}-{waybill}-{clock}",
        "kind": kind,
        "zh": words[0],
        "en": words[1],
        "happened_at": at(clock),
        "received_at": at(clock),
        "sender": sender,
        "sender_zh": who[sender],
        "waybill": waybill,
        "warehouse": "wh-jiangxia" if kind == "dispatched" else None,
        "county": None,
        "county_zh": "洪山区" if more.get("county") == "420111" else None,
        "county_en": "Hongshan District" if more.get("county") == "420111" else None,
        "key_id": f"{sender}-1",
        "is_verified": True,
        "is_believed": True,
        **more,
    }


def _road(waybill: str, line: int, count: int, last: str, *findings: str) -> Json:
    return {
        "carrier": "楚天速运",
        "waybill": waybill,
        "warehouse": "wh-jiangxia",
        "lines": [{"line": line, "quantity": count}],
        "last": last,
        "last_zh": EVENTS[EventKind(last)][0],
        "last_en": EVENTS[EventKind(last)][1],
        "is_delivered": not findings,
        "findings": _findings(*findings),
    }


def _goods(line: int, name: str, sku: str, quantity: int, unit_fen: int) -> Json:
    told = {"line": line, "name": name, "sku": sku, "quantity": quantity, "unit_fen": unit_fen}
    return {**told, "kind": "家电" if line == 1 else "日用", "self_operated": True}


def order_file(ref: str) -> Json | Refusal:
    """The chain of the order in doubt: one parcel came, one was signed for in Beijing."""
    if ref != "HB20260206-000117":
        return Refusal.UNKNOWN_ORDER
    events = [
        _event("06 15:00", "dispatched", "CT100001", "keeper"),
        _event("06 15:20", "dispatched", "CT100002", "keeper"),
        _event("06 18:40", "collected", "CT100001", "express"),
        _event("06 18:41", "collected", "CT100002", "express"),
        _event("08 09:12", "signed", "CT100001", "express", county="420111"),
        _event("09 20:05", "lost", "CT100002", "express", is_believed=False),
        _event("11 16:47", "signed", "CT100002", "express", county=""),
    ]
    return {
        "platform": PLATFORM,
        "order_ref": ref,
        "store": "荆楚优选商城（湖北仓）",
        "opened_at": at("06 10:31"),
        "county": "420111",
        "county_zh": "洪山区",
        "county_en": "Hongshan District",
        "order_fen": 80_000,
        "lines": [
            _goods(1, "电热水壶 1.7 升", "KT-17", 1, 40_000),
            _goods(2, "纯棉毛巾", "TW-01", 4, 10_000),
        ],
        "promised": {
            "code": "wh-jiangxia",
            "name": "江夏一号仓",
            "address": "湖北省武汉市江夏区金龙大街1号",
            "county": "420115",
            "proof": "不动产权证 鄂(2023)0118",
            "approved_at": at("01 09:00"),
            "closed_at": None,
        },
        "stage": _stage("doubtful"),
        "is_final": False,
        "findings": _findings("lines_missing", "signed_outside"),
        "paid": {
            "redemption": "R001-0003-000000042-01",
            "payment_ref": "P20260206-88213",
            "net_fen": 80_000,
            "discount_fen": 15_000,
            "refunded_fen": 0,
            "returned_fen": 0,
            "redeemed_at": at("06 10:33"),
        },
        "parcels": [
            _road("CT100001", 1, 1, "signed"),
            _road("CT100002", 2, 4, "signed", "signed_outside"),
        ],
        "events": events,
        "holds": [
            {
                "hold_id": 7,
                "reason": "线上订单，等待收货凭证 online order, evidence of delivery is awaited",
                "placed_by": "house:orders",
                "placed_at": at("06 10:33"),
                "lifted_by": None,
                "lifted_at": None,
                "lift_reason": None,
            }
        ],
        "settled": None,
        "cases": [_case()],
    }


def warehouses(approved: bool) -> Json:
    """One that waits for approval, until it has it, and one that ships."""

    def one(number: int, code: str, name: str, street: str, is_open: bool) -> Json:
        return {
            "warehouse_id": number,
            "code": code,
            "name": name,
            "address": f"湖北省武汉市江夏区{street}",
            "county": "420115",
            "lat": 30.3759,
            "lng": 114.3218,
            "told_datum": "gcj02",
            "proof": "不动产权证 鄂(2023)0118",
            "proof_sha256": "5b1f" * 16,
            "state": "open" if is_open else "proposed",
            "registered_by": "operator",
            "registered_at": at("01 08:00"),
            "approved_at": at("01 09:00") if is_open else None,
            "closed_at": None,
        }

    second = one(2, "wh-zhifang", "纸坊二号仓", "纸坊大街9号", approved)
    return {"items": [second, one(1, "wh-jiangxia", "江夏一号仓", "金龙大街1号", True)]}


def _approved(world: World) -> bool:
    return any(path.endswith("/warehouses/2/approve") for _, path, _ in world.requests)


def _orders(query: dict[str, list[str]]) -> Json:
    return lines(query.get("troubled") == ["true"])


def _file(found: re.Match[str]) -> Json | Refusal:
    return order_file(found[1])


ORDER_DOORS: list[Any] = [
    ("GET", r"/console/orders", lambda w, b, m, q: _orders(q)),
    ("GET", rf"/console/orders/{PLATFORM}/([^/]+)", lambda w, b, m, q: _file(m)),
    ("GET", r"/console/warehouses", lambda w, b, m, q: warehouses(_approved(w))),
    ("POST", r"/console/warehouses/2/approve", lambda w, b, m, q: {"is_open": True}),
]
