"""PINs and passwords: five wrong tries bar a login, and nobody learns which logins exist."""

import asyncio
from typing import Any

import pytest

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.open_store import open_store
from huiquan.actions.sign_in_cashier import sign_in_cashier
from huiquan.actions.sign_in_staff import sign_in_staff
from huiquan.db.connection import Database
from huiquan.db.stores import CashierSecret
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from tests.houses import make_house, new_store, publish
from tests.tables import rows

TRIES = rows("""
    tries                       last
    right                       in
    wrong right                 in
    wrong wrong wrong wrong right   in
    wrong wrong wrong wrong wrong right   out
    wrong wrong wrong wrong wrong 14min right   out
    wrong wrong wrong wrong wrong 15min right   in
    wrong wrong wrong wrong wrong 15min wrong right   in
    wrong wrong wrong wrong right wrong wrong wrong wrong right   in
""")


@pytest.mark.parametrize("case", TRIES, ids=lambda case: case["tries"])
async def test_five_wrong_pins_bar_a_cashier_for_a_quarter_of_an_hour(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await open_store(house.app, campaign, new_store(1), "test")
    answer: Any = None
    for word in case["tries"].split():
        if word.endswith("min"):
            house.clock.move(minutes=int(word.removesuffix("min")))
            continue
        pin = new_store(1).pin if word == "right" else "999999"
        answer = await sign_in_cashier(house.app, new_store(1).login, pin)
    if case["last"] == "in":
        assert isinstance(answer, CashierSecret)
    else:
        assert answer is Refusal.WRONG_SIGN_IN


async def test_of_many_guesses_at_once_five_reach_the_pin(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await open_store(house.app, campaign, new_store(1), "test")
    guesses = [sign_in_cashier(house.app, new_store(1).login, f"{n:06}") for n in range(12)]
    assert set(await asyncio.gather(*guesses)) == {Refusal.WRONG_SIGN_IN}
    async with house.app.db.reading() as tx:
        tries = await tx.fetchval("select tries from cashiers")
    assert tries == 5
    right = await sign_in_cashier(house.app, new_store(1).login, new_store(1).pin)
    assert right is Refusal.WRONG_SIGN_IN


async def test_an_unknown_login_is_answered_like_a_wrong_password(database: Database) -> None:
    house = make_house(database)
    new = NewStaff(login="wuhan", name="王处", role=Role.SUPERVISOR, password="right password")
    assert isinstance(await add_staff(house.app, new, "test"), int)
    unknown = await sign_in_staff(house.app, "nobody", "right password")
    wrong = await sign_in_staff(house.app, "wuhan", "wrong password")
    assert unknown is wrong is Refusal.WRONG_SIGN_IN
    somebody = await sign_in_staff(house.app, "wuhan", "right password")
    assert not isinstance(somebody, Refusal)
    assert somebody.name == "王处"
    assert "argon2" not in repr(somebody)


CITIES = rows("""
    role              city     outcome
    supervisor        -        added
    supervisor        420100   wrong_city_for_role
    operator          -        added
    city_supervisor   420100   added
    city_supervisor   -        wrong_city_for_role
    city_supervisor   430100   wrong_city_for_role
""")


@pytest.mark.requirement("R5.2")
@pytest.mark.parametrize("case", CITIES, ids=lambda case: " ".join(case.values()))
async def test_only_a_citys_official_belongs_to_a_city(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    new = NewStaff(
        login="somebody",
        name="王",
        role=Role(case["role"]),
        city=case["city"] or None,
        password="a password",
    )
    answer = await add_staff(house.app, new, "test")
    if case["outcome"] == "added":
        assert isinstance(answer, int)
        assert await add_staff(house.app, new, "test") is Refusal.LOGIN_TAKEN
    else:
        assert answer is Refusal(case["outcome"])
