"""An official signs in at the console.  控制台登录"""

from datetime import datetime
from typing import Any

from litestar import Request, post

from huiquan.actions.sign_in_staff import sign_in_staff
from huiquan.domain.tokens import Door
from huiquan.web import limits as allowances
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import CONSOLE_SESSION, Doorkeeper, House, staff_token
from huiquan.web.limits import address_of
from huiquan.web.wire import Login, Secret, Wire, shanghai


class ConsoleOpening(Wire):
    """An official signs in."""

    login: Login
    password: Secret


class ConsoleOpened(Wire):
    """An official is signed in."""

    token: str
    expires_at: datetime
    name: str
    role: str
    city: str | None


@post(
    "/api/v1/console/sessions",
    operation_id="openConsole",
    summary="An official signs in",
    tags=["console"],
    response_headers=[NO_STORE],
)
async def open_console(
    data: ConsoleOpening, house: House, limits: Doorkeeper, request: Request[Any, Any, Any]
) -> ConsoleOpened:
    """Give an official a pass for a working day."""
    limits.take(allowances.SIGN_IN_OF_ADDRESS, address_of(request))
    limits.take(allowances.SIGN_IN_OF_LOGIN, f"console/{data.login}")
    async with limits.secret_turn():
        somebody = accepted(await sign_in_staff(house, data.login, data.password))
    expires_at = (house.clock() + CONSOLE_SESSION).replace(microsecond=0)
    return ConsoleOpened(
        token=staff_token(house, Door.CONSOLE, somebody.staff_id, expires_at),
        expires_at=shanghai(expires_at),
        name=somebody.name,
        role=somebody.role.value,
        city=somebody.city,
    )


ROUTES = (open_console,)
