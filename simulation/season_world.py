"""The world of a season: its people, its tills, and what they have planned.  模拟世界"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import DayKind, days_between
from huiquan.domain.lottery import lane_of, pid_of
from huiquan.domain.people import Document, DocumentKind, normalise_document, person_key
from huiquan.domain.rulebook_days import kind_on
from huiquan.domain.rulebooks import Rulebook
from simulation.consumer import Consumer, Street
from simulation.door import Door
from simulation.errands import HighStreet, Spent, Tally
from simulation.habits import Purchase, Return, Win
from simulation.mall import Mall, Ordered
from simulation.paying import Payers
from simulation.people import Person


@dataclass(frozen=True, kw_only=True)
class PlannedPurchase:
    """Somebody will go and spend a voucher."""

    consumer: Consumer
    win: Win
    purchase: Purchase


@dataclass(frozen=True, kw_only=True)
class PlannedReturn:
    """Somebody will bring goods back."""

    consumer: Consumer
    spent: Spent | Ordered
    back: Return


@dataclass
class World:
    """Who and what there is in a season, and what was counted so far.

    last_day is the last on which anything happens: all vouchers are spent or expired by then,
    and what merchants are due is settled.
    """

    seed: int
    app: App
    campaign: Campaign
    rulebook: Rulebook
    door: Door
    consumers: dict[int, Consumer]
    high_street: HighStreet
    mall: Mall
    payers: Payers
    draw_days: tuple[date, ...]
    last_day: date
    tally: Tally
    purchases: dict[tuple[date, int], list[PlannedPurchase]] = field(
        default_factory=lambda: defaultdict(list)
    )
    returns: dict[tuple[date, int], list[PlannedReturn]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def kinds(self, first: date) -> dict[date, DayKind]:
        """What people do on the days on which a voucher of this day is good."""
        last = first + timedelta(days=self.rulebook.valid_days - 1)
        return {day: kind_on(self.rulebook, day) for day in days_between(first, last)}

    def lane(self, person: Person) -> int:
        """The lane a person belongs to, as the house works it out.

        Only to knock in a fixed order: within a lane the order of entries decides who wins, so a
        season that is to be played again lets one person of a lane in at a time.
        """
        document = normalise_document(DocumentKind.RESIDENT_ID, person.document)
        assert isinstance(document, Document), document
        key = person_key(self.app.keys.lookup, document)
        pid = pid_of(self.app.keys.pseudonym[self.campaign.code], key)
        return lane_of(self.campaign.lane_hash, pid, self.campaign.lanes)


def street_of(
    door: Door, inbox: httpx.AsyncClient, app: App, campaign: Campaign, seed: int
) -> Street:
    """What every phone of the season shares; phones go by the house's clock."""
    return Street(
        door=door,
        inbox=inbox,
        campaign=campaign.campaign_id,
        consent_version=campaign.rulebook_at(app.clock()).consent_version,
        clock=app.clock,
        seed=seed,
    )
