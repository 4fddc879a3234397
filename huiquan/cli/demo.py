"""The demonstration's rulebook: the published one, with odds that a visitor can live to see win.

演示规则。 The forecast changes: with a crowd of a few hundred instead of a million, the same money
and the same formula make about every third draw win. And the desks of its online stores take
vouchers of the online pack, for no platform takes orders here.
"""

import re

# Draws a day by kind of day, in the rhythm of the releases; `entries` are days named by themselves.
DEMO_ENTRIES = {
    "entries": 55_000,
    "workday_entries": 55_000,
    "weekend_entries": 82_500,
    "holiday_entries": 110_000,
}
DEMO_P_MAX_PERCENT = 20


def demo_rulebook(text: str) -> str:
    """The rulebook's text with a forecast fit for a demonstration, everything else as it is."""
    for name, entries in DEMO_ENTRIES.items():
        text = re.sub(rf"(?m)^{name} = [\d_]+", f"{name} = {entries}", text)
    text = re.sub(r"(?m)^orders_only = true", "orders_only = false", text)
    return re.sub(r"(?m)^p_max_percent = \d+", f"p_max_percent = {DEMO_P_MAX_PERCENT}", text)
