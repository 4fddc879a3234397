"""The mock house's doors about merchants' accounts: one asks, another confirms.  收款账户"""

from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house import money
from tests.e2e.mock_house.consumer import Json, World

OTHER = "运营平台 · 赵经办"
NUMBER = "6222020000000017734"


def requests(world: World) -> list[Json]:
    """What was asked for in this world, those that wait first."""
    made = money.books(world)
    if "accounts" not in made:
        made["accounts"] = [_request(1, "open"), _request(2, "confirmed"), _request(3, "refused")]
    found: list[Json] = made["accounts"]
    return found


def _request(number: int, state: str) -> Json:
    is_open = state == "open"
    return {
        "request_id": number,
        "merchant_id": 77,
        "merchant": money.MERCHANT,
        "uscc": "91420506MA4KXXXX0A",
        "state": state,
        "is_in_force": state == "confirmed",
        "account_end": NUMBER[-4:] if is_open else "4417",
        "account_before": "4417" if is_open else None,
        "account_name": money.MERCHANT,
        "bank_name": "中国农业银行股份有限公司宜昌夷陵支行小溪塔分理处",
        "bank_code": "103526000018",
        "asked_by": OTHER,
        "asked_by_id": 2,
        "asked_at": money.AT,
        "named_by": None,
        "decided_by": None if is_open else money.MINE,
        "decided_at": None if is_open else money.AT,
        "reason": "函件无公章，户名与营业执照不符" if state == "refused" else None,
    }


def ask(world: World, body: Json) -> tuple[int, Json]:
    new = _request(len(requests(world)) + 1, "open")
    new |= {name: body[name] for name in ("uscc", "account_name", "bank_name", "bank_code")}
    new |= {"account_end": body["account_no"][-4:], "asked_by": money.MINE, "asked_by_id": 1}
    requests(world).insert(0, new)
    return 201, new


def confirm(world: World, number: int, body: Json) -> Json | Refusal:
    one = next(each for each in requests(world) if each["request_id"] == number)
    if one["asked_by"] == money.MINE:
        return Refusal.ALREADY_APPROVED_BY_YOU
    if body["account_no"] != NUMBER:
        return Refusal.ACCOUNT_DIFFERS
    one |= {"state": "confirmed", "is_in_force": True}
    one |= {"decided_by": money.MINE, "decided_at": money.AT}
    return one


def refuse(world: World, number: int, body: Json) -> Json:
    one = next(each for each in requests(world) if each["request_id"] == number)
    state = "withdrawn" if one["asked_by"] == money.MINE else "refused"
    one |= {"state": state, "reason": body["reason"]}
    one |= {"decided_by": money.MINE, "decided_at": money.AT}
    return one


def change(previous: str | None) -> Json:
    """A payee of a file, paid on another account than the last time."""
    return {
        "merchant_id": 77 if previous else 78,
        "merchant": money.MERCHANT,
        "previous_end": previous,
        "account_end": NUMBER[-4:],
        "account_name": money.MERCHANT,
        "bank_name": "中国农业银行股份有限公司宜昌夷陵支行小溪塔分理处",
        "asked_by": OTHER,
        "asked_at": money.AT,
        "confirmed_by": money.MINE,
        "confirmed_at": money.AT,
    }
