"""The mock house's public days: one in each state, and one that looks strange.  公开日页"""

import random
import re
from hashlib import sha256
from typing import Any

from huiquan.domain.cities import CITIES
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.lottery import CERTAINTY
from huiquan.domain.refusals import Refusal
from huiquan.domain.win_rates import By, DayTally, GroupCount, chance_of, per_billion, win_rates
from tests.e2e.mock_house.facts import PACKS

Json = dict[str, Any]

CODE = "hubei-2026"
CAMPAIGNS = (1, 2)
UPCOMING, RUNNING, STRANGE, CLOSED, YOUNG = 20260207, 20260206, 20260205, 20260204, 20260203
STATES = {
    UPCOMING: "upcoming",
    RUNNING: "running",
    STRANGE: "closed",
    CLOSED: "closed",
    YOUNG: "running",
}
ENTRIES = {UPCOMING: 0, RUNNING: 391_204, STRANGE: 1_388_680, CLOSED: 1_204_377, YOUNG: 0}
TABLES = {
    1: ((CERTAINTY * 31 // 10_000, 1), (CERTAINTY * 47 // 10_000, 2), (CERTAINTY // 200, 3)),
    2: ((CERTAINTY * 80 // 10_000, 4), (CERTAINTY * 105 // 10_000, 5)),
    3: ((CERTAINTY * 410 // 10_000, 7), (CERTAINTY * 600 // 10_000, 8), (CERTAINTY // 16, 9)),
}
KEYS = ("platform", "approver", "notary", "auditor", "witness")


def list_days(campaign: int = 1) -> Json:
    """The newest first; to the second campaign half as many came, and so on."""
    entered = {day: ENTRIES[day] // campaign for day in STATES}
    days = [
        {"day": day, "state": state, "entered": entered[day], "won": entered[day] // 24}
        for day, state in STATES.items()
    ]
    return {**_campaign(), "campaign": campaign, "days": days}


def show_day(day: int) -> Json | Refusal:
    """One day; the day called strange has a city that chance does not explain."""
    if day not in STATES:
        return Refusal.NOT_FOUND
    tally = _tally(day)
    packs = [_pack(tally, pack, day) for pack in sorted(TABLES)]
    tiers = [tier for pack in packs for tier in pack["tiers"]]
    decided = sum(pack["entered"] for pack in packs)
    rates = win_rates(tally, TABLES)
    return {
        **_campaign(),
        "day": day,
        "state": STATES[day],
        "at": "2026-02-06T12:41:08+08:00",
        "entered": decided + (212 if day == RUNNING else 0),
        "decided": decided,
        **{name: sum(tier[name] for tier in tiers) for name in ("won", "cut", "left", "units")},
        "rounds": decided // 350,
        "packs": packs,
        "config": _config(day),
        "checkpoint": None if day == YOUNG else _checkpoint(),
        "files": _files() if STATES[day] == "closed" else [],
        "rates": [{"by": by, "rows": [_row(one) for one in rows]} for by, rows in rates.items()],
    }


def _campaign() -> Json:
    name = "2026“乐购湖北 马上有礼”新春消费大礼包"
    return {
        "campaign": 1,
        "code": CODE,
        "name_zh": name,
        "name_en": "Shop Hubei – New Year Gifts 2026",
    }


def _tally(day: int) -> DayTally:
    dice, tally = random.Random(day), DayTally()
    keys = {
        By.LANE: [str(lane) for lane in range(64)],
        By.HOUR: [str(hour) for hour in range(10, 13 if day == RUNNING else 24)],
        By.CITY: list(CITIES),
        By.DIGIT: [str(digit) for digit in range(10)],
    }
    for by, names in keys.items():
        for pack, share in ((1, 3), (2, 3), (3, 4)):
            rest = ENTRIES[day] * share // 10
            for place, key in enumerate(names):
                even = rest // (len(names) - place)
                weight = 8 if key == "420100" else 0.004 if key == "429021" else 0.8
                entered = min(rest, int(even * weight)) if by is By.CITY else even
                entered = rest if place == len(names) - 1 else entered
                rest -= entered
                odd = 6.2 if (day, key, pack) == (STRANGE, "420600", 3) else 0
                odd = 3.3 if (day, key, pack) == (STRANGE, "421100", 3) else odd
                won = _wins(dice, entered, chance_of(TABLES, pack), odd)
                group = GroupCount(by=by, key=key, pack=pack, entered=entered, won=won)
                if entered:
                    tally.add([], [group])
    return tally


def _wins(dice: random.Random, entered: int, chance: int, odd: float) -> int:
    p = chance / CERTAINTY
    deviation = (entered * p * (1 - p)) ** 0.5
    return max(0, round(entered * p + (odd or dice.gauss(0, 0.8)) * deviation))


def _pack(tally: DayTally, pack: int, day: int) -> Json:
    entered, won = tally.of_pack(pack)
    below, tiers = 0, []
    for bound, tier in TABLES[pack]:
        facts = next(one for one in PACKS[pack - 1]["tiers"] if one["tier"] == tier)
        share = won * (bound - below) // chance_of(TABLES, pack)
        units = ENTRIES[CLOSED] * (bound - below) * 55 // (CERTAINTY * 100)
        cut = 17 if day == STRANGE and tier == 9 else 0
        tiers.append(
            {
                **facts,
                "chance_ppb": per_billion(bound - below),
                "units": units,
                "won": share,
                "cut": cut,
                "left": max(0, units - share),
            }
        )
        below = bound
    return {
        "pack": pack,
        "name_zh": PACKS[pack - 1]["name_zh"],
        "name_en": PACKS[pack - 1]["name_en"],
        "entered": entered,
        "won": won,
        "chance_ppb": per_billion(below),
        "tiers": tiers,
    }


def _key(name: str) -> bytes:
    return sha256(name.encode()).digest()


def _config(day: int) -> Json:
    inputs = {"p_max_percent": 5, "entry_margin_percent": 110}
    inputs |= {f"entries_pack_{pack}": 400_000 + 50_000 * pack for pack in TABLES}
    inputs |= {f"units_tier_{tier}": 3000 + 17 * tier for tier in (1, 2, 3, 4, 5, 7, 8, 9)}
    text = (
        "p(tier) = min(p_max_percent / 100, "
        "units(tier) * 100 / (entry_margin_percent * entries(pack of tier)))"
    )
    return {
        "cfg_hash": sha256(str(day).encode()).hexdigest(),
        "published_at": "2026-02-02T20:00:00+08:00",
        "active_from": "2026-02-03T08:00:00+08:00",
        "formula_text": text,
        "formula_inputs": {str(day): inputs},
        "signed_by": [
            {
                "party": name,
                "key": _key(name).hex(),
                "fingerprint": fingerprint_of(_key(name)),
                "holds": True,
            }
            for name in KEYS[:2]
        ],
    }


def _checkpoint() -> Json:
    seen = {"notary": "2026-02-06T12:41:06+08:00", "auditor": "2026-02-06T12:41:07+08:00"}
    return {
        "size": 20_416,
        "root": _key("root").hex(),
        "published_at": "2026-02-06T12:41:07+08:00",
        "quorum": 2,
        "witnesses": [
            {
                "name": f"{name}.huiquan",
                "key": _key(name).hex(),
                "fingerprint": fingerprint_of(_key(name)),
                "cosigned_at": seen.get(name),
            }
            for name in KEYS[2:]
        ],
    }


def _files() -> list[Json]:
    sizes = {"checkpoints.txt": 812_331, "config.json": 40_213, "keys.json": 231}
    sizes |= {f"entries/{lane}.bin": 1_734_400 + 80 * lane for lane in range(64)}
    sizes |= {"kept.ndjson": 4_011_209, "rounds.ndjson": 6_020_118}
    return [
        {"path": path, "sha256": _key(path).hex(), "bytes": size} for path, size in sizes.items()
    ]


def _row(one: Any) -> Json:
    names = ("key", "entered", "won", "rate_ppb", "chance_ppb", "standing")
    bands = {name: list(getattr(one, name) or ()) or None for name in ("two", "four")}
    return {**{name: getattr(one, name) for name in names}, **bands}


def _days_of(query: dict[str, list[str]]) -> Json | Refusal:
    campaign = int(query.get("campaign", ["1"])[0])
    return list_days(campaign) if campaign in CAMPAIGNS else Refusal.UNKNOWN_CAMPAIGN


def _asked(match: re.Match[str]) -> Json | Refusal:
    return show_day(int(match[1]))


DAY_DOORS = [
    ("GET", r"/public/days", lambda w, b, m, q: _days_of(q)),
    ("GET", r"/public/days/(\d+)", lambda w, b, m, q: _asked(m)),
]

_AWAY = [
    {
        "kind": "signer_away",
        "subject": "auditor",
        "detail": {},
        "began_at": f"2026-02-0{day}T10:20:00+08:00",
        "ended_at": f"2026-02-0{day}T10:41:00+08:00",
    }
    for day in range(6, 0, -1)
]


def log_notices() -> list[Json]:
    """What the log tells, the newest first: a lane stands still, the auditor was away."""
    seals = {"lane": 3, "seq": 118, "seal": "01" * 60, "signature": "ab" * 64}
    evidence = {
        "kind": "two_seals",
        "subject": "lane 3, round 118",
        "detail": seals,
        "began_at": "2026-02-06T12:00:03+08:00",
        "ended_at": None,
    }
    return [evidence, *_AWAY]
