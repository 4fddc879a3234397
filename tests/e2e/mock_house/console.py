"""The mock house's doors for officials: figures that look like a good Friday.  监管接口"""

from datetime import timedelta

from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house import clock
from tests.e2e.mock_house.consumer import Json
from tests.e2e.mock_house.facts import PACKS

_CITIES = [
    ("420100", "武汉市", "Wuhan", 412_830),
    ("420200", "黄石市", "Huangshi", 58_210),
    ("420300", "十堰市", "Shiyan", 69_480),
    ("420500", "宜昌市", "Yichang", 118_360),
    ("420600", "襄阳市", "Xiangyang", 131_920),
    ("420700", "鄂州市", "Ezhou", 24_130),
    ("420800", "荆门市", "Jingmen", 56_770),
    ("420900", "孝感市", "Xiaogan", 83_950),
    ("421000", "荆州市", "Jingzhou", 97_480),
    ("421100", "黄冈市", "Huanggang", 101_240),
    ("421200", "咸宁市", "Xianning", 52_360),
    ("421300", "随州市", "Suizhou", 38_190),
    ("422800", "恩施土家族苗族自治州", "Enshi", 61_270),
    ("429004", "仙桃市", "Xiantao", 29_840),
    ("429005", "潜江市", "Qianjiang", 24_560),
    ("429006", "天门市", "Tianmen", 25_110),
    ("429021", "神农架林区", "Shennongjia", 2_980),
]
_PLATFORMS = [("p1", "示范平台甲", "Platform A", 58), ("p2", "示范平台乙", "Platform B", 42)]
_ISSUED = [612, 640, 655, 980, 1015, 688, 702, 719, 735, 748, 1066, 1098, 821, 846]
_REDEEMED = [118, 241, 322, 430, 588, 610, 602, 611, 640, 658, 742, 871, 812, 790]
_PLANNED = [600, 630, 650, 960, 990, 680, 700, 715, 730, 745, 1040, 1080, 820, 840]
_FEN_PER_WAN = 1_000_000


def open_console(body: Json) -> tuple[int, Json] | Refusal:
    if body["password"] != "supervise":
        return Refusal.WRONG_SIGN_IN
    return 201, {
        "token": "console-token",
        "expires_at": clock.text(clock.now() + timedelta(hours=8)),
        "name": "省商务厅 · 王监管",
        "role": "supervisor",
        "city": None,
    }


def campaigns() -> Json:
    line = {
        "campaign": 1,
        "name_zh": "2026“乐购湖北 马上有礼”新春消费大礼包",
        "name_en": "Shop Hubei – New Year Gifts 2026",
        "starts_on": "2026-01-24",
        "ends_on": "2026-03-31",
    }
    return {"items": [line]}


def objections(decided: list[Json]) -> Json:
    """Three objections: new, decided by one, decided by two; and what the page has decided."""
    first = {"by": "省商务厅 · 李监管", "at": "2026-02-06T09:10:00+08:00"}
    second = {"by": "运营平台 · 赵经办", "at": "2026-02-06T09:40:00+08:00"}
    kept = {"verdict": "upheld", "reason": "经核实，系承办单位员工", "first": first}
    mine = {"by": "省商务厅 · 王监管", "at": clock.text(clock.now())}
    new: Json = {"verdict": None, "reason": None, "first": None, "second": None}
    for one in decided:
        new |= {"verdict": one["verdict"], "reason": one["reason"], "first": mine}
    return {
        "items": [
            _objection(3, "同一证件疑似重复报名，请核对。\n附：截图两张", new),
            _objection(2, "中签人系本次活动承办单位员工", {**kept, "second": None}),
            _objection(1, "中签人系本次活动承办单位员工", {**kept, "second": second}),
        ]
    }


def _objection(number: int, grounds: str, decisions: Json) -> Json:
    return {
        "objection": number,
        "day": 20260205,
        "draw_no": f"D20260205-00-{number * 1741:06}",
        "face_fen": 5000 * number,
        "filed_at": f"2026-02-06T08:{number}5:00+08:00",
        "filed_by": "陈先生 138****8000",
        "grounds": grounds,
        "objections_until": "2026-02-08T00:00:00+08:00",
        "issued_at": None,
        **decisions,
    }


def _nine(entered: int) -> Json:
    issued = entered * 61 // 1000
    redeemed = issued * 87 // 100
    return {
        "issued_count": issued,
        "issued_fen": issued * 6_100,
        "holder_count": issued,
        "redeemer_count": redeemed * 96 // 100,
        "redeemed_count": redeemed,
        "redeemed_fen": redeemed * 6_024,
        "order_fen": redeemed * 27_313,
        "refunded_fen": redeemed * 91,
        "redeeming_merchant_count": redeemed // 11 + 3,
    }


def _sum(rows: list[Json]) -> Json:
    return {key: sum(row[key] for row in rows) for key in _nine(0)}


def figures(day: int, asked: int) -> Json:
    cities = []
    for place, (city, zh, en, entered) in enumerate(_CITIES):
        grown = entered + asked * (17 - place)
        row = {"city": city, "city_zh": zh, "city_en": en, **_nine(grown)}
        cities.append({**row, "entered_count": grown})
    total = _sum(cities)
    shares = {1: 30, 2: 32, 3: 38}
    packs = [
        {
            "pack": pack["pack"],
            "pack_zh": pack["name_zh"],
            "pack_en": pack["name_en"],
            **{key: value * shares[pack["pack"]] // 100 for key, value in total.items()},
        }
        for pack in PACKS
    ]
    platforms = [
        {
            "platform": code,
            "platform_zh": zh,
            "platform_en": en,
            **{key: value * share // 100 for key, value in total.items()},
        }
        for code, zh, en, share in [
            ("p1", "示范平台甲", "Platform A", 58),
            ("p2", "示范平台乙", "Platform B", 42),
        ]
    ]
    return {
        "at": clock.text(clock.now()),
        "day": day,
        "total": total,
        "cumulative": {key: value * 11 for key, value in total.items()},
        "by_city": cities,
        "by_pack": packs,
        "by_platform": platforms,
        "trend": _trend(),
        "fund": _fund(),
        "entered_count": sum(row["entered_count"] for row in cities),
        "redemption_rate_bp": 7_580,
        "last_check": {"at": clock.text(clock.now() - timedelta(minutes=3)), "failed": 0},
    }


def _trend() -> list[Json]:
    rows = []
    for place, sums in enumerate(zip(_ISSUED, _REDEEMED, _PLANNED, strict=True)):
        day = clock.day_of(clock.now() - timedelta(days=13 - place))
        keys = ("issued_fen", "redeemed_fen", "planned_fen")
        row = {key: wan * _FEN_PER_WAN for key, wan in zip(keys, sums, strict=True)}
        rows.append({"day": day, **row})
    return rows


def _fund() -> Json:
    parts = {
        "released_fen": 212_400_000,
        "reserved_fen": 1_428_655_000,
        "returned_fen": 96_310_000,
        "payable_fen": 402_118_500,
        "settling_fen": 118_640_000,
        "paid_fen": 6_288_410_500,
    }
    whole = 10_000_000_000
    besides = {"compensated_fen": 0, "repaid_fen": 0, "remainder_fen": 0}
    pool_fen = whole - sum(parts.values())
    return {"appropriated_fen": whole, "pool_fen": pool_fen, **parts, **besides}
