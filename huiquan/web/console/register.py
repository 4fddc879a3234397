"""The register at the console: published heads, archives to take away.  台账

A department's auditor takes the whole of it, signed; what checks it is a command and the folders
that are public, not this page.
"""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import Parameter
from litestar.response import File
from litestar.status_codes import HTTP_202_ACCEPTED

from huiquan.actions.link_ledger import link_ledger
from huiquan.app import App
from huiquan.domain.draw_config import Hex32
from huiquan.views import register_archives
from huiquan.views.campaigns import code_of
from huiquan.views.published_heads import published_heads
from huiquan.web.answers import accepted
from huiquan.web.callers import SECURITY, Doorkeeper, House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import payer
from huiquan.web.limits import Allowance
from huiquan.web.wire import CampaignNumber, Wire, shanghai

PATH = "/api/v1/console/register"
ARCHIVES_OF_CAMPAIGN = Allowance(name="register/campaign", at_once=3, every_s=60)
ZIP = "application/zip"

AskedNumber = Annotated[int, Parameter(query="campaign", ge=1, le=32_767)]

# Who writes an archive is kept here, or nobody would hold the task until it is done.
_writing: set[asyncio.Task[None]] = set()


class RegisterHead(Wire):
    """The head of one book: its link covers every movement numbered below next_no."""

    lane: int
    next_no: int
    link_hash: Hex32


class RegisterDay(Wire):
    """A published day; heads is null where it was published before days carried them."""

    day: int
    manifest_sha256: Hex32
    heads: list[RegisterHead] | None


class RegisterFile(Wire):
    """One file of an archive."""

    name: str
    sha256: Hex32
    bytes: int
    lines: int


class RegisterArchive(Wire):
    """A register to take away, whole."""

    name: str
    made_at: datetime
    sha256: Hex32
    bytes: int
    is_signed: bool
    files: list[RegisterFile]


class RegisterMaking(Wire):
    """A register that is being written: rows so far."""

    name: str
    rows: int


class RegisterPage(Wire):
    """Published days with their heads, archives, and the one that is being written."""

    at: datetime
    days: list[RegisterDay]
    archives: list[RegisterArchive]
    making: RegisterMaking | None


class RegisterAsked(Wire):
    """The campaign whose register is wanted."""

    campaign: CampaignNumber


@page(PATH, operation_id="getRegisterPage", summary="Published heads and registers to take away")
async def get_page(house: House, official: Staff, campaign: AskedNumber) -> RegisterPage:
    """What an auditor holds a register against, and the registers made so far."""
    payer(official)
    code = accepted(await code_of(house, campaign))
    return await asyncio.to_thread(_page, house, code)


@deed(
    PATH + "/archives",
    operation_id="makeRegister",
    summary="Write the whole register as a signed archive",
    status_code=HTTP_202_ACCEPTED,
)
async def make(
    data: RegisterAsked,
    house: House,
    official: Staff,
    limits: Doorkeeper,
    request: Request[Any, Any, Any],
) -> RegisterMaking:
    """Begin to write it, all of one snapshot; the page tells when it is there."""
    payer(official)
    code = accepted(await code_of(house, data.campaign))
    limits.take(ARCHIVES_OF_CAMPAIGN, code)
    mine = accepted(register_archives.begin(house, code))
    task = asyncio.create_task(_write(house, code, mine))
    _writing.add(task)
    task.add_done_callback(partial(_done, log=request.app.state.log))
    return RegisterMaking(name=mine.name, rows=0)


@get(
    PATH + "/archives/{name:str}",
    operation_id="getRegisterArchive",
    summary="A register as a zip",
    tags=["console"],
    security=SECURITY,
    media_type=ZIP,
)
async def get_archive(name: str, house: House, official: Staff, campaign: AskedNumber) -> File:
    """The archive as it was made."""
    payer(official)
    code = accepted(await code_of(house, campaign))
    found = accepted(register_archives.archive_file(house, code, name))
    return File(found, filename=found.name, media_type=ZIP, headers={"Cache-Control": "no-store"})


async def _write(house: App, code: str, mine: register_archives.Making) -> None:
    """Close the chain's links, so that they cover all they can, then write."""
    try:
        accepted(await link_ledger(house, code))
        accepted(await register_archives.write_archive(house, code, mine))
    finally:
        register_archives.end(house, code, mine)


def _done(task: asyncio.Task[None], log: Any) -> None:
    """What failed leaves no archive; people see that it is not there, and the log says why."""
    _writing.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.error("a register was not written", error=repr(task.exception()))


def _page(house: App, code: str) -> RegisterPage:
    now = register_archives.making(house, code)
    return RegisterPage(
        at=shanghai(house.clock()),
        days=[
            RegisterDay(
                day=one.day,
                manifest_sha256=one.manifest_sha256,
                heads=None
                if one.heads is None
                else [
                    RegisterHead(lane=head.lane, next_no=head.next_no, link_hash=head.link_hash)
                    for head in one.heads
                ],
            )
            for one in published_heads(house, code)
        ],
        archives=[_archive(one) for one in register_archives.archives(house, code)],
        making=RegisterMaking(name=now.name, rows=now.rows) if now else None,
    )


def _archive(one: register_archives.Archive) -> RegisterArchive:
    return RegisterArchive(
        name=one.name,
        made_at=shanghai(datetime.fromisoformat(one.manifest.made_at)),
        sha256=one.sha256,
        bytes=one.bytes,
        is_signed=one.is_signed,
        files=[
            RegisterFile(name=name, sha256=mark.sha256, bytes=mark.bytes, lines=mark.lines)
            for name, mark in sorted(one.manifest.files.items())
        ],
    )


ROUTES = (get_page, make, get_archive)
