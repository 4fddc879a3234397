"""The heads of the books stand in each published day, and hold any later register."""

from dataclasses import replace

import pytest

from huiquan.actions.export_draws import Exported, export_draws
from huiquan.actions.link_ledger import link_ledger
from huiquan.db.connection import Database
from huiquan.domain import book_heads
from huiquan.domain.book_heads import BadHeadsError, BookHead, build_heads, parse_heads
from huiquan.jobs.tasks import end_day
from tests.houses import CAMPAIGN
from tests.seasons import ProvingSigner, open_season, play_day


class Told(ProvingSigner):
    """A signer that is told the last finals before it signs a day."""

    async def send_finals(self, finals: list[bytes]) -> None:
        return None


@pytest.mark.requirement("R2.4")
async def test_a_day_carries_the_heads_of_the_books_as_it_ended(database: Database) -> None:
    season = await open_season(database)
    await play_day(season)
    house = season.house
    assert await link_ledger(house.app, CAMPAIGN) == 5
    async with house.app.db.reading() as tx:
        kept = await tx.fetch("select lane, next_no, link_hash from links order by lane")
    house.clock.move(days=1)
    await end_day(house.app)
    app = replace(house.app, notary=Told(role="N", name="n"), auditor=Told(role="W", name="w"))
    files: dict[str, bytes] = {}
    for _ in range(2):
        again: dict[str, bytes] = {}
        outcome = await export_draws(app, CAMPAIGN, 20260206, again.__setitem__)
        assert isinstance(outcome, Exported)
        # What was booked and linked after midnight changes nothing: the day is the same again.
        assert files in ({}, again)
        files = again
    heads = parse_heads(files[book_heads.FILE])
    assert [(one.lane, one.next_no, one.link_hash) for one in heads.heads] == [
        (row["lane"], row["next_no"], row["link_hash"].hex()) for row in kept
    ]


HEADS = [
    BookHead(lane=1, next_no=5, link_hash="ab" * 32),
    BookHead(lane=-1, next_no=2, link_hash="cd" * 32),
]


def test_the_heads_have_one_form() -> None:
    raw = build_heads("2026", HEADS)
    assert parse_heads(raw).heads == (HEADS[1], HEADS[0])
    for other in (b"", b"{}", raw + b" ", raw.replace(b"books/1", b"books/2"), raw[::-1]):
        with pytest.raises(BadHeadsError):
            parse_heads(other)
