"""On which account a merchant is paid is said by two people; until then the one before stays."""

import asyncio
import secrets
from dataclasses import dataclass, replace

import asyncpg
import pytest

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.refuse_account import refuse_account
from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded, create_database
from huiquan.db.migrate import migrate
from huiquan.domain.account_requests import AccountRequest, RequestState
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal
from huiquan.views.account_requests import requests_shown
from simulation.paying import Payers, two_payers
from tests.actions.test_older_database import migrate_to
from tests.houses import House, make_house

USCC = "91420100MA4KXXXX0A"
FIRST = PayeeAccount(
    account_no="42001234000000001",
    account_name="武汉某某百货有限公司",
    bank_name="中国建设银行武汉分行",
    bank_code="105521000018",
)
SECOND = replace(FIRST, account_no="42001234000000002")
MERCHANT = "insert into merchants (name, uscc, opened_at) values ('商户', $1, now())"


@dataclass(kw_only=True)
class Office:
    """A house with one merchant and the two people."""

    house: House
    two: Payers

    async def ask(self, account: PayeeAccount, who: int | None = None) -> AccountRequest | Refusal:
        return await ask_account(self.house.app, USCC, account, who or self.two.operator)

    async def asked(self, account: PayeeAccount) -> AccountRequest:
        request = await self.ask(account)
        assert isinstance(request, AccountRequest), request
        return request

    async def confirm(
        self, request: AccountRequest, who: int | None = None
    ) -> AccountRequest | Refusal:
        number = request.account.account_no
        staff_id = who or self.two.supervisor
        return await confirm_account(self.house.app, request.request_id, number, staff_id)

    async def in_force(self) -> list[str]:
        shown = await requests_shown(self.house.app)
        return [one.account_end for one in shown if one.is_in_force]

    async def all_is_well(self) -> bool:
        run = await run_checks(self.house.app)
        return [one for one in run.failed if one.name.startswith("i34_")] == []


async def office(database: Database) -> Office:
    house = make_house(database)
    async with database.transaction() as tx:
        await tx.execute(MERCHANT, USCC)
    return Office(house=house, two=await two_payers(house.app))


@pytest.mark.requirement("R2.4")
async def test_an_account_is_in_force_once_another_person_has_confirmed_it(
    database: Database,
) -> None:
    at = await office(database)
    first = await at.asked(FIRST)
    assert await at.in_force() == []
    assert await at.confirm(first, at.two.operator) is Refusal.ALREADY_APPROVED_BY_YOU
    done = await at.confirm(first)
    assert isinstance(done, AccountRequest)
    assert (done.state, done.is_in_force) == (RequestState.CONFIRMED, True)

    at.house.clock.move(hours=1)
    second = await at.asked(SECOND)
    assert await at.in_force() == ["0001"], "until it is confirmed the old account stays"
    assert await at.confirm(second) == replace(
        second, state=RequestState.CONFIRMED, decided_by=at.two.supervisor, is_in_force=True
    )
    assert await at.in_force() == ["0002"]
    shown = await requests_shown(at.house.app)
    assert [
        (one.account_before, one.account_end, one.asked_by, one.decided_by) for one in shown
    ] == [
        ("0001", "0002", "payer", "approver"),
        (None, "0001", "payer", "approver"),
    ]
    assert await at.all_is_well()


async def test_what_is_asked_or_answered_again_is_done_once(database: Database) -> None:
    at = await office(database)
    first = await at.asked(FIRST)
    assert await at.ask(FIRST) == first
    assert await at.ask(FIRST, at.two.supervisor) == first, "whoever asks, it is asked for already"
    assert await at.ask(SECOND) is Refusal.ACCOUNT_REQUEST_OPEN
    done = await at.confirm(first)
    assert await at.confirm(first) == done
    assert await at.ask(FIRST) == done, "a lost answer is asked for after the confirmation"

    second = await at.asked(SECOND)
    app, number = at.house.app, second.request_id
    assert await refuse_account(app, number, " ", at.two.supervisor) is Refusal.MALFORMED
    for _ in range(2):
        refused = await refuse_account(app, number, "函件无公章", at.two.supervisor)
        assert refused is RequestState.REFUSED
    assert await at.confirm(second) is Refusal.ACCOUNT_REQUEST_DECIDED
    anew = await at.asked(SECOND)
    assert anew.request_id != number
    ended = await refuse_account(app, anew.request_id, "填错了", at.two.operator)
    assert ended is RequestState.WITHDRAWN
    assert await at.confirm(anew) is Refusal.ACCOUNT_REQUEST_DECIDED
    assert await at.in_force() == ["0001"]
    assert await at.all_is_well()


