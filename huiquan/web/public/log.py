"""The public log for everyone: C2SP checkpoint and tiles, days, rounds, configs, notices.  公开日志

Anyone may read it, from any page (CORS); what never changes again may be kept for good.
"""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter
from litestar.response import File

from huiquan.domain.refusals import Refusal
from huiquan.domain.tiles import BadTileError, parse_path
from huiquan.views import day_files, epochs, public_log
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.wire import Wire, shanghai

FOR_EVERYONE = {"Access-Control-Allow-Origin": "*"}
FOR_GOOD = {**FOR_EVERYONE, "Cache-Control": "public, max-age=31536000, immutable"}
FOR_A_DAY = {**FOR_EVERYONE, "Cache-Control": "public, max-age=86400"}
FOR_A_SECOND = {**FOR_EVERYONE, "Cache-Control": "public, max-age=1"}
BYTES, TEXT, JSON = "application/octet-stream", "text/plain", "application/json"
MEDIA = {".json": JSON, ".ndjson": "application/x-ndjson", ".txt": TEXT, ".bin": BYTES}

Code = Annotated[str, Parameter(max_length=200)]
Lane = Annotated[int, Parameter(ge=0, le=32_767)]
Seq = Annotated[int, Parameter(ge=0, le=2**63 - 1)]


class LogConfig(Wire):
    """A published draw config; its text stands at /api/v1/public/configs/{cfg_hash}."""

    cfg_hash: str
    epoch: int
    platform: str
    approver: str
    published_at: datetime


class LogEpoch(Wire):
    """A declared change of keys (epoch.json): platform, remaining signer and new key signed it."""

    declaration: str
    platform: str
    survivor: str
    successor: str


class LogNotice(Wire):
    """What is wrong, since when and until when; evidence is in `detail`."""

    kind: str
    subject: str
    detail: dict[str, Any]
    began_at: datetime
    ended_at: datetime | None


class LogFile(Wire):
    """One file of a day."""

    path: str
    sha256: str
    bytes: int


class LogDay(Wire):
    """A day that is published as files; its manifest is manifest.json."""

    day: int
    files: list[LogFile]


@get(
    "/log/{code:str}/checkpoint",
    operation_id="getCheckpoint",
    summary="The log's newest checkpoint, a C2SP signed note",
    tags=["log"],
    media_type=TEXT,
)
async def get_checkpoint(house: House, campaigns: Campaigns, code: Code) -> Response[str]:
    """Signed by the platform, cosigned by the witnesses."""
    asked = accepted(campaigns.named(code))
    note = accepted(await public_log.checkpoint(house, asked.campaign_id))
    return Response(note, media_type=TEXT, headers=FOR_A_SECOND)


@get(
    "/log/{code:str}/tile/{tile:path}",
    operation_id="getTile",
    summary="A tile of hashes, or a bundle of entries (C2SP tlog-tiles)",
    tags=["log"],
    media_type=BYTES,
)
async def get_tile(house: House, campaigns: Campaigns, code: Code, tile: str) -> Response[bytes]:
    """`<L>/<N>`, `<L>/<N>.p/<W>`, `entries/<N>`, `entries/<N>.p/<W>`."""
    asked = accepted(campaigns.named(code))
    try:
        wanted = parse_path(tile.removeprefix("/"))
    except BadTileError as error:
        raise RefusedError(Refusal.NOT_FOUND) from error
    raw = accepted(await public_log.tile(house, asked.campaign_id, wanted))
    return Response(raw, media_type=BYTES, headers=FOR_GOOD if wanted.is_full else FOR_A_DAY)


@get(
    "/log/{code:str}/rounds/{lane:int}/{seq:int}/entries",
    operation_id="getRoundEntries",
    summary="The entries of a final round",
    tags=["log"],
    media_type=BYTES,
)
async def get_round_entries(
    house: House, campaigns: Campaigns, code: Code, lane: Lane, seq: Seq
) -> Response[bytes]:
    """80 bytes each, in order; their tree has the seal's root."""
    asked = accepted(campaigns.named(code))
    raw = accepted(await public_log.entries_of_round(house, asked.campaign_id, lane, seq))
    return Response(raw, media_type=BYTES, headers=FOR_GOOD)


