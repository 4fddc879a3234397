"""Rulebook sentences: the rules as people read them, made from the numbers the house runs on.

规则说明。 What a consumer reads is never a second text that could say something else: change a
number, and the sentence changes with it.
"""

from huiquan.domain.refund_rules import RefundPolicy, RefundRules, Share
from huiquan.domain.rulebook_days import draw_days, rounds_of
from huiquan.domain.rulebooks import Channel, Mode, Rulebook, UseArea, tiers_of

Sentence = tuple[str, str]

_REFUNDS: dict[RefundPolicy, Sentence] = {
    RefundPolicy.MONEY_PRO_RATA: (
        "退款不退券：立减金用后即作废；退款时，立减部分按退款金额的比例退回专用账户，其余退给您。",
        "A refund does not bring the voucher back. The voucher's part of the refunded amount goes "
        "back to the fund in proportion, the rest to you.",
    ),
    RefundPolicy.VOUCHER_BACK_IF_FULL: (
        "有效期内全额退款的，立减金退回，有效期不变；部分退款的，立减金不退，款项按比例退回。",
        "A full refund within the validity brings the voucher back with the same end. A partial "
        "refund does not; the money is split in proportion.",
    ),
    RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_POOL: (
        "全额退款的，立减金退回；部分退款的，立减金不退，立减金额全部退回专用账户。",
        "A full refund brings the voucher back. After a partial refund the whole voucher amount "
        "goes back to the fund.",
    ),
    RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_LOST: (
        "有效期内全额退款的，立减金可再次使用；其他情况立减金作废。",
        "After a full refund within the validity the voucher may be used again; otherwise it is "
        "lost.",
    ),
}


# The same, for parameters that are written out: does a voucher return, how is money split.
_REFUNDS_BY_PARTS: dict[tuple[bool, Share], Sentence] = {
    (False, Share.PRO_RATA): _REFUNDS[RefundPolicy.MONEY_PRO_RATA],
    (True, Share.PRO_RATA): _REFUNDS[RefundPolicy.VOUCHER_BACK_IF_FULL],
    (True, Share.FUND_FIRST): _REFUNDS[RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_POOL],
    (False, Share.FUND_FIRST): (
        "退款不退券：退款时，先退回专用账户的立减金额，其余退给您。",
        "A refund does not bring the voucher back. What comes back goes to the fund first, up to "
        "the voucher's amount; the rest is yours.",
    ),
}


def sentences(rulebook: Rulebook) -> list[Sentence]:
    """The rules of a campaign in plain words, Chinese and English, in the order people ask."""
    return [
        *_who(rulebook),
        _when(rulebook),
        *_how_often(rulebook),
        *_what(rulebook),
        _how_long(rulebook),
        _where(rulebook),
        _threshold(),
        _one_order(rulebook),
        *_online_orders(rulebook),
        _refunds(rulebook),
        *_odds(rulebook),
    ]


def _refunds(rulebook: Rulebook) -> Sentence:
    """What a refund does, and its bounds where the rulebook has its own."""
    own = rulebook.refunds
    if own is None:
        return _REFUNDS[rulebook.refund_policy]
    zh, en = _REFUNDS_BY_PARTS[own.voucher_returns_if_whole, own.partial]
    return zh + _bounds(own)[0], en + _bounds(own)[1]


def _bounds(own: RefundRules) -> Sentence:
    return (
        f"核销后 {own.within_days} 天内可退，每单最多退 {own.refunds_max} 次。",
        f" Goods may come back within {own.within_days} days of the redemption; "
        f"refunds of one order: at most {own.refunds_max}.",
    )


