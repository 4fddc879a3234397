"""The season's rulebook: the published one, with forecast and money for a small crowd.  模拟规则

With a hundred million yuan and a few thousand people the formula would let nobody lose. So the
numbers about the crowd change and nothing else: the forecast of entries follows the crowd's habits,
the budget follows the forecast, and the bound on the odds makes room for tiny crowds. About one
entry in sixteen then wins on an opening day and one in ten later.

Where a lane of the real campaign holds thousands of vouchers, one of the season holds a handful of
each face, and chance empties it far more often. A margin of twice the forecast instead of a tenth
and fewer lanes make up for most of that; still, now and then stock runs out and a win is cut.
"""

import re

from huiquan.domain.pacing import weight_on
from huiquan.domain.rulebook_days import draw_days
from huiquan.domain.rulebook_reading import RulebookError, read_rulebook
from huiquan.domain.rulebooks import Rulebook
from simulation.habits import FREE_DAY_FACTOR, OPENING_SHARE, STEADY_SHARE

# Fewer people than this could not share out one voucher of each face a day.
FEWEST_PEOPLE = 400
FEWEST_FEN_A_DAY = 450_000
# Somewhat fewer draws are forecast than come, so that it also happens that stock runs out.
FORECAST_SHARE = 0.5
WIN_SHARE = 0.06
FEN_A_WIN = 8_100  # the mean face over packs and tiers, by their shares of money
P_MAX_PERCENT = 20
MARGIN_PERCENT = 200
PEOPLE_A_LANE, FEWEST_LANES, MOST_LANES = 1_000, 2, 4


def season_rulebook(text: str, people: int) -> str:
    """The rulebook's text for a season of so many people."""
    opening = FORECAST_SHARE * max(people, FEWEST_PEOPLE)
    steady = opening * STEADY_SHARE / OPENING_SHARE
    money_fen = max(FEWEST_FEN_A_DAY, round(opening * MARGIN_PERCENT / 100 * WIN_SHARE) * FEN_A_WIN)
    numbers = {
        "lanes": min(MOST_LANES, max(FEWEST_LANES, people // PEOPLE_A_LANE)),
        "budget_fen": money_fen * _workdays_worth(_read(text)),
        "workday_entries": round(steady),
        "weekend_entries": round(steady * FREE_DAY_FACTOR),
        "holiday_entries": round(steady * FREE_DAY_FACTOR),
        "entries": round(opening),
        "entry_margin_percent": MARGIN_PERCENT,
        "p_max_percent": P_MAX_PERCENT,
    }
    for name, number in numbers.items():
        text = re.sub(rf"(?m)^{name} = [\d_]+", f"{name} = {number}", text)
    return text


def _workdays_worth(rulebook: Rulebook) -> int:
    """How many workdays' money the whole campaign gives out, rounded up."""
    weights = sum(weight_on(rulebook, day) for day in draw_days(rulebook))
    return -(-weights // rulebook.release.workday_weight)


def _read(text: str) -> Rulebook:
    rulebook = read_rulebook(text)
    if isinstance(rulebook, RulebookError):
        raise ValueError(f"line {rulebook.line}: {rulebook.reason_en}")
    return rulebook
