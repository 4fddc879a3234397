"""Rulebook checks: whether the numbers of a rulebook belong together.  规则自检

A rulebook without a fault can be run: every fen finds a day, a pack and a tier, every day has
odds, every voucher can be redeemed. Each check yields faults with the path to look at.
"""

from collections.abc import Callable, Iterator

from huiquan.domain.pacing import odds_of_day, plan_releases, units_of_day
from huiquan.domain.rulebook_date_checks import (
    arrivals_fill_the_day,
    dates_run_forward,
    days_have_kinds_and_weights,
    mode_has_its_schedule,
    named_days_lie_inside,
)
from huiquan.domain.rulebook_faults import Fault, fault, misnumbered
from huiquan.domain.rulebooks import Mode, Rulebook, tiers_of

INSTANT_ROUND_MAX = 50_000


def faults_of(rulebook: Rulebook) -> tuple[Fault, ...]:
    """What is wrong with a rulebook: all that the first failing check found; none if it can run.

    A check may rely on the checks before it, so what lies behind a failed one is not looked at.
    """
    for check in _CHECKS:
        faults = tuple(check(rulebook))
        if faults:
            return faults
    return ()


def _packs_are_numbered_and_shared_out(rulebook: Rulebook) -> Iterator[Fault]:
    """Packs count from 1, and their shares of money and of entries are each 100 %."""
    yield from misnumbered(("packs",), [pack.number for pack in rulebook.packs])
    codes = [pack.code for pack in rulebook.packs]
    for position, code in enumerate(codes):
        if code in codes[:position]:
            yield fault(
                ("packs", position, "code"),
                f"礼包代码 {code} 重复",
                f"the pack code {code} stands twice",
            )
    money = sum(pack.money_percent for pack in rulebook.packs)
    if money != 100:
        yield fault(
            ("packs", 0, "money_percent"),
            f"各礼包资金占比合计应为 100%，现为 {money}%",
            f"the packs' shares of the money have to be 100 %, they are {money} %",
        )
    entries = sum(pack.entries_percent for pack in rulebook.packs)
    if entries != 100:
        yield fault(
            ("packs", 0, "entries_percent"),
            f"各礼包参与占比合计应为 100%，现为 {entries}%",
            f"the packs' shares of the entries have to be 100 %, they are {entries} %",
        )


def _tiers_can_be_redeemed(rulebook: Rulebook) -> Iterator[Fault]:
    """Each tier belongs to a pack, and its threshold is a whole multiple of its face."""
    yield from misnumbered(("tiers",), [tier.number for tier in rulebook.tiers])
    packs = {pack.number for pack in rulebook.packs}
    for position, tier in enumerate(rulebook.tiers):
        at = ("tiers", position)
        if tier.pack not in packs:
            yield fault(
                (*at, "pack"),
                f"没有编号为 {tier.pack} 的礼包",
                f"there is no pack with the number {tier.pack}",
            )
        if tier.face_fen > tier.threshold_fen:
            yield fault(
                (*at, "face_fen"),
                f"面额 {tier.face_fen} 分高于使用门槛 {tier.threshold_fen} 分",
                f"the face of {tier.face_fen} fen is above the threshold of "
                f"{tier.threshold_fen} fen",
            )
        elif tier.threshold_fen % tier.face_fen:
            yield fault(
                (*at, "threshold_fen"),
                f"使用门槛 {tier.threshold_fen} 分不是面额 {tier.face_fen} 分的整数倍",
                f"the threshold of {tier.threshold_fen} fen is not a whole multiple of the "
                f"face of {tier.face_fen} fen",
            )


def _tiers_share_out_their_pack(rulebook: Rulebook) -> Iterator[Fault]:
    """Each pack has tiers, and they share out its money to 100 %."""
    for position, pack in enumerate(rulebook.packs):
        tiers = tiers_of(rulebook, pack.number)
        if not tiers:
            yield fault(
                ("packs", position),
                f"礼包 {pack.number} 没有任何面额档",
                f"pack {pack.number} has no tier",
            )
            continue
        money = sum(tier.money_percent for tier in tiers)
        if money != 100:
            yield fault(
                ("tiers", rulebook.tiers.index(tiers[0]), "money_percent"),
                f"礼包 {pack.number} 各面额资金占比合计应为 100%，现为 {money}%",
                f"the tiers of pack {pack.number} have to share out 100 % of its money, "
                f"they share out {money} %",
            )


