"""One draw a request, as a competent developer writes it in an afternoon.  常见写法

Typed messages, a signed pass, a unique constraint against second entries, the row of the stock
locked while it is counted down, entry and voucher in one durable transaction. What it does not do:
let anyone check who won.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = os.environ["PLAIN_SECRET"].encode()
AHEAD = timedelta(seconds=float(os.environ["PLAIN_AHEAD_S"]))
CHANCE = float(os.environ["PLAIN_CHANCE"])
HUBEI = (29.0, 33.3, 108.3, 116.2)
MAX_AGE = timedelta(minutes=5)

engine = create_async_engine(os.environ["PLAIN_DATABASE_URL"], pool_size=16, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Table(DeclarativeBase):
    """What every table comes from."""


class Person(Table):
    """Somebody who may draw."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    suspended: Mapped[bool]


class Stock(Table):
    """How many units of a tier are left."""

    __tablename__ = "stock"
    tier: Mapped[int] = mapped_column(primary_key=True)
    pack: Mapped[int]
    face_fen: Mapped[int]
    units_left: Mapped[int]


class Draw(Table):
    """One draw of one person on one day."""

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("person_id", "day"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[int]
    pack: Mapped[int]
    request_key: Mapped[str]
    tier: Mapped[int | None]
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Voucher(Table):
    """What a draw won."""

    __tablename__ = "vouchers"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), unique=True)
    serial: Mapped[str] = mapped_column(unique=True)
    tier: Mapped[int]
    face_fen: Mapped[int]


class Location(BaseModel):
    """Where a phone is."""

    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    accuracy_m: float = Field(ge=0, le=1000)
    datum: str
    mocked: bool
    taken_at: datetime


class Tap(BaseModel):
    """One tap."""

    request_key: str = Field(min_length=8, max_length=64)
    client_nonce: str = Field(pattern="^[0-9a-f]{32}$")
    pack: int = Field(ge=1, le=3)
    location: Location


class Outcome(BaseModel):
    """What came of it."""

    draw: int
    day: int
    state: str
    tier: int | None
    serial: str | None


async def session() -> AsyncIterator[AsyncSession]:
    """A database session for each request."""
    async with sessions() as opened:
        yield opened


async def signed_in(authorization: Annotated[str, Header()]) -> int:
    """Who asks, by a signed pass; 401 for anybody else."""
    text, _, mac = authorization.removeprefix("Bearer ").partition(".")
    wanted = hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac, wanted):
        raise HTTPException(401)
    return int(text)


Session = Annotated[AsyncSession, Depends(session)]
SignedIn = Annotated[int, Depends(signed_in)]


@app.get("/healthz")
async def health() -> dict[str, str]:
    """A constant."""
    return {"status": "alive"}


@app.post("/api/v1/draws")
async def enter(db: Session, person_id: SignedIn, tap: Tap) -> Outcome:
    """Draw at once; 403 outside the area, 409 for the second time."""
    now = datetime.now(UTC) + AHEAD
    _check_place(tap.location, now)
    day = int(now.strftime("%Y%m%d"))
    try:
        async with db.begin():
            person = await db.get(Person, person_id)
            if person is None or person.suspended:
                raise HTTPException(403)
            draw = Draw(person_id=person_id, day=day, pack=tap.pack, request_key=tap.request_key)
            db.add(draw)
            await db.flush()
            voucher = await _try_to_win(db, draw)
    except IntegrityError as error:
        raise HTTPException(409, "already entered today") from error
    return _outcome(draw, voucher)


@app.get("/api/v1/draws/{day}")
async def read(db: Session, person_id: SignedIn, day: int) -> Outcome:
    """What I drew that day."""
    found = select(Draw, Voucher).outerjoin(Voucher, Voucher.draw_id == Draw.id)
    row = (await db.execute(found.where(Draw.person_id == person_id, Draw.day == day))).first()
    if row is None:
        raise HTTPException(404)
    return _outcome(row[0], row[1])


def _check_place(location: Location, now: datetime) -> None:
    south, north, west, east = HUBEI
    if not (south <= location.lat <= north and west <= location.lng <= east) or location.mocked:
        raise HTTPException(403, "outside the area")
    if abs(now - location.taken_at) > MAX_AGE:
        raise HTTPException(403, "stale location")


async def _try_to_win(db: AsyncSession, draw: Draw) -> Voucher | None:
    if secrets.randbelow(1_000_000) >= CHANCE * 1_000_000:
        return None
    wanted = select(Stock).where(Stock.pack == draw.pack, Stock.units_left > 0)
    stock = (await db.scalars(wanted.order_by(func.random()).limit(1).with_for_update())).first()
    if stock is None:
        return None
    stock.units_left -= 1
    draw.tier = stock.tier
    voucher = Voucher(
        draw_id=draw.id, serial=secrets.token_hex(8), tier=stock.tier, face_fen=stock.face_fen
    )
    db.add(voucher)
    return voucher


def _outcome(draw: Draw, voucher: Voucher | None) -> Outcome:
    return Outcome(
        draw=draw.id,
        day=draw.day,
        state="won" if voucher else "missed",
        tier=draw.tier,
        serial=voucher.serial if voucher else None,
    )
