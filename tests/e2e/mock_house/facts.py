"""The campaign of the mock house: packs, stores, rules.  活动数据"""

from typing import Any

from huiquan.domain.counties import COUNTIES


def _tiers(first: int, *faces: tuple[int, int]) -> list[dict[str, int]]:
    return [
        {"tier": first + place, "face_fen": face * 100, "threshold_fen": threshold * 100}
        for place, (face, threshold) in enumerate(faces)
    ]


def _pack(number: int, code: str, zh: str, en: str, tiers: list[dict[str, int]]) -> dict[str, Any]:
    return {
        "pack": number,
        "code": code,
        "name_zh": zh,
        "name_en": en,
        "channel": "online" if code == "retail_online" else "offline",
        "category": "dining" if code == "dining" else "retail",
        "max_face_fen": max(tier["face_fen"] for tier in tiers),
        "tiers": tiers,
    }


PACKS = [
    _pack(
        1,
        "retail_online",
        "“马”上欢聚·线上百货大礼包",
        "Online retail pack",
        _tiers(1, (50, 200), (100, 400), (150, 600)),
    ),
    _pack(
        2,
        "retail_offline",
        "“马”上欢聚·线下百货大礼包",
        "In-store retail pack",
        _tiers(4, (50, 200), (100, 400), (200, 800)),
    ),
    _pack(
        3,
        "dining",
        "“马”上团圆·餐饮大礼包",
        "Dining pack",
        _tiers(7, (20, 80), (50, 200), (100, 400)),
    ),
]

STORES = [
    {
        "store_id": f"{number}",
        "name": name,
        "city_zh": "武汉市",
        "city_en": "Wuhan",
        "county_zh": COUNTIES[county].zh,
        "county_en": COUNTIES[county].en,
        "address": address,
        "packs": packs,
        "rails": ["alipay", "wechat"] if number % 2 else ["wechat"],
        "distance_m": distance,
    }
    for number, (name, county, address, packs, distance) in enumerate(
        [
            ("户部巷老字号热干面（中华路店）", "420106", "中华路 12 号", [3], 240),
            ("江汉路百货大楼", "420103", "江汉路 129 号", [2], 860),
            ("楚河汉街酒楼", "420106", "汉街 88 号 3 楼", [3], 1940),
            ("汉口老街超市（吉庆街店）", "420102", "吉庆街 5 号", [2, 3], 3260),
        ],
        start=1,
    )
]

SENTENCES = [
    (
        "报名时手机定位在湖北省 17 个市州内的人都可以参加。",
        "Anyone whose phone is in one of Hubei’s 17 cities when registering may take part.",
    ),
    (
        "每人每天在本平台摇号一次，先后机会相同。",
        "One draw per person and day on this platform; early or late, the same odds.",
    ),
    (
        "先扣商户和平台优惠，剩下的金额达到门槛，再用券抵扣。",
        "Offers come off first; what is left must reach the threshold; then the voucher.",
    ),
    (
        "一笔订单只能用一张券，券不能转让、不能兑换现金。",
        "One voucher per order; no transfer, no cash.",
    ),
    (
        "退货时券不退回，券抵扣的钱按比例退回财政专用资金。",
        "If goods are returned, the voucher’s money goes back to the fund in proportion.",
    ),
]

NOTICE_ZH = (
    "一、我们处理您的姓名、证件号码、手机号，只用于核验身份真实、唯一。\n"
    "二、我们处理您报名和摇号时的位置，只用于确认您在湖北省内；保存判定结果，不保存精确坐标。\n"
    "三、活动结束并完成审计后，按规定删除或匿名化。\n"
    "四、您可以随时撤回同意、查阅和更正您的信息。"
)
NOTICE_EN = (
    "1. Your name, document number and phone are used only to check that you are real and unique.\n"
    "2. Your location is used only to confirm that you are in Hubei; the decision is kept, "
    "the exact coordinates are not.\n"
    "3. After the campaign and its audit the data are deleted or made anonymous.\n"
    "4. You may take your consent back, and see and correct your data, at any time."
)

DEMO = {
    "lat": 30.5434,
    "lng": 114.3022,
    "accuracy_m": 20,
    "datum": "wgs84",
    "place_zh": "武汉·黄鹤楼",
    "place_en": "Wuhan, Yellow Crane Tower",
    "sms_inbox_url": "/demo/sms",
}