@get(
    "/log/{code:str}/configs",
    operation_id="getLogConfigs",
    summary="Every published draw config with both signatures",
    tags=["log"],
)
async def get_configs(house: House, campaigns: Campaigns, code: Code) -> Response[list[LogConfig]]:
    """The oldest first."""
    asked = accepted(campaigns.named(code))
    lines = [
        LogConfig(
            cfg_hash=one.cfg_hash.hex(),
            epoch=one.epoch,
            platform=one.platform_signature.hex(),
            approver=one.approver_signature.hex(),
            published_at=shanghai(one.published_at),
        )
        for one in await public_log.config_lines(house, asked.campaign_id)
    ]
    return Response(lines, headers=FOR_A_SECOND)


@get(
    "/log/{code:str}/epoch",
    operation_id="getLogEpoch",
    summary="The declared change of a signer's key, if there was one",
    tags=["log"],
)
async def get_epoch(house: House, campaigns: Campaigns, code: Code) -> Response[LogEpoch]:
    """The declaration's exact text, and who signed its hash."""
    asked = accepted(campaigns.named(code))
    declared = accepted(await epochs.published_epoch(house, asked.campaign_id))
    signed = declared.signatures
    told = LogEpoch(
        declaration=declared.raw.decode(),
        platform=signed.platform.hex(),
        survivor=signed.survivor.hex(),
        successor=signed.successor.hex(),
    )
    return Response(told, headers=FOR_A_SECOND)


@get(
    "/log/{code:str}/notices",
    operation_id="getLogNotices",
    summary="What the public is told: absences, frozen lanes, evidence",
    tags=["log"],
)
async def get_notices(house: House, campaigns: Campaigns, code: Code) -> Response[list[LogNotice]]:
    """The newest first; a signer's absence once it has lasted 10 minutes."""
    asked = accepted(campaigns.named(code))
    told = [
        LogNotice(
            kind=one.kind,
            subject=one.subject,
            detail=one.detail,
            began_at=shanghai(one.began_at),
            ended_at=shanghai(one.ended_at) if one.ended_at else None,
        )
        for one in await public_log.public_notices(house, asked.campaign_id)
    ]
    return Response(told, headers=FOR_A_SECOND)


@get(
    "/log/{code:str}/days",
    operation_id="getLogDays",
    summary="The days that are published as files",
    tags=["log"],
)
async def get_days(house: House, campaigns: Campaigns, code: Code) -> Response[list[LogDay]]:
    """Each with its files and their marks."""
    accepted(campaigns.named(code))
    days = [
        LogDay(
            day=one.day,
            files=[LogFile(path=f.path, sha256=f.sha256, bytes=f.bytes) for f in one.files],
        )
        for one in await asyncio.to_thread(day_files.published_days, house, code)
    ]
    return Response(days, headers=FOR_A_SECOND)


@get(
    "/log/{code:str}/days/{day:int}/{file:path}",
    operation_id="getLogDayFile",
    summary="A file of a published day",
    tags=["log"],
    media_type=BYTES,
)
async def get_day_file(house: House, campaigns: Campaigns, code: Code, day: int, file: str) -> File:
    """Streamed from the folder that was made once."""
    accepted(campaigns.named(code))
    found = accepted(day_files.day_file(house, code, day, file.removeprefix("/")))
    return File(
        found,
        filename=found.name,
        content_disposition_type="inline",
        media_type=MEDIA[found.suffix],
        headers=FOR_GOOD,
    )


ROUTES = (
    get_checkpoint,
    get_tile,
    get_round_entries,
    get_configs,
    get_epoch,
    get_notices,
    get_days,
    get_day_file,
)