def yuan(amount_fen: int) -> str:
    """Fen as yuan text: 5000 is "50", 1250 is "12.50"."""
    whole, rest = divmod(amount_fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _who(rulebook: Rulebook) -> list[Sentence]:
    """Who may take part, and when the place is checked."""
    location = rulebook.location
    moments = [
        (zh, en)
        for checked, zh, en in (
            (location.at_registration, "报名时", "when registering"),
            (location.at_draw, "每次参与时", "at every draw"),
        )
        if checked
    ]
    who = (
        f"年满 {rulebook.min_age} 周岁，在湖北的居民和来鄂游客都可以参加；每人凭本人证件报名一次。",
        f"Residents of and visitors to Hubei aged {rulebook.min_age} or over may take part; each "
        "person registers once, with their own document.",
    )
    if not moments:
        return [who]
    zh = "和".join(zh for zh, _ in moments)
    en = " and ".join(en for _, en in moments)
    place = (
        f"{zh}，手机定位须在湖北省 17 个市州范围内，误差不超过 {location.max_accuracy_m} 米。",
        f"The phone has to be inside Hubei's 17 cities and prefectures {en}, located to within "
        f"{location.max_accuracy_m} m.",
    )
    return [who, place]


def _when(rulebook: Rulebook) -> Sentence:
    """On which days and at which hours people may enter."""
    hours = f"{rulebook.opens_at}–{rulebook.closes_at}"
    if rulebook.mode is Mode.LIST:
        rounds = rounds_of(rulebook)
        zh = "；".join(
            f"第 {turn.number} 轮：{turn.sign_up[0]} 至 {turn.sign_up[-1]} 报名，"
            f"{turn.draw[0]} 至 {turn.draw_day} 摇号，{turn.redeem[0]} 至 {turn.redeem[-1]} 核销"
            for turn in rounds
        )
        en = "; ".join(
            f"round {turn.number}: sign up {turn.sign_up[0]} to {turn.sign_up[-1]}, draw "
            f"{turn.draw[0]} to {turn.draw_day}, redeem {turn.redeem[0]} to {turn.redeem[-1]}"
            for turn in rounds
        )
        return (f"先报名、后摇号。{zh}。", f"Sign up first, then the draw: {en}.")
    if rulebook.draws_only_on:
        listed = ", ".join(str(day) for day in draw_days(rulebook))
        return (f"摇号日：{listed}，{hours}。", f"Draws on {listed}, {hours}.")
    return (
        f"{rulebook.starts_on} 至 {rulebook.last_draw_on}，每日 {hours} 可参与摇号，"
        "当场知道结果；全天任何时刻中签机会相同。",
        f"Draws every day from {rulebook.starts_on} to {rulebook.last_draw_on}, {hours}, with the "
        "result at once; every minute of the day has the same odds.",
    )


def _how_often(rulebook: Rulebook) -> list[Sentence]:
    """How often one person may draw and win (R1.4), and share a phone."""
    limits, phones = rulebook.limits, rulebook.persons_per_phone
    unit_zh, unit_en = ("每轮", "round") if rulebook.mode is Mode.LIST else ("每日", "day")
    return [
        (
            f"在本平台{unit_zh}可参与 {limits.draws_per_day} 次，"
            f"最多中签 {limits.wins_per_day} 次；"
            f"整个活动期间最多中签 {limits.wins_per_campaign} 次。",
            f"On this platform: {limits.draws_per_day} draw and at most {limits.wins_per_day} win "
            f"a {unit_en}, and at most {limits.wins_per_campaign} wins in the whole campaign.",
        ),
        (
            f"一个手机号最多用于 {phones} 人报名。",
            f"One phone number serves at most {phones} {'person' if phones == 1 else 'people'}.",
        ),
    ]


def _what(rulebook: Rulebook) -> list[Sentence]:
    """What each pack holds: every face with its threshold."""
    said = []
    for pack in rulebook.packs:
        tiers = tiers_of(rulebook, pack.number)
        zh = "、".join(f"满 {yuan(t.threshold_fen)} 减 {yuan(t.face_fen)}" for t in tiers)
        en = ", ".join(f"{yuan(t.face_fen)} off {yuan(t.threshold_fen)}" for t in tiers)
        place_zh, place_en = (
            ("线上使用，收货地址须在湖北", "online, delivered to an address in Hubei")
            if pack.channel is Channel.ONLINE
            else ("线下门店使用", "in stores")
        )
        said.append(
            (
                f"{pack.name_zh}（{place_zh}）：{zh}（元）。",
                f"{pack.name_en} ({place_en}): {en} (yuan).",
            )
        )
    return said


def _how_long(rulebook: Rulebook) -> Sentence:
    """How long a voucher is good; expired money goes back."""
    after_zh = "逾期作废，资金退回专用账户，用于以后的投放。"
    after_en = "After that it lapses, and its money goes back to the fund for later releases."
    if rulebook.mode is Mode.LIST:
        return (
            f"立减金只能在所属轮次的核销期内使用。{after_zh}",
            f"A voucher is good in the redeem days of its round. {after_en}",
        )
    return (
        f"立减金自中签当日起 {rulebook.valid_days} 个自然日内有效（含当日，至最后一日 24:00），"
        f"且不晚于 {rulebook.ends_on}。{after_zh}",
        f"A voucher is good for {rulebook.valid_days} natural days, the day of the win included, "
        f"to 24:00 of the last, and not beyond {rulebook.ends_on}. {after_en}",
    )


def _where(rulebook: Rulebook) -> Sentence:
    """Where a voucher is redeemed: the province, or the city of registration."""
    if rulebook.use_area is UseArea.PROVINCE:
        return (
            "可在全省参加活动的商户使用。",
            "It may be used at participating merchants in the whole province.",
        )
    return (
        "只能在报名时所在市州参加活动的商户使用。",
        "It may be used only at participating merchants in the city of registration.",
    )


def _threshold() -> Sentence:
    """The order in which reductions count (R1.2)."""
    return (
        "先扣除平台和商家优惠，剩余应付金额达到门槛，付款前立减。",
        "Platform and merchant offers come off first; if what is left to pay reaches the "
        "threshold, the voucher comes off before payment.",
    )


def _one_order(rulebook: Rulebook) -> Sentence:
    """One voucher an order; bills are not split; the holder pays."""
    own_zh, own_en = "", ""
    if rulebook.orders.own_account_only:
        own_zh, own_en = "，限本人账户支付", ", paid from the holder's own account"
    return (
        f"一笔订单限用一张立减金{own_zh}；不得拆单使用。",
        f"One voucher an order{own_en}; a bill may not be split to use several.",
    )


def _online_orders(rulebook: Rulebook) -> list[Sentence]:
    """What an order has to be for a voucher of an online pack (R3.7)."""
    if all(pack.channel is not Channel.ONLINE for pack in rulebook.packs):
        return []
    own_zh, own_en = "", ""
    if rulebook.online.self_operated_only:
        own_zh, own_en = "自营", "the platform's own "
    return [
        (
            f"线上券用于{own_zh}商品，从湖北省内登记的仓库发货，收货地址在湖北省内。",
            f"Online vouchers pay for {own_en}goods that ship from a registered warehouse in Hubei "
            "to an address in Hubei.",
        )
    ]


def _odds(rulebook: Rulebook) -> list[Sentence]:
    """How the odds come about."""
    if rulebook.mode is Mode.LIST:
        return [
            (
                "同一礼包的报名者中签机会相同，与报名先后无关。",
                "All who sign up for the same pack have the same odds, early or late.",
            )
        ]
    release = rulebook.release
    return [
        (
            "每日中签率在前一日公布：当日张数 ÷（预计参与人次 × "
            f"{release.entry_margin_percent}%），每档不超过 {release.p_max_percent}%。",
            "The odds of a day are published the day before: vouchers ÷ (forecast entries × "
            f"{release.entry_margin_percent} %), at most {release.p_max_percent} % for each face.",
        )
    ]
