"""Acquirers: payment companies and POS vendors through which vouchers are spent.  收单机构

An acquirer serves one rail (支付通道), which a store takes or does not take, at all of its
terminals or at some. It comes in by signed requests and never signs in.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal

KEY_OVERLAP = timedelta(days=7)
"""How long the keys before a new one stay good, unless another time is asked for."""

_TERMINAL = re.compile(r"[A-Za-z0-9._-]{0,64}")
_CALLBACK = re.compile(
    r"(https://[A-Za-z0-9.-]{1,253}|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[!-~]{0,500})?"
)

RAIL_NAMES = {
    "wechat": ("微信支付", "WeChat Pay"),
    "alipay": ("支付宝", "Alipay"),
    "unionpay": ("云闪付", "UnionPay"),
    "demo": ("演示支付", "Demo Pay"),
}


@dataclass(frozen=True, kw_only=True)
class Acquirer:
    """One acquirer. A sandbox one tries everything out and touches no book.

    kind: carriers and warehouses sign as acquirers do, and come in by the door of events alone.
    """

    acquirer_id: int
    code: str
    name_zh: str
    name_en: str
    rail: str
    is_sandbox: bool
    callback_url: str | None = None
    is_open: bool = True
    kind: Sender = Sender.ACQUIRER


@dataclass(frozen=True, kw_only=True)
class StoreTerminal:
    """A terminal at a store; an empty name stands for all of the store's."""

    store_id: int
    terminal: str = ""


def rail_name(rail: str) -> tuple[str, str]:
    """A rail as people know it, in Chinese and English; its code where it has no known name."""
    return RAIL_NAMES.get(rail, (rail, rail))


def is_terminal(text: str) -> bool:
    """True for what may stand as a terminal's name."""
    return _TERMINAL.fullmatch(text) is not None


def decide_callback_url(url: str) -> str | Refusal:
    """An address to which the house may send what happened. Refuses BAD_CALLBACK.

    Over the internet only https; plain http to this machine alone, to try things out.
    """
    return url if _CALLBACK.fullmatch(url) else Refusal.BAD_CALLBACK
