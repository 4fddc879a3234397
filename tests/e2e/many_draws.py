"""Some days of one person with real proofs, handed out at the doors of a page.  历次摇号"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from playwright.sync_api import Page, Route

from huiquan.domain import merkle, rounds
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.stock import Release
from tests.browser.making_proofs import DrawnRound, proof_file
from tests.domain.draw_days import CHANCES, KEYS, PARTIES, DrawDay, a_config, a_plan

DAYS = tuple(range(20260201, 20260207))
WANTED = ("miss", "miss", "cut", "miss", "win", "miss")


def a_round(config: DrawConfig, day: int) -> DrawnRound:
    """The first round of lane 0 on a day of 200 people: the third in the log, after two others."""
    drawn = DrawDay(config=config, day=day)
    drawn.enter(200)
    leaf_hashes, taken = [], []
    for number in (1, 1, 0):
        taken = drawn.lanes[number].entries[:45]
        row = drawn.draw(number, 10, 45)
        leaf = rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final))
        leaf_hashes.append(merkle.leaf_hash(leaf))
    return DrawnRound(day=drawn, taken=taken, row=row, leaf_hashes=leaf_hashes)


@dataclass
class ManyDraws:
    """A proof for each day, and what the doors answer from them."""

    files: dict[int, dict[str, Any]] = field(default_factory=dict)
    packs: dict[int, int] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)

    @classmethod
    def played(cls) -> "ManyDraws":
        """Six days: misses, a win, and a ticket that was cut."""
        made = cls()
        scarce = [Release(0, tier, 3) for tier in (1, 2, 3)]
        config = a_config(days={day: a_plan(scarce, day=day) for day in DAYS})
        for day, wanted in zip(DAYS, WANTED, strict=True):
            drawn = a_round(config, day)
            places = drawn.places()
            name = wanted if wanted in places else "miss"
            made.files[day] = proof_file(drawn, places[name])
            made.packs[day] = drawn.taken[places[name]].pack
            made.outcomes[day] = name
        return made

    def none_of_100(self) -> int:
        """Of 100 people, how many win nothing: exact fractions of the rules' own chances."""
        none = Fraction(1)
        for pack in self.packs.values():
            none *= 1 - sum((chance for _, chance in CHANCES[pack]), Fraction(0))
        return int(none * 100 + Fraction(1, 2))

    def lines(self) -> list[dict[str, Any]]:
        """The list of draws, the newest first."""
        return [
            {
                "day": day,
                "pack": self.packs[day],
                "state": "won" if self.outcomes[day] == "win" else "missed",
                "face_fen": 1500 if self.outcomes[day] == "win" else None,
                "serial": None,
            }
            for day in sorted(self.files, reverse=True)
        ]

    def serve(self, page: Page) -> None:
        """Answer the doors of this page from these proofs."""
        some = next(iter(self.files.values()))["configs"][0]
        keys = {party: getattr(KEYS, party) for party in PARTIES}
        signed = {party: some[party] for party in ("platform", "approver")}
        answers: list[tuple[str, Callable[[str], str]]] = [
            (r"/draws$", lambda _: json.dumps({"items": self.lines(), "next": None})),
            (r"/draws/(\d+)/receipt$", lambda day: self._receipt(int(day))),
            (r"/public/keys$", lambda _: json.dumps(keys)),
            (r"/public/configs/([^/]+)$", lambda _: some["text"]),
            (r"/public/configs/([^/]+)/signatures$", lambda _: json.dumps(signed)),
        ]
        for pattern, answer in answers:
            page.route(re.compile("/api/v1" + pattern), _answering(pattern, answer))

    def _receipt(self, day: int) -> str:
        return json.dumps(self.files[day]["outcome_receipt"])


def _answering(pattern: str, answer: Callable[[str], str]) -> Callable[[Route], None]:
    def give(route: Route) -> None:
        found = re.search(pattern, route.request.url)
        assert found is not None
        body = answer(found[1] if found.groups() else "")
        route.fulfill(status=200, content_type="application/json", body=body)

    return give
