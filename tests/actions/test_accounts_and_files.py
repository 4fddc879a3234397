"""An account that changes while a payment file is made: the file pays on those in force."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.db.connection import Database
from huiquan.db.payment_files import FileRow
from huiquan.domain.account_requests import AccountRequest
from huiquan.views.account_requests import request_of
from tests.actions.test_payment_files import settled_season
from tests.actions.test_settle_day import promises_kept, rows


@pytest.mark.requirement("R2.4")
async def test_a_file_drafted_while_accounts_change_pays_on_those_that_are_in_force(
    database: Database,
) -> None:
    """By a clock that goes on with each look: whoever waited for the accounts looks afterwards."""
    season, payers = await settled_season(database)
    ticks = (season.house.clock.now + timedelta(seconds=second) for second in range(10_000))
    app = replace(season.house.app, clock=lambda: next(ticks))
    new = []
    for row in await rows(season, "select uscc from merchants order by merchant_id"):
        before = await request_of(app, row["uscc"])
        assert isinstance(before, AccountRequest), before
        account = replace(before.account, account_no=f"9{before.account.account_no}")
        asked = await ask_account(app, row["uscc"], account, payers.operator)
        assert isinstance(asked, AccountRequest), asked
        new.append(asked)

    def confirmed(one: AccountRequest) -> Awaitable[object]:
        return confirm_account(app, one.request_id, one.account.account_no, payers.supervisor)

    drafted = draft_payment_file(app, season.campaign.code, payers.operator)
    half = len(new) // 2
    done = await asyncio.gather(*map(confirmed, new[:half]), drafted, *map(confirmed, new[half:]))
    file = done[half]
    assert isinstance(file, FileRow), file
    season.house.clock.now = app.clock()
    assert await promises_kept(season)