async def test_what_cannot_be_an_account_is_not_asked_for(database: Database) -> None:
    at = await office(database)
    first = await at.asked(FIRST)
    app, two = at.house.app, at.two
    for told, refusal in (
        (await ask_account(app, "x", FIRST, two.operator), Refusal.UNKNOWN_MERCHANT),
        (await ask_account(app, "\0", FIRST, two.operator), Refusal.UNKNOWN_MERCHANT),
        (await at.ask(replace(FIRST, bank_code="1")), Refusal.BAD_ACCOUNT),
        (await at.ask(FIRST, 99), Refusal.FORBIDDEN),
        (
            await confirm_account(app, first.request_id, SECOND.account_no, two.supervisor),
            Refusal.ACCOUNT_DIFFERS,
        ),
        (
            await confirm_account(app, 99, FIRST.account_no, two.supervisor),
            Refusal.UNKNOWN_ACCOUNT_REQUEST,
        ),
        (
            await refuse_account(app, 99, "x", two.supervisor),
            Refusal.UNKNOWN_ACCOUNT_REQUEST,
        ),
    ):
        assert told is refusal
    assert await at.in_force() == []


@pytest.mark.parametrize(
    "statement",
    [
        "update account_requests set decided_by = asked_by where state = 'confirmed'",
        "update account_requests set state = 'confirmed', decided_by = asked_by, decided_at = now()"
        " where state = 'open'",
        "update account_requests set state = 'open' where state = 'confirmed'",
        "update account_requests set replaced_at = '2000-01-01 00:00+08' where state = 'confirmed'",
        "update account_requests set account_no = '62220000000000001'",
        "delete from account_requests",
    ],
)
async def test_the_tables_hold_it_against_the_program_itself(
    database: Database, statement: str
) -> None:
    at = await office(database)
    await at.confirm(await at.asked(FIRST))
    await at.asked(SECOND)
    refused = (asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)
    with pytest.raises((*refused, asyncpg.UniqueViolationError)):
        async with database.transaction() as tx:
            await tx.execute(statement)
    assert await at.in_force() == ["0001"]


async def test_of_many_who_ask_or_confirm_at_once_one_does_it(database: Database) -> None:
    """Each on a connection of its own, and all wait for the same accounts before any goes on."""
    at = await office(database)

    async def all_at_once(*calls: object) -> list[object]:
        async with database.transaction() as holding:
            await holding.execute(
                "select pg_advisory_xact_lock(hashtextextended('payee accounts', 0))"
            )
            running = [asyncio.ensure_future(one) for one in calls]  # type: ignore[call-overload]
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            for _ in range(500):
                if await holding.fetchval(waiting) == len(calls):
                    break
                await asyncio.sleep(0.01)
            assert await holding.fetchval(waiting) == len(calls), "everyone waits"
        return list(await asyncio.gather(*running))

    asked = await all_at_once(at.ask(FIRST), at.ask(FIRST), at.ask(SECOND))
    (first,) = {one for one in asked if isinstance(one, AccountRequest)}
    assert set(asked) == {first, Refusal.ACCOUNT_REQUEST_OPEN}

    async with database.transaction() as tx:
        third = await tx.fetchval(
            "insert into staff (login, name, role, password_hash, opened_at) "
            "select 'third', 'third', role, password_hash, opened_at from staff "
            "where login = 'approver' returning staff_id"
        )
    said = await all_at_once(
        at.confirm(first), at.confirm(first, third), at.confirm(first, at.two.operator)
    )
    done = [one for one in said if isinstance(one, AccountRequest)]
    assert [one.is_in_force for one in done] == [True]
    assert Refusal.ACCOUNT_REQUEST_DECIDED in said
    assert len(await at.in_force()) == 1
    assert await at.all_is_well()


async def test_an_account_that_one_person_had_named_waits_for_two(postgres: Embedded) -> None:
    url = create_database(postgres, f"of_one_{secrets.token_hex(6)}")
    migrate_to(url, "0026_payments_named")
    owner = await asyncpg.connect(url)
    await owner.execute(MERCHANT, USCC)
    await owner.execute(
        "insert into merchant_accounts select merchant_id, $1, $2, $3, $4, 'operator', now()"
        " from merchants",
        *(FIRST.account_no, FIRST.account_name, FIRST.bank_name, FIRST.bank_code),
    )
    await owner.close()
    assert migrate(url)[0].startswith("0027")
    database = await open_database(url, connections=2)
    house = make_house(database)
    at = Office(house=house, two=await two_payers(house.app))
    (line,) = await requests_shown(house.app)
    assert (line.state, line.named_by, line.asked_by) == ("open", "operator", None)
    request = await at.asked(FIRST)
    assert request.request_id == line.request_id, "it is the one that waits"
    taken_up = await at.confirm(request, at.two.operator)
    assert taken_up == replace(request, asked_by=at.two.operator)
    assert await at.confirm(request, at.two.operator) is Refusal.ALREADY_APPROVED_BY_YOU
    assert await at.in_force() == []
    await at.confirm(request)
    assert await at.in_force() == ["0001"]
    assert await at.all_is_well()
    await database.close()
