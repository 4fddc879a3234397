"""Accounts at the console: asked for by one person, confirmed or refused by another.  收款账户"""

from datetime import datetime
from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.refuse_account import refuse_account
from huiquan.domain.account_requests import REASON_MAX
from huiquan.domain.payment_files import NAME_MAX, PayeeAccount
from huiquan.views.account_requests import request_shown, requests_shown
from huiquan.web.answers import accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import payer
from huiquan.web.wire import Wire, alike

Number = Annotated[int, Parameter(ge=1, le=2**53)]
PATH = "/api/v1/console/account-requests"
Digits = Annotated[str, Meta(min_length=1, max_length=32)]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]


class ShownAccountRequest(Wire):
    """One request; account numbers by their last four digits. named_by had named it alone."""

    request_id: int
    merchant_id: int
    merchant: str
    uscc: str
    state: str
    is_in_force: bool
    account_end: str
    account_before: str | None
    account_name: str
    bank_name: str
    bank_code: str
    asked_by: str | None
    asked_by_id: int | None
    asked_at: datetime
    named_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class AccountRequestPage(Wire):
    """Requests, those that wait first."""

    items: list[ShownAccountRequest]


class AccountAsked(Wire):
    """On which account a merchant is to be paid; bank_code is the branch's twelve digits."""

    uscc: Annotated[str, Meta(min_length=1, max_length=32)]
    account_no: Digits
    account_name: Name
    bank_name: Name
    bank_code: Digits


class AccountConfirmed(Wire):
    """The number as the second person has it from the merchant, in full."""

    account_no: Digits


class AccountRefused(Wire):
    """Why not."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]


@page(PATH, operation_id="listAccountRequests", summary="Requests for accounts")
async def list_requests(house: House, official: Staff) -> AccountRequestPage:
    """Who asked for which merchant's account, who confirmed it, and what waits."""
    payer(official)
    found = await requests_shown(house)
    return AccountRequestPage(items=[alike(ShownAccountRequest, one) for one in found])


@deed(PATH, operation_id="askAccount", summary="Ask for a merchant's account")
async def ask(data: AccountAsked, house: House, official: Staff) -> ShownAccountRequest:
    """The account before stays in force until another person confirms; asked again it is the
    same request."""
    payer(official)
    account = PayeeAccount(
        account_no=data.account_no.strip(),
        account_name=data.account_name.strip(),
        bank_name=data.bank_name.strip(),
        bank_code=data.bank_code.strip(),
    )
    asked = accepted(await ask_account(house, data.uscc, account, official.staff_id))
    return await _shown(house, asked.request_id)


@deed(
    PATH + "/{request_id:int}/confirm",
    operation_id="confirmAccount",
    summary="Confirm a merchant's account",
    status_code=200,
)
async def confirm(
    request_id: Number, data: AccountConfirmed, house: House, official: Staff
) -> ShownAccountRequest:
    """A second, different person types the number; one of the two is of the department (I34)."""
    payer(official)
    number = data.account_no.strip()
    accepted(await confirm_account(house, request_id, number, official.staff_id))
    return await _shown(house, request_id)


@deed(
    PATH + "/{request_id:int}/refuse",
    operation_id="refuseAccount",
    summary="Refuse a request, or withdraw one's own",
    status_code=200,
)
async def refuse(
    request_id: Number, data: AccountRefused, house: House, official: Staff
) -> ShownAccountRequest:
    """The account before stays in force."""
    payer(official)
    accepted(await refuse_account(house, request_id, data.reason, official.staff_id))
    return await _shown(house, request_id)


async def _shown(house: House, request_id: int) -> ShownAccountRequest:
    return alike(ShownAccountRequest, await request_shown(house, request_id))


ROUTES = (list_requests, ask, confirm, refuse)
