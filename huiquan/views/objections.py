"""Objections as those see them who decide: to which win, why, and who said what.  异议"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import configs, entries, rounds
from huiquan.db.connection import Row, Tx
from huiquan.domain import draw_config
from huiquan.domain.list_files import draw_no
from huiquan.domain.lists import LANE, Verdict
from huiquan.domain.lottery import outcome_of
from huiquan.domain.rounds import decode_final


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's decision: who, by name, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FiledObjection:
    """An objection with its list: face_fen is that of the win, until the end of publicity."""

    objection_id: int
    day: int
    draw_no: str
    face_fen: int
    filed_at: datetime
    filed_by: str
    grounds: str
    objections_until: datetime
    issued_at: datetime | None
    verdict: Verdict | None
    reason: str | None
    first: Decision | None
    second: Decision | None


async def objections_of(app: App, campaign_id: int) -> list[FiledObjection]:
    """Every objection to a campaign's lists: those that wait first, then the newest. (R5.1)"""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select o.*, l.objections_until, l.issued_at
              from objections o
              join lists l
                on (l.campaign_id, l.day) = (o.campaign_id, o.day)
             where o.lane = $2
               and o.campaign_id = $1
             order by o.second_by is not null, o.objection_id desc
            """,
            campaign_id,
            LANE,
        )
        names = await _names(tx, rows)
        faces: dict[tuple[int, int], int] = {}
        for day in {row["day"] for row in rows}:
            wins = {row["idx"] for row in rows if row["day"] == day}
            faces |= await _faces(tx, campaign_id, day, wins)
    return [_filed(row, names, faces[row["day"], row["idx"]]) for row in rows]


async def _names(tx: Tx, rows: Iterable[Row]) -> dict[str, str]:
    """The names of those who decided, by the mark under which the books know them."""
    marks = {row[who] for row in rows for who in ("first_by", "second_by") if row[who]}
    known = [mark.removeprefix("staff:") for mark in marks]
    found = await tx.fetch(
        "select staff_id, name from staff where staff_id = any($1)",
        [int(one) for one in known if one.isdecimal()],
    )
    names = {f"staff:{row['staff_id']}": row["name"] for row in found}
    return {mark: names.get(mark, mark) for mark in marks}


async def _faces(
    tx: Tx, campaign_id: int, day: int, wins: Iterable[int]
) -> dict[tuple[int, int], int]:
    """The face in fen of some wins of a list, by day and entry number."""
    (drawn,) = await rounds.of_day(tx, campaign_id, day)
    assert drawn.raw_final is not None, "only to a published list can anybody object"
    stored = await configs.by_hash(tx, campaign_id, drawn.seal.cfg_hash)
    assert stored is not None, "a seal names a recorded config"
    config = draw_config.decode_config(stored.body)
    tables = draw_config.tables_of(config.days[day])
    final = decode_final(drawn.raw_final)
    faces = {}
    for idx in wins:
        (row,) = await entries.between(tx, campaign_id, LANE, idx, 1)
        faces[day, idx] = config.tiers[outcome_of(row.entry, final, tables).tier].face_fen
    return faces


def _filed(row: Row, names: dict[str, str], face_fen: int) -> FiledObjection:
    return FiledObjection(
        objection_id=row["objection_id"],
        day=row["day"],
        draw_no=draw_no(row["day"], LANE, row["idx"]),
        face_fen=face_fen,
        filed_at=row["filed_at"],
        filed_by=row["filed_by"],
        grounds=row["grounds"],
        objections_until=row["objections_until"],
        issued_at=row["issued_at"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        reason=row["reason"],
        first=_decision(names, row["first_by"], row["first_at"]),
        second=_decision(names, row["second_by"], row["second_at"]),
    )


def _decision(names: dict[str, str], by: str | None, at: datetime | None) -> Decision | None:
    return Decision(by=names[by], at=at) if by is not None and at is not None else None
