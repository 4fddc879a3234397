"""The mock house's doors for cashiers.  收银接口"""

from datetime import timedelta

from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house import clock
from tests.e2e.mock_house.consumer import Json, World
from tests.e2e.mock_house.facts import STORES

_SUMS = ("order_fen", "offers_fen", "net_fen", "discount_fen", "to_pay_fen")
_FACE = ("pack_zh", "pack_en", "face_fen", "threshold_fen")


def open_till(body: Json) -> tuple[int, Json] | Refusal:
    if body["pin"] != "135790":
        return Refusal.WRONG_SIGN_IN
    store = {key: value for key, value in STORES[0].items() if key != "distance_m"}
    return 201, {
        "token": "till-token",
        "expires_at": clock.text(clock.now() + timedelta(hours=12)),
        "cashier": "李敏",
        "store": store,
    }


def quote(world: World, body: Json) -> Json | Refusal:
    voucher = world.vouchers.get(world.codes.get(body["code"], ""))
    if voucher is None:
        return Refusal.CODE_UNKNOWN
    if voucher["state"] == "redeemed":
        return Refusal.CODE_USED
    offers = sum(offer["amount_fen"] for offer in body["offers"])
    if offers > body["order_fen"]:
        return Refusal.OFFERS_EXCEED_ORDER
    net = body["order_fen"] - offers
    if net < voucher["threshold_fen"]:
        return Refusal.BELOW_THRESHOLD
    discount = min(voucher["face_fen"], net)
    sums = (body["order_fen"], offers, net, discount, net - discount)
    face = {key: voucher[key] for key in _FACE}
    return {**face, **dict(zip(_SUMS, sums, strict=True))}


def lock(world: World, body: Json) -> tuple[int, Json] | Refusal:
    quoted = quote(world, body)
    if isinstance(quoted, Refusal):
        return quoted
    number = f"L{next(world.numbers):06}"
    serial = world.codes[body["code"]]
    world.vouchers[serial]["state"] = "locked"
    until = clock.text(clock.now() + timedelta(minutes=5))
    locked = {"lock": number, **quoted, "locked_until": until}
    world.locks[number] = {**locked, "serial": serial}
    return 201, locked


def redeem(world: World, number: str) -> tuple[int, Json] | Refusal:
    locked = world.locks.get(number)
    if locked is None:
        return Refusal.UNKNOWN_LOCK
    at = clock.text(clock.now())
    done = {
        "redemption": f"R20260206-7713-{next(world.numbers):04}",
        "redeemed_at": at,
        **{key: locked[key] for key in (*_SUMS, *_FACE)},
        "state": "redeemed",
        "refunded_fen": 0,
    }
    world.redemptions[done["redemption"]] = {**done, "refunds": []}
    voucher = world.vouchers[locked["serial"]]
    voucher |= {"state": "redeemed", "redeemed_at": at, "store_zh": STORES[0]["name"]}
    return 201, done


def unlock(world: World, number: str) -> tuple[int, Json] | Refusal:
    locked = world.locks.pop(number, None)
    if locked is None:
        return Refusal.UNKNOWN_LOCK
    world.vouchers[locked["serial"]]["state"] = "held"
    return 200, {"lock": number, "state": "held"}


def refund(world: World, number: str, body: Json) -> tuple[int, Json] | Refusal:
    story = world.redemptions.get(number)
    if story is None:
        return Refusal.UNKNOWN_REDEMPTION
    left = story["net_fen"] - story["refunded_fen"]
    if not 0 < body["amount_fen"] <= left:
        return Refusal.REFUND_TOO_LARGE
    to_fund = _fund_share(story, story["refunded_fen"] + body["amount_fen"])
    to_fund -= _fund_share(story, story["refunded_fen"])
    story["refunded_fen"] += body["amount_fen"]
    story["state"] = "refunded" if body["amount_fen"] == left else "partly_refunded"
    refunded = {
        "refund": f"F{next(world.numbers):06}",
        "amount_fen": body["amount_fen"],
        "to_consumer_fen": body["amount_fen"] - to_fund,
        "to_fund_fen": to_fund,
        "refunded_fen": story["refunded_fen"],
        "left_fen": left - body["amount_fen"],
        "refunded_at": clock.text(clock.now()),
    }
    story["refunds"].append(refunded)
    return 201, refunded


def refund_quote(world: World, number: str, body: Json) -> tuple[int, Json] | Refusal:
    """What the refund would do; the lines are those the page needs."""
    story = world.redemptions.get(number)
    if story is None:
        return Refusal.UNKNOWN_REDEMPTION
    amount = body["amount_fen"]
    left = story["net_fen"] - story["refunded_fen"]
    if not 0 < amount <= left:
        return Refusal.REFUND_TOO_LARGE
    to_fund = _fund_share(story, story["refunded_fen"] + amount)
    to_fund -= _fund_share(story, story["refunded_fen"])
    sums = (
        ("本次退货", "Goods returned now", amount),
        ("本次退回专用账户", "To the fund now", to_fund),
        ("本次退给顾客", "To the customer now", amount - to_fund),
    )
    return 200, {
        "amount_fen": amount,
        "to_consumer_fen": amount - to_fund,
        "to_fund_fen": to_fund,
        "left_fen": left - amount,
        "voucher_returns": False,
        "is_late": False,
        "lines": [{"label_zh": zh, "label_en": en, "amount_fen": fen} for zh, en, fen in sums],
        "remarks": [{"zh": "立减金不退。", "en": "The voucher does not return."}],
    }


def _fund_share(story: Json, refunded_fen: int) -> int:
    net = story["net_fen"]
    return (2 * story["discount_fen"] * refunded_fen + net) // (2 * net)


def today(world: World) -> Json:
    items = list(world.redemptions.values())[::-1]
    plain = [{key: value for key, value in each.items() if key != "refunds"} for each in items]
    refunded = [each for each in items if each["refunded_fen"]]
    return {
        "day": clock.day_of(clock.now()),
        "redeemed_count": len(items),
        "discount_fen": sum(each["discount_fen"] for each in items),
        "order_fen": sum(each["order_fen"] for each in items),
        "refunded_count": sum(len(each["refunds"]) for each in refunded),
        "refunded_fen": sum(each["refunded_fen"] for each in refunded),
        "items": plain,
    }


def fill_day(world: World) -> None:
    """Three earlier redemptions, one of them refunded in full."""
    for order, face, minutes in ((23_300, 50, 35), (12_600, 20, 11), (26_800, 50, 2)):
        number = f"R20260206-7713-{next(world.numbers):04}"
        world.redemptions[number] = {
            "redemption": number,
            "redeemed_at": clock.text(clock.now() - timedelta(minutes=minutes)),
            "order_fen": order,
            "offers_fen": 0,
            "net_fen": order,
            "discount_fen": face * 100,
            "to_pay_fen": order - face * 100,
            "pack_zh": "餐饮大礼包",
            "pack_en": "Dining pack",
            "face_fen": face * 100,
            "threshold_fen": face * 400,
            "state": "redeemed",
            "refunded_fen": 0,
            "refunds": [],
        }
    first = next(iter(world.redemptions))
    refund(world, first, {"amount_fen": world.redemptions[first]["net_fen"]})
