"""The mock house's doors for a shop's manager, and about ways of paying.  结算单与支付方式"""

from tests.e2e.mock_house import money
from tests.e2e.mock_house.consumer import Json, World
from tests.e2e.mock_house.facts import STORES

RAILS_ZH = {"wechat": "微信支付", "alipay": "支付宝", "unionpay": "云闪付"}
RAILS_EN = {"wechat": "WeChat Pay", "alipay": "Alipay", "unionpay": "UnionPay"}


def page(world: World) -> Json:
    states = ("settled", "in_file", "paid", "bounced")
    items = [money.settlement(number, state) for number, state in enumerate(states, start=1)]
    standing = {"unsettled_fen": 389_201_000, "on_its_way_fen": 130_374_550}
    standing |= {"paid_fen": 2_398_891_720, "owed_fen": 421_000, "is_held": True}
    return {"merchant": money.MERCHANT, "items": items, "standing": standing}


def one(world: World, number: int) -> Json:
    state = {3: "paid", 4: "bounced"}.get(number, "settled")
    sums = [
        ("立减金合计", "Vouchers", 130_000_000),
        ("清算前退回", "Came back before", -1_354_450),
        ("退汇转入", "Carried over", 2_150_000),
        ("扣回欠款", "Kept for debts", -421_000),
        ("付款金额", "To pay", 130_374_550),
    ]
    return {
        "settlement": money.settlement(number, state),
        "uscc": "91420500MA4812345X",
        "campaign_zh": "2026“乐购湖北 马上有礼”新春消费大礼包",
        "account_end": "4417",
        "settled_at": money.AT,
        "paid_at": money.AT if state == "paid" else None,
        "sums": [{"label_zh": zh, "label_en": en, "amount_fen": fen} for zh, en, fen in sums],
        "orders": [_order(place) for place in range(1, 4)],
        "carried_refs": [],
        "kept": [
            {
                "ref": "F20260130-7713-0009-01",
                "arose_at": money.AT,
                "store": money.SHOP,
                "payment_ref": "POS-0130-0009",
                "goods_fen": 2_105_000,
                "owed_fen": 421_000,
                "kept_fen": 421_000,
            }
        ],
        "disputes": [each for each in money.books(world)["disputes"] if number == 3],
    }


def _order(place: int) -> Json:
    return {
        "redemption": f"R20260206-7713-{place:04}",
        "payment_ref": f"POS-0206-{place:04}",
        "store": money.SHOP,
        "redeemed_at": money.AT,
        "order_fen": 126_845,
        "net_fen": 120_000,
        "discount_fen": 20_000,
        "returned_fen": 5_000 if place == 3 else 0,
        "due_fen": 15_000 if place == 3 else 20_000,
    }


def dispute(world: World, number: int, body: Json) -> tuple[int, Json]:
    disputes = money.books(world)["disputes"]
    made = len(disputes) + 1
    said = {"words": body["words"], "redemption": body["redemption"]}
    blank = {"verdict": None, "answer": None, "answered_at": None}
    disputes.insert(0, {**disputes[0], **blank, "dispute_id": made, **said})
    return 201, {"dispute_id": made}


def late_refunds() -> Json:
    sums = {"amount_fen": 30_000, "to_fund_fen": 6_000, "refunded_at": money.AT}
    return {"items": [{"redemption": "R20260130-7713-0009", "store": money.SHOP, **sums}]}


def rails(store_id: str, rail: str | None) -> Json:
    """What the real house says: this store takes X, not Y here, and the next one is there."""
    here = next(store for store in STORES if store["store_id"] == store_id)
    takes = here["rails"]
    zh = "、".join(RAILS_ZH[one] for one in takes)
    en = ", ".join(RAILS_EN[one] for one in takes)
    taken = rail is None or rail in takes
    said = (f"本店可用：{zh}。", f"This store takes {en}.")
    if not taken:
        said = (
            f"本店可用：{zh}；不支持{RAILS_ZH[str(rail)]}。",
            f"This store takes {en}, not {RAILS_EN[str(rail)]} here.",
        )
    near = next((store for store in STORES if rail in store["rails"]), None)
    return {
        "store_id": store_id,
        "takes": takes,
        "asked": rail,
        "is_taken": taken,
        "zh": said[0],
        "en": said[1],
        "nearest": None if taken else near,
    }
