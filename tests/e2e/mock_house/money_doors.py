"""Which requests about money reach which door of the mock house.  资金接口"""

import re
from collections.abc import Callable
from typing import Any

from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house import accounts, consumer, money, statements
from tests.e2e.mock_house.consumer import Json, World

Query = dict[str, list[str]]
Door = Callable[[World, Json, re.Match[str], Query], Any]
CONSOLE, FUND, BOOKS = r"/console", r"/console/fund", r"/console/reconciliation"
MERCHANT = r"/merchant"


def _acknowledge(world: World, number: int) -> Json:
    alert = money.books(world)["fund"]["alerts"][number - 1]
    alert |= {"acknowledged_by": money.MINE, "acknowledged_at": money.AT}
    return {"alert": number}


def _compensate(world: World, body: Json) -> Json:
    account = money.books(world)["fund"]["account"]
    for name in ("compensated_fen", "bank_fen", "pool_fen"):
        account[name] += body["amount_fen"]
    return {"fen": account["compensated_fen"]}


def _assign(world: World, number: int, body: Json) -> Json:
    money.books(world)["cases"][number]["owner"] = body["owner"]
    return body


def _imported() -> Json:
    counts = {"line_count": 128_404, "new_count": 128_404, "same_count": 0, "changed_count": 0}
    days = {"first_day": 20260205, "last_day": 20260205}
    return {"file": 9, "is_new": True, **days, **counts, "withdrawn_count": 0, "opened_count": 1}


def _of_voucher(world: World, serial: str, amount_fen: int | None) -> Json | Refusal:
    voucher = world.vouchers.get(serial)
    if voucher is None:
        return Refusal.UNKNOWN_VOUCHER
    if amount_fen is None:
        return consumer.refunds(voucher)
    return consumer.refund_sums(voucher, amount_fen)


def _till_refunds(world: World, number: str) -> Json:
    """Each refund of a redemption again, with the lines the page needs."""
    items = []
    for one in world.redemptions[number]["refunds"]:
        lines = [("本次退货", "Goods returned now", one["amount_fen"])]
        lines += [("本次退给顾客", "To the customer now", one["to_consumer_fen"])]
        told = [{"label_zh": zh, "label_en": en, "amount_fen": fen} for zh, en, fen in lines]
        sums = {key: one[key] for key in ("amount_fen", "to_consumer_fen", "to_fund_fen")}
        flags = {"left_fen": one["left_fen"], "voucher_returns": False, "is_late": False}
        items.append({**sums, **flags, "lines": told, "remarks": []})
    return {"items": items}


MONEY_DOORS: list[tuple[str, str, Door]] = [
    ("GET", FUND, lambda w, b, m, q: money.books(w)["fund"]),
    ("GET", FUND + r"/register", lambda w, b, m, q: "时间,账簿,编号\n"),
    ("POST", FUND + r"/tranches", lambda w, b, m, q: money.plan(w, b)),
    (
        "POST",
        FUND + r"/tranches/(\d+)/receive",
        lambda w, b, m, q: money.receive(w, int(m[1]), b),
    ),
    ("POST", FUND + r"/compensations", lambda w, b, m, q: _compensate(w, b)),
    ("POST", FUND + r"/repayments", lambda w, b, m, q: money.repay(w, b)),
    ("POST", FUND + r"/pledges", lambda w, b, m, q: {"pledge": 3}),
    (
        "POST",
        FUND + r"/alerts/(\d+)/acknowledge",
        lambda w, b, m, q: _acknowledge(w, int(m[1])),
    ),
    ("GET", CONSOLE + r"/settlements", lambda w, b, m, q: money.settlements()),
    ("GET", CONSOLE + r"/payment-files", lambda w, b, m, q: {"items": money.books(w)["files"]}),
    (
        "GET",
        CONSOLE + r"/payment-files/(\d+)",
        lambda w, b, m, q: money.file_story(w, int(m[1])),
    ),
    (
        "POST",
        CONSOLE + r"/payment-files/(\d+)/approvals",
        lambda w, b, m, q: money.approve(w, int(m[1])),
    ),
    ("GET", CONSOLE + r"/account-requests", lambda w, b, m, q: {"items": accounts.requests(w)}),
    ("POST", CONSOLE + r"/account-requests", lambda w, b, m, q: accounts.ask(w, b)),
    (
        "POST",
        CONSOLE + r"/account-requests/(\d+)/confirm",
        lambda w, b, m, q: accounts.confirm(w, int(m[1]), b),
    ),
    (
        "POST",
        CONSOLE + r"/account-requests/(\d+)/refuse",
        lambda w, b, m, q: accounts.refuse(w, int(m[1]), b),
    ),
    ("GET", CONSOLE + r"/settlement-holds", lambda w, b, m, q: {"items": money.books(w)["holds"]}),
    ("GET", CONSOLE + r"/disputes", lambda w, b, m, q: {"items": money.books(w)["disputes"]}),
    (
        "POST",
        CONSOLE + r"/disputes/(\d+)/answer",
        lambda w, b, m, q: money.answer(w, int(m[1]), b),
    ),
    ("GET", BOOKS + r"/days", lambda w, b, m, q: money.days()),
    (
        "GET",
        BOOKS + r"/cases",
        lambda w, b, m, q: {"items": list(money.books(w)["cases"].values())},
    ),
    ("GET", BOOKS + r"/cases/(\d+)", lambda w, b, m, q: money.case_file(w, int(m[1]))),
    ("POST", BOOKS + r"/cases/(\d+)/owner", lambda w, b, m, q: _assign(w, int(m[1]), b)),
    ("POST", BOOKS + r"/cases/(\d+)/closing", lambda w, b, m, q: money.explain(w, int(m[1]), b)),
    ("GET", BOOKS + r"/choices", lambda w, b, m, q: money.choices()),
    ("POST", BOOKS + r"/files", lambda w, b, m, q: (201, _imported())),
    ("GET", CONSOLE + r"/register", lambda w, b, m, q: money.register(w)),
    ("POST", CONSOLE + r"/register/archives", lambda w, b, m, q: money.make(w)),
    ("GET", CONSOLE + r"/register/archives/([^/]+)", lambda w, b, m, q: "the zip"),
    ("GET", MERCHANT + r"/statements", lambda w, b, m, q: statements.page(w)),
    ("GET", MERCHANT + r"/statements/(\d+)", lambda w, b, m, q: statements.one(w, int(m[1]))),
    (
        "POST",
        MERCHANT + r"/statements/(\d+)/disputes",
        lambda w, b, m, q: statements.dispute(w, int(m[1]), b),
    ),
    ("GET", MERCHANT + r"/disputes", lambda w, b, m, q: {"items": money.books(w)["disputes"]}),
    ("GET", MERCHANT + r"/late-refunds", lambda w, b, m, q: statements.late_refunds()),
    (
        "GET",
        r"/till/redemptions/([^/]+)/refunds",
        lambda w, b, m, q: _till_refunds(w, m[1]),
    ),
    (
        "GET",
        r"/stores/(\d+)/rails",
        lambda w, b, m, q: statements.rails(m[1], q.get("rail", [None])[0]),
    ),
    ("GET", r"/vouchers/([^/]+)/refunds", lambda w, b, m, q: _of_voucher(w, m[1], None)),
    (
        "POST",
        r"/vouchers/([^/]+)/refund-quotes",
        lambda w, b, m, q: _of_voucher(w, m[1], b["amount_fen"]),
    ),
]
