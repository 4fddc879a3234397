"""huiquan verify: check an exported day or one proof, with nothing but its files.  验证"""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from huiquan.cli.trouble import fail
from huiquan.cli.verdict_lines import console, print_keys, print_verdict
from huiquan.cli.verify import Folder, cores, run_verify, time_plain_hashing
from huiquan.cli.verifying_file import verify_file
from huiquan.domain.exports import BadExportError, PublishedKeys, parse_keys
from huiquan.domain.verdict_sentences import OF_DAY, Sentence, found_sentence, verdict_json
from huiquan.domain.verdicts import Verdict

_BEYOND = Sentence(zh="文件夹本身看不出", en="beyond any folder")


def verify(
    path: Annotated[
        Path, typer.Argument(help="the folder that export-draws wrote, or one person's proof file")
    ],
    keys: Annotated[
        Path | None, typer.Option(help="a keys.json you got from someone else than the folder")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the verdict for programs")] = False,
    timing: Annotated[
        bool, typer.Option(help="say how long it took, compared with plain SHA-256 (of a folder)")
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="how many processes (of a folder; default: one for each core)"),
    ] = None,
) -> None:
    """Check a day of the draw, or one proof, offline; names the first thing wrong and exits 1."""
    pinned = _pinned(keys)
    if path.is_file():
        source = str(path) if keys is None else str(keys)
        verify_file(path, pinned, source, as_json)
        return
    if not path.is_dir():
        fail(f"{path}: there is no such folder or file")
    count = processes or cores()
    began = time.perf_counter()
    verdict = _verify_with_a_bar(path, pinned, count)
    took_s = time.perf_counter() - began
    if as_json:
        console.print(json.dumps(verdict_json(verdict), ensure_ascii=False, indent=2), markup=False)
    else:
        _print_verdict(path, keys, verdict)
    if timing:
        _print_timing(path, took_s, count)
    if verdict.finding is not None:
        fail(f"{path}: {found_sentence(verdict.finding).en}")


def _pinned(keys: Path | None) -> PublishedKeys | None:
    """The keys of a file from another source, if one was given."""
    if keys is None:
        return None
    try:
        return parse_keys(keys.read_bytes())
    except BadExportError as error:
        fail(f"{keys}: {error}")


def _verify_with_a_bar(directory: Path, pinned: PublishedKeys | None, processes: int) -> Verdict:
    """Check the day while a bar on the error output shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("…", total=None)
        return run_verify(
            directory,
            pinned,
            processes=processes,
            begin=lambda name: progress.update(bar, description=name),
            told=lambda done, of: progress.update(bar, completed=done, total=of),
        )


def _print_verdict(directory: Path, keys: Path | None, verdict: Verdict) -> None:
    """The verdict on a folder, and the keys that it was held against."""
    print_verdict(verdict, OF_DAY, _BEYOND)
    if "files" in verdict.checked:
        source = "keys.json" if keys is None else str(keys)
        print_keys(parse_keys(Folder(directory)["keys.json"]), source)
    if verdict.is_right:
        console.print("ok")


def _print_timing(directory: Path, took_s: float, processes: int) -> None:
    """How long it took, and how often plain SHA-256 goes over the same bytes in that time."""
    plain_s = time_plain_hashing(directory)
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"{took_s:.1f} s in {processes} processes; SHA-256 of the same bytes in one process "
        f"{plain_s:.2f} s; ratio {took_s / plain_s:.0f}"
    )
