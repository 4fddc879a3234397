"""huiquan monitor: follow a public log from outside, trusting nobody who keeps it.  外部监督"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from huiquan.cli.trouble import fail
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.merkle import leaf_hash
from huiquan.domain.monitoring import (
    Finding,
    Followed,
    LogFlaw,
    LogPolicy,
    decode_followed,
    encode_followed,
    follow,
    judge_declaration,
    judge_growth,
    judge_note,
    read_policy,
)
from huiquan.domain.tiles import WIDTH, TilePath, width_of
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.public_log import LogSource, open_log

console = Console(highlight=False)


def monitor(
    url: Annotated[str, typer.Argument(help="the log's address, such as http://…/log/CAMPAIGN")],
    keys: Annotated[
        Path,
        typer.Option(help="the log's keys (huiquan log keys), or a published draw config"),
    ],
    state: Annotated[
        Path, typer.Option(help="what was seen before; made at the first look")
    ] = Path("monitor-state.json"),
    every: Annotated[
        float | None, typer.Option(help="look again after so many seconds, for ever")
    ] = None,
) -> None:
    """Fetch checkpoint and tiles, check that the log only grew; exit 1 on a fork or rollback."""
    policy = read_policy(keys.read_bytes())
    while True:
        seen = decode_followed(state.read_bytes()) if state.exists() else Followed()
        try:
            raw, found = asyncio.run(_look(url, policy, seen))
        except OutsiderFault as fault:
            if every is None:
                raise
            console.print(f"  – {fault}", markup=False)
        else:
            _judge(policy, seen, raw, found, state)
        if every is None:
            return
        time.sleep(every)


async def _look(url: str, policy: LogPolicy, seen: Followed) -> tuple[str, Followed | Finding]:
    """One look, from what was seen to the newest checkpoint."""
    source = open_log(url)
    try:
        raw = await source.checkpoint()
        return raw, await look(source, policy, seen, raw)
    finally:
        await source.client.aclose()


def _judge(
    policy: LogPolicy, seen: Followed, raw: str, found: Followed | Finding, state: Path
) -> None:
    """Say what was checked and keep it, or say what is wrong and end with both checkpoints."""
    if isinstance(found, Finding):
        beside = state.with_suffix(".wrong.txt")
        beside.write_text(f"{seen.note}\n{raw}")
        console.print(f"  ✗ {found.flaw.zh}：{found.where}", markup=False)
        fail(f"{found.flaw.en} ({found.flaw.value}): {found.where}; both checkpoints: {beside}")
    part = state.with_suffix(".part")
    part.write_bytes(encode_followed(found))
    part.rename(state)
    before, size = seen.edge.size, found.edge.size
    for line in (
        f"签名与见证人数足够：platform signed, at least {policy.log.quorum} witnesses cosigned",
        f"只增不改：{before} entries before, {size} now, nothing else changed",
        f"全部分片与条目相符：every new tile is what its entries give, up to the root at {size}",
        f"轮次连续：the rounds of {len({lane for _, lane in found.newest})} lanes are in order",
        *_changed(found),
    ):
        console.print(f"  ✓ {line}", markup=False, soft_wrap=True)
    console.print("ok")


def _changed(found: Followed) -> list[str]:
    """What is said of a change of keys, if the log holds one."""
    if not found.declaration:
        return []
    return [f"换钥公告有效，旧密钥未再使用：a declared change of keys, {found.declaration[:8]}"]


async def look(
    source: LogSource, policy: LogPolicy, seen: Followed, raw: str
) -> Followed | Finding:
    """Check a checkpoint and everything new under it; gives the new state, or what is wrong."""
    declared = judge_declaration(await source.epoch(), policy, seen)
    if isinstance(declared, Finding):
        return declared
    checkpoint = judge_note(raw, policy, declared)
    if isinstance(checkpoint, Finding):
        return checkpoint
    wrong = judge_growth(seen, checkpoint)
    if wrong is not None:
        return wrong
    before = seen.edge.size
    grown = await _take_entries(source, seen, checkpoint, declared)
    if isinstance(grown, Finding):
        return grown
    if grown.edge.root() != checkpoint.root:
        flaw = LogFlaw.FORKED if before else LogFlaw.WRONG_ROOT
        return Finding(flaw=flaw, where=f"the root at {checkpoint.size} entries")
    wrong = await _wrong_tile(source, grown.edge.partial_tiles())
    return wrong or replace(grown, note=raw)


async def _take_entries(
    source: LogSource, seen: Followed, checkpoint: Checkpoint, declared: DeclaredEpoch | None
) -> Followed | Finding:
    """Fetch bundle after bundle, each checked with the tiles that it completes."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("entries", total=checkpoint.size, completed=seen.edge.size)
        while seen.edge.size < checkpoint.size:
            number, known = divmod(seen.edge.size, WIDTH)
            width = width_of(0, number, checkpoint.size)
            entries = await source.entries(number, width)
            if len(entries) != width:
                return Finding(flaw=LogFlaw.UNREADABLE, where=f"bundle {number} of entries")
            held = seen.edge.levels[0] if known else ()
            if tuple(map(leaf_hash, entries[:known])) != held:
                return Finding(flaw=LogFlaw.FORKED, where=f"bundle {number}: entries seen before")
            taken = follow(seen, entries[known:], declared)
            if isinstance(taken, Finding):
                return taken
            seen, full = taken
            wrong = await _wrong_tile(source, full)
            if wrong is not None:
                return wrong
            bar.update(task, completed=seen.edge.size)
    return seen


async def _wrong_tile(
    source: LogSource, tiles: Iterable[tuple[TilePath, tuple[bytes, ...]]]
) -> Finding | None:
    """The first tile that is served otherwise than the entries give it."""
    for tile, hashes in tiles:
        if tuple(await source.hashes(tile)) != hashes:
            return Finding(flaw=LogFlaw.WRONG_TILE, where=f"level {tile.level}, tile {tile.number}")
    return None
