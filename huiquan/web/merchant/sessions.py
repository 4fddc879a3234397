"""A cashier opens the till.  收银台登录"""

from datetime import datetime
from typing import Any

from litestar import Request, post

from huiquan.actions.sign_in_cashier import sign_in_cashier
from huiquan.domain.tokens import Door
from huiquan.views.stores import store_of_cashier
from huiquan.web import limits as allowances
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import TILL_SESSION, Doorkeeper, House, staff_token
from huiquan.web.limits import address_of
from huiquan.web.wire import Login, Secret, Wire, shanghai


class TillOpening(Wire):
    """A cashier signs in."""

    login: Login
    pin: Secret


class ShownStore(Wire):
    """A store (门店)."""

    store_id: str
    name: str
    city_zh: str
    city_en: str
    county_zh: str
    county_en: str
    address: str
    packs: list[int]
    rails: list[str]


class TillOpened(Wire):
    """A cashier is signed in."""

    token: str
    expires_at: datetime
    cashier: str
    store: ShownStore


@post(
    "/api/v1/till/sessions",
    operation_id="openTill",
    summary="A cashier signs in",
    tags=["till"],
    response_headers=[NO_STORE],
)
async def open_till(
    data: TillOpening, house: House, limits: Doorkeeper, request: Request[Any, Any, Any]
) -> TillOpened:
    """Give a cashier a pass for a shift."""
    limits.take(allowances.SIGN_IN_OF_ADDRESS, address_of(request))
    limits.take(allowances.SIGN_IN_OF_LOGIN, f"till/{data.login}")
    async with limits.secret_turn():
        cashier = accepted(await sign_in_cashier(house, data.login, data.pin))
    now = house.clock()
    store = await store_of_cashier(house, cashier.cashier_id, now)
    assert store is not None, "a cashier works at a store"
    expires_at = (now + TILL_SESSION).replace(microsecond=0)
    return TillOpened(
        token=staff_token(house, Door.TILL, cashier.cashier_id, expires_at),
        expires_at=shanghai(expires_at),
        cashier=cashier.name,
        store=ShownStore(
            store_id=store.store_id,
            name=store.name,
            city_zh=store.city_zh,
            city_en=store.city_en,
            county_zh=store.county_zh,
            county_en=store.county_en,
            address=store.address,
            packs=store.packs,
            rails=store.rails,
        ),
    )


ROUTES = (open_till,)
