"""Who does it: at the command line people sign in with their own password, too.  登录"""

from typing import Annotated

import typer

from huiquan.actions.sign_in_staff import sign_in_staff
from huiquan.app import App
from huiquan.cli.trouble import granted

SignedIn = Annotated[str, typer.Option("--login", help="your sign-in at the console")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, help="asked for when it is not given")
]


async def who(house: App, login: str, password: str) -> int:
    """The id of whoever signs in; a wrong sign-in ends the command."""
    return granted(await sign_in_staff(house, login, password)).staff_id