def _limits_fit_the_draw(rulebook: Rulebook) -> Iterator[Fault]:
    """A person has one entry for a day, so one draw and at most one win (R1.4).

    A phone is one person's: who signs in with it has to be one and the same.
    """
    if rulebook.persons_per_phone != 1:
        yield fault(
            ("persons_per_phone",),
            "一个手机号只能用于一人报名，应为 1",
            "a phone serves one person: this has to be 1",
        )
    for key in ("draws_per_day", "wins_per_day"):
        if getattr(rulebook.limits, key) != 1:
            yield fault(
                ("limits", key),
                "每人每日在同一平台只能参与一次、最多中签一次，应为 1",
                "one draw and at most one win a day on a platform: this has to be 1",
            )


def _an_order_takes_one_voucher(rulebook: Rulebook) -> Iterator[Fault]:
    """An order's number and a payment's number each stand for one voucher."""
    if rulebook.orders.vouchers_per_order != 1:
        yield fault(
            ("orders", "vouchers_per_order"),
            "一笔订单只能使用一张券，应为 1",
            "an order takes one voucher: this has to be 1",
        )
    if (rulebook.orders.repeat_minutes == 0) != (rulebook.orders.repeat_below_fen == 0):
        yield fault(
            ("orders", "repeat_minutes"),
            "拆单识别的时间和金额应同时填写，或同时为 0",
            "the minutes and the amount of a repeated order are both given, or both 0",
        )


def _online_orders_are_signed_after_shipping(rulebook: Rulebook) -> Iterator[Fault]:
    """Nothing can be signed for before it was shipped."""
    if rulebook.online.sign_days < rulebook.online.ship_days:
        yield fault(
            ("online", "sign_days"),
            "签收时限不能短于发货时限",
            "the days to sign may not be fewer than the days to ship",
        )


def _odds_stay_in_bounds(rulebook: Rulebook) -> Iterator[Fault]:
    """Odds of a pack never pass 100 %, and no planned day has more stock than its odds allow."""
    p_max = rulebook.release.p_max_percent
    if rulebook.mode is Mode.LIST:
        return
    for pack in rulebook.packs:
        tiers = len(tiers_of(rulebook, pack.number))
        if p_max * tiers > 100:
            yield fault(
                ("release", "p_max_percent"),
                f"礼包 {pack.number} 有 {tiers} 档，每档上限 {p_max}% 合计超过 100%",
                f"pack {pack.number} has {tiers} tiers: {p_max} % each is more than 100 %",
            )
            return
    for day, release_fen in plan_releases(rulebook).items():
        counts = units_of_day(rulebook, release_fen).counts
        for tier, p in odds_of_day(rulebook, day, counts).items():
            if p * 100 == p_max:
                yield fault(
                    ("release", "p_max_percent"),
                    f"{day} 面额档 {tier} 的中签率达到上限 {p_max}%，当日资金发不完",
                    f"on {day} the odds of tier {tier} reach the bound of {p_max} %: "
                    "the money of the day could not be won",
                )
                return


def _a_list_is_one_round(rulebook: Rulebook) -> Iterator[Fault]:
    """Everyone on a list stands in one lane and one round; instant rounds stay small."""
    if rulebook.mode is Mode.LIST and rulebook.lanes != 1:
        yield fault(
            ("lanes",),
            "名单摇号只有一份名单，通道数应为 1",
            "a list campaign has one list: this has to be 1",
        )
    if rulebook.mode is Mode.INSTANT and rulebook.round_max > INSTANT_ROUND_MAX:
        yield fault(
            ("round_max",),
            f"即时摇号一轮最多 {INSTANT_ROUND_MAX} 人",
            f"an instant round holds at most {INSTANT_ROUND_MAX} entries",
        )


_CHECKS: tuple[Callable[[Rulebook], Iterator[Fault]], ...] = (
    _packs_are_numbered_and_shared_out,
    _tiers_can_be_redeemed,
    _tiers_share_out_their_pack,
    _limits_fit_the_draw,
    _an_order_takes_one_voucher,
    _online_orders_are_signed_after_shipping,
    dates_run_forward,
    mode_has_its_schedule,
    named_days_lie_inside,
    arrivals_fill_the_day,
    days_have_kinds_and_weights,
    _odds_stay_in_bounds,
    _a_list_is_one_round,
)
