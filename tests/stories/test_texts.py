"""Texts to winners: each goes out, a phone that takes none holds up nobody.  短信送达"""

from pathlib import Path

import pytest

from huiquan.actions.send_messages import send_messages
from huiquan.db.connection import Database
from huiquan.db.outbox import TRIES_MAX
from tests.houses import person
from tests.stories.test_todays_draw import (
    PEOPLE,
    draw_and_log,
    draw_house,
    enter_all,
    outcomes_of,
)


@pytest.mark.requirement("R1.3")
async def test_a_phone_that_takes_no_texts_is_parked_and_holds_up_nobody(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await enter_all(standing)
        await draw_and_log(standing)
        told = await outcomes_of(standing)
        winners = [person(n).phone for n, one in enumerate(told) if one["state"] == "won"]
        assert len(winners) > 1
        sms, app = standing.house.sms, standing.house.app
        before, sms.refused = len(sms.sent), frozenset(winners[:1])
        sms.is_away = True
        assert await send_messages(app) == 0
        sms.is_away = False
        sent = [await send_messages(app) for _ in range(TRIES_MAX)]
        assert sent == [len(winners) - 1, *[0] * (TRIES_MAX - 1)]
        assert sorted(phone for phone, _ in sms.sent[before:]) == sorted(winners[1:])
        async with app.db.reading() as tx:
            parked = "select array_agg(tries) from outbox where parked_at is not null"
            assert await tx.fetchval(parked) == [TRIES_MAX]


async def test_texts_that_were_not_marked_are_handed_over_under_the_same_numbers(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await enter_all(standing)
        await draw_and_log(standing)
        app, sms = standing.house.app, standing.house.sms
        sent = await send_messages(app)
        async with app.db.transaction() as tx:
            await tx.execute("update outbox set sent_at = null where kind = 'won'")
        assert await send_messages(app) == sent > 0
        assert len(sms.numbers) == 2 * sent
        assert sms.numbers[:sent] == sms.numbers[sent:]
