"""People are told before money runs out: each mark, just at it and just below."""

from datetime import date
from itertools import pairwise

import pytest

from huiquan.domain.fund import Tranche, burn_fen, days_left, share_remainder
from huiquan.domain.fund_alerts import FundStanding, Pledged, alert_text, alerts_due
from huiquan.domain.rulebooks import AlertKind, FundAlertRule
from tests.tables import rows

TODAY = date(2026, 2, 10)

MARKS = rows("""
    kind            below  what                                    measured
    pool_percent    10     pool 1000 of 10000, 9 draw days         -
    pool_percent    10     pool 999 of 10000, 9 draw days          9
    pool_percent    10     pool 999 of 10000, 0 draw days          -
    pool_percent    10     pool 0 of 0, 9 draw days                -
    days_left       3      pool 300 burn 100, 9 draw days          -
    days_left       3      pool 299 burn 100, 9 draw days          2
    days_left       3      pool 299 burn 100, 2 draw days          -
    days_left       3      pool 0 burn 0, 9 draw days              -
    tranche_days    3      tranche due 2026-02-13                  -
    tranche_days    3      tranche due 2026-02-12                  2
    tranche_days    3      tranche due 2026-02-01                  -9
    tranche_days    3      tranche in 2026-02-01                   -
    pledge_percent  10     pledge 100 used 90                      -
    pledge_percent  10     pledge 100 used 91                      9
    pledge_percent  10     pledge 100 used 400                     0
""")


def standing(what: str) -> FundStanding:
    """The fund behind a cell of the table."""
    words = what.replace(",", "").split()
    numbers = dict(pairwise(words))
    draws = int(words[words.index("draw") - 1]) if "draw" in words else 0
    tranches = ()
    if words[0] == "tranche":
        tranches = (
            Tranche(
                tranche_no=1,
                planned_fen=1_000,
                due_on=date.fromisoformat(words[2]),
                payer="省财政厅",
                payer_account="",
                bank_ref="x" if words[1] == "in" else None,
            ),
        )
    pledges = ()
    if words[0] == "pledge":
        pledges = (
            Pledged(
                pledge_id=1,
                name="平台",
                pledged_fen=int(words[1]),
                used_fen=int(words[3]),
            ),
        )
    return FundStanding(
        today=TODAY,
        pool_fen=int(numbers.get("pool", 0)),
        appropriated_fen=int(numbers.get("of", 0)),
        burn_fen=int(numbers.get("burn", 0)),
        draw_days_left=draws,
        tranches=tranches,
        pledges=pledges,
    )


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", MARKS, ids=lambda case: f"{case['kind']} {case['what']}")
def test_an_alert_is_due_below_its_mark_and_not_at_it(case: dict[str, str]) -> None:
    rule = FundAlertRule(kind=AlertKind(case["kind"]), below=int(case["below"]))
    due = alerts_due([rule], standing(case["what"]))
    assert [str(alert.measured) for alert in due] == [case["measured"]] * bool(case["measured"])
    for alert in due:
        assert alert.zh.endswith("。")
        assert alert.en.endswith(".")
        assert alert.zh in alert_text("新春消费大礼包", alert.zh)


BURNS = rows("""
    used             burn  lasts_of_1000
    -                0     -
    100,100,100      100   10
    100,101          101   9
    300,-100         100   10
    -100             0     -
    1                1     1000
""")


@pytest.mark.parametrize("case", BURNS, ids=lambda case: case["used"])
def test_the_burn_rate_is_the_mean_of_the_last_releases_rounded_up(case: dict[str, str]) -> None:
    used = {day: int(fen) for day, fen in enumerate(filter(None, case["used"].split(",")))}
    rate = burn_fen(used)
    lasts = days_left(1_000, rate)
    assert (str(rate), "" if lasts is None else str(lasts)) == (
        case["burn"],
        case["lasts_of_1000"],
    )


SHARES = rows("""
    left    arrived      goes_back
    10      1,1,1        4,3,3
    100     60,40        60,40
    499710  400,100      399768,99942
    7       3,0,3        4,3
    1       5,5          1
    0       5,5          -
    5       -            -
""")


@pytest.mark.parametrize("case", SHARES, ids=lambda case: f"{case['left']} of {case['arrived']}")
def test_a_remainder_is_shared_to_the_last_fen(case: dict[str, str]) -> None:
    arrived = [int(fen) for fen in case["arrived"].split(",") if fen]
    tranches = [
        Tranche(
            tranche_no=number,
            planned_fen=max(1, fen),
            due_on=TODAY,
            payer="x",
            payer_account="",
            bank_ref="y" if fen else None,
            received_fen=fen,
        )
        for number, fen in enumerate(arrived, start=1)
    ]
    shares = share_remainder(int(case["left"]), tranches)
    assert ",".join(str(share.amount_fen) for share in shares) == case["goes_back"]
