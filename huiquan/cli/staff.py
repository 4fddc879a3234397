"""huiquan staff: who may sign in at the console.  工作人员"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role

PASSWORD_LETTERS_MIN = 10

app = typer.Typer(help="Give people a sign-in at the console.")
console = Console(highlight=False)

Password = Annotated[
    str,
    typer.Option(
        prompt="Password for the new sign-in",
        hide_input=True,
        confirmation_prompt=True,
        envvar="HUIQUAN_NEW_PASSWORD",
        help="asked for when it is not given",
    ),
]


@app.callback()
def staff() -> None:
    """Give people a sign-in at the console."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="what the person types to sign in")],
    name: Annotated[str, typer.Option(help="the person's name")],
    role: Annotated[Role, typer.Option(help="what the person is there for")],
    password: Password,
    city: Annotated[
        str | None, typer.Option(help="for a city's official: the six digits of the city")
    ] = None,
    by: Annotated[str, typer.Option(help="who gives it")] = "operator",
) -> None:
    """Give somebody a sign-in; the password is asked for and never shown."""
    if len(password) < PASSWORD_LETTERS_MIN:
        fail(f"a password has at least {PASSWORD_LETTERS_MIN} characters")
    new = NewStaff(login=login, name=name, role=role, city=city, password=password)
    staff_id = asyncio.run(_add(new, by))
    console.print(f"{login} may sign in as {role.value} (number {staff_id})")


async def _add(new: NewStaff, by: str) -> int:
    async with open_house(settings_from_environment()) as house:
        outcome = await add_staff(house, new, by)
        if isinstance(outcome, Refusal):
            refused(outcome)
        return outcome
