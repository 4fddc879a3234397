"""People as they see themselves: masked, with what they agreed to and how today stands.  我的"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huiquan.app import App
from huiquan.db.connection import Row, Tx
from huiquan.domain.cities import CITIES
from huiquan.domain.masking import mask_document, mask_name, mask_phone
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant, sealing_context
from huiquan.domain.roles import Role


class Today(StrEnum):
    """How a person's draw of the day stands."""

    NOT_ENTERED = "not_entered"
    PENDING = "pending"
    WON = "won"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A registration as its owner sees it; nothing on it finds the person."""

    registration_no: str
    city: str
    city_zh: str
    city_en: str
    county_zh: str | None
    county_en: str | None
    name_masked: str
    document_masked: str
    phone_masked: str
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConsentLine:
    """One consent and its two moments."""

    kind: str
    granted_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Me:
    """A person's own page."""

    card: Card
    wins_count: int
    entered_days: int
    today: Today
    consents: tuple[ConsentLine, ...]


@dataclass(frozen=True, kw_only=True)
class Official:
    """Somebody who signed in at the console."""

    staff_id: int
    name: str
    role: Role
    city: str | None
    login: str = ""


async def card(app: App, campaign_id: int, registrant: Registrant) -> Card | Refusal:
    """The card of a registered person. Refuses NOT_REGISTERED."""
    async with app.db.reading() as tx:
        row = await _registration(tx, campaign_id, registrant)
    return _card(app, campaign_id, registrant, row) if row else Refusal.NOT_REGISTERED


async def me(app: App, campaign_id: int, registrant: Registrant, day: int) -> Me | Refusal:
    """A person's own page on a draw day. Refuses NOT_REGISTERED."""
    async with app.db.reading() as tx:
        row = await _registration(tx, campaign_id, registrant)
        if row is None:
            return Refusal.NOT_REGISTERED
        entered_days: int = await tx.fetchval(
            "select count(*) from entries where lane = $1 and campaign_id = $2 and pid = $3",
            registrant.lane,
            campaign_id,
            registrant.pid,
        )
        today = await _today(tx, campaign_id, registrant, day)
        consents = await _consents(tx, campaign_id, registrant)
    return Me(
        card=_card(app, campaign_id, registrant, row),
        wins_count=row["wins"],
        entered_days=entered_days,
        today=today,
        consents=consents,
    )


async def official(app: App, staff_id: int) -> Official | None:
    """Who signed in at the console, as the tables say now; None if they are not there."""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            "select staff_id, name, role, city, login from staff where staff_id = $1", staff_id
        )
    return Official(**{**dict(row), "role": Role(row["role"])}) if row else None


async def _registration(tx: Tx, campaign_id: int, registrant: Registrant) -> Row | None:
    return await tx.fetchrow(
        """
        select registration_no, sealed, city, county, registered_at, wins
          from registrations
         where lane = $1
           and campaign_id = $2
           and pid = $3
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
    )


def _card(app: App, campaign_id: int, registrant: Registrant, row: Row) -> Card:
    fields = app.vault.open(row["sealed"], sealing_context(campaign_id, registrant))
    city = CITIES[row["city"]]
    county = next((one for one in app.regions.counties if one.code == row["county"]), None)
    return Card(
        registration_no=row["registration_no"],
        city=city.code,
        city_zh=city.zh,
        city_en=city.en,
        county_zh=county.zh if county else None,
        county_en=county.en if county else None,
        name_masked=mask_name(fields["name"]),
        document_masked=mask_document(fields["document"]),
        phone_masked=mask_phone(fields["phone"]),
        registered_at=row["registered_at"],
    )


async def _today(tx: Tx, campaign_id: int, registrant: Registrant, day: int) -> Today:
    """Pending until the entry's round is final; then a voucher stands there, or it was a miss."""
    row = await tx.fetchrow(
        """
        select e.idx >= l.final_idx as is_pending,
               exists (select 1 from vouchers v
                        where (v.lane, v.campaign_id, v.idx) = (e.lane, e.campaign_id, e.idx))
                   as is_won
          from entries e
          join lanes l
            on (l.lane, l.campaign_id) = (e.lane, e.campaign_id)
         where e.lane = $1
           and e.campaign_id = $2
           and e.pid = $3
           and e.day = $4
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
        day,
    )
    if row is None:
        return Today.NOT_ENTERED
    if row["is_pending"]:
        return Today.PENDING
    return Today.WON if row["is_won"] else Today.MISSED


async def _consents(tx: Tx, campaign_id: int, registrant: Registrant) -> tuple[ConsentLine, ...]:
    rows = await tx.fetch(
        """
        select kind, granted_at, revoked_at
          from consents
         where lane = $1
           and campaign_id = $2
           and pid = $3
         order by kind, granted_at
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
    )
    return tuple(ConsentLine(**dict(row)) for row in rows)
