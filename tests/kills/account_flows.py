"""The flows of a merchant's account: asked for, confirmed in place of another, refused.  账户"""

from dataclasses import replace
from typing import Any

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.refuse_account import refuse_account
from huiquan.domain.account_requests import AccountRequest
from huiquan.views.account_requests import request_of
from tests.drawn import Place
from tests.kills.flow import Flow

USCC = "91420100MA4KXXXX0A"


async def _in_force(place: Place) -> AccountRequest:
    found = await request_of(place.house.app, USCC)
    assert isinstance(found, AccountRequest)
    assert found.is_in_force
    return found


async def _ask(place: Place, before: AccountRequest) -> Any:
    account = replace(before.account, account_no="6222020000000017734")
    return await ask_account(place.house.app, USCC, account, place.drawn.payers.operator)


async def _asked(place: Place) -> AccountRequest:
    asked = await _ask(place, await _in_force(place))
    assert isinstance(asked, AccountRequest)
    return asked


async def _confirm(place: Place, asked: AccountRequest) -> Any:
    number, who = asked.account.account_no, place.drawn.payers.supervisor
    return await confirm_account(place.house.app, asked.request_id, number, who)


async def _refuse(place: Place, asked: AccountRequest) -> Any:
    who = place.drawn.payers.supervisor
    return await refuse_account(place.house.app, asked.request_id, "no seal", who)


ACCOUNT_FLOWS = (
    Flow(name="ask for an account", prepare=_in_force, ask=_ask),
    Flow(name="confirm an account", prepare=_asked, ask=_confirm),
    Flow(name="refuse an account", prepare=_asked, ask=_refuse),
)
