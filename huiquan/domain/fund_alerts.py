"""Alerts about the fund: people are told before money runs out, not after.  资金预警

    below its mark --> raised once --seen by a person--> acknowledged      above again --> ended

The marks are rules in the rulebook (`[[fund_alerts]]`); what is measured is counted from the books.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from huiquan.domain.fund import Tranche, days_left
from huiquan.domain.money import yuan
from huiquan.domain.rulebooks import AlertKind, FundAlertRule


@dataclass(frozen=True, kw_only=True)
class Pledged:
    """Matching money of one side: what was pledged and what of it is used, in fen."""

    pledge_id: int
    name: str
    pledged_fen: int
    used_fen: int


@dataclass(frozen=True, kw_only=True)
class FundStanding:
    """What the alerts look at, in fen. draw_days_left counts today."""

    today: date
    pool_fen: int
    appropriated_fen: int
    burn_fen: int
    draw_days_left: int
    tranches: tuple[Tranche, ...] = ()
    pledges: tuple[Pledged, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One reason to look at the fund: which rule, about what, and what was measured.

    subject tells one tranche or pledge from another; measured stands in the unit of the kind.
    """

    kind: AlertKind
    below: int
    subject: str
    measured: int
    zh: str
    en: str


def alerts_due(rules: Iterable[FundAlertRule], standing: FundStanding) -> tuple[Alert, ...]:
    """Every alert whose mark is passed at this instant, in the order of the rules (R2.4)."""
    measures = {
        AlertKind.POOL_PERCENT: _pool,
        AlertKind.DAYS_LEFT: _days,
        AlertKind.TRANCHE_DAYS: _tranches,
        AlertKind.PLEDGE_PERCENT: _pledges,
    }
    return tuple(alert for rule in rules for alert in measures[rule.kind](rule, standing))


def _pool(rule: FundAlertRule, now: FundStanding) -> Sequence[Alert]:
    """Only while a day is still to be drawn: at the end the pool is meant to be empty."""
    if now.draw_days_left == 0 or now.appropriated_fen == 0:
        return ()
    percent = now.pool_fen * 100 // now.appropriated_fen
    if percent >= rule.below:
        return ()
    zh = f"资金池余额 {yuan(now.pool_fen)} 元，占累计拨款 {percent}%，低于 {rule.below}%。"
    en = f"The pool holds {yuan(now.pool_fen)} yuan, {percent} % of what was appropriated."
    return (_alert(rule, "", percent, zh, en),)


def _days(rule: FundAlertRule, now: FundStanding) -> Sequence[Alert]:
    """Only while more days are to be drawn than the pool lasts."""
    lasts = days_left(now.pool_fen, now.burn_fen)
    if lasts is None or lasts >= min(rule.below, now.draw_days_left):
        return ()
    zh = (
        f"按近日每日消耗 {yuan(now.burn_fen)} 元，资金池还可投放 {lasts} 天，"
        f"活动还有 {now.draw_days_left} 个摇号日。"
    )
    en = (
        f"Days the pool lasts at {yuan(now.burn_fen)} yuan a day: {lasts}; "
        f"draw days left: {now.draw_days_left}."
    )
    return (_alert(rule, "", lasts, zh, en),)


def _tranches(rule: FundAlertRule, now: FundStanding) -> Sequence[Alert]:
    """A planned tranche that is due soon, or late, and has not arrived."""
    found = []
    for one in now.tranches:
        days = (one.due_on - now.today).days
        if one.bank_ref is None and days < rule.below:
            zh = (
                f"第 {one.tranche_no} 笔拨款 {yuan(one.planned_fen)} 元"
                f"计划 {one.due_on} 到账，尚未到账。"
            )
            en = (
                f"Tranche {one.tranche_no} of {yuan(one.planned_fen)} yuan is due on "
                f"{one.due_on} and has not arrived."
            )
            found.append(_alert(rule, f"tranche {one.tranche_no}", days, zh, en))
    return found


def _pledges(rule: FundAlertRule, now: FundStanding) -> Sequence[Alert]:
    found = []
    for one in now.pledges:
        percent = max(0, one.pledged_fen - one.used_fen) * 100 // one.pledged_fen
        if percent < rule.below:
            zh = f"{one.name}配套资金剩余 {percent}%，低于 {rule.below}%。"
            en = f"{percent} % of the matching money pledged by {one.name} is left."
            found.append(_alert(rule, f"pledge {one.pledge_id}", percent, zh, en))
    return found


def _alert(rule: FundAlertRule, subject: str, measured: int, zh: str, en: str) -> Alert:
    return Alert(kind=rule.kind, below=rule.below, subject=subject, measured=measured, zh=zh, en=en)


def alert_text(name_zh: str, alert_zh: str) -> str:
    """What an official's phone is told."""
    return f"【惠券】资金预警（{name_zh}）：{alert_zh}请登录控制台确认。"
