"""huiquan verify: check an exported day, with nothing but its folder.  验证"""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from huiquan.cli.trouble import fail
from huiquan.cli.verify import Folder, cores, run_verify, time_plain_hashing
from huiquan.cli.verifying_file import verify_file
from huiquan.domain.exports import BadExportError, parse_keys
from huiquan.domain.verdict_sentences import (
    BEYOND,
    UNCHECKED,
    Sentence,
    checked_sentence,
    found_sentence,
    verdict_json,
)
from huiquan.domain.verdicts import Verdict

console = Console(highlight=False, soft_wrap=True)


def verify(
    directory: Annotated[Path, typer.Argument(help="the folder that export-draws wrote")],
    keys: Annotated[
        Path | None, typer.Option(help="a keys.json you got from someone else than the folder")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the verdict for programs")] = False,
    timing: Annotated[
        bool, typer.Option(help="say how long it took, compared with plain SHA-256")
    ] = False,
    processes: Annotated[
        int | None, typer.Option(min=1, help="how many processes (default: one for each core)")
    ] = None,
) -> None:
    """Check a day of the draw offline; names the first thing that is wrong and exits 1."""
    if directory.is_file():
        verify_file(directory)
        return
    if not directory.is_dir():
        fail(f"{directory}: there is no such folder")
    count = processes or cores()
    began = time.perf_counter()
    try:
        verdict = _verify_with_a_bar(directory, keys, count)
    except BadExportError as error:
        fail(f"{keys}: {error}")
    took_s = time.perf_counter() - began
    if as_json:
        console.print(json.dumps(verdict_json(verdict), ensure_ascii=False, indent=2), markup=False)
    else:
        _print_verdict(directory, keys, verdict)
    if timing:
        _print_timing(directory, took_s, count)
    if verdict.finding is not None:
        fail(f"{directory}: {found_sentence(verdict.finding).en}")


def _verify_with_a_bar(directory: Path, keys: Path | None, processes: int) -> Verdict:
    """Check the day while a bar on the error output shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("…", total=None)
        return run_verify(
            directory,
            keys,
            processes=processes,
            begin=lambda name: progress.update(bar, description=name),
            told=lambda done, of: progress.update(bar, completed=done, total=of),
        )


def _print_verdict(directory: Path, keys: Path | None, verdict: Verdict) -> None:
    """The verdict for people: Chinese first, English below it."""
    for name in verdict.checked:
        _print_both("✓", checked_sentence(verdict, name))
    if verdict.finding is not None:
        _print_both("✗", found_sentence(verdict.finding))
    for name in verdict.unchecked:
        _print_both("–", UNCHECKED[name], "未核对 not checked: ")
    for sentence in BEYOND:
        _print_both("–", sentence, "文件夹本身看不出 beyond any folder: ")
    if "files" in verdict.checked:
        _print_keys(directory, keys)
    if verdict.is_right:
        console.print("ok")


def _print_both(mark: str, sentence: Sentence, before: str = "") -> None:
    """One sentence in both languages."""
    console.print(f"  {mark} {before}{sentence.zh}\n    {sentence.en}", markup=False)


def _print_keys(directory: Path, keys: Path | None) -> None:
    """Whose signatures were checked: every key, and where it comes from."""
    source = "keys.json" if keys is None else str(keys)
    console.print(f"  公钥 keys ({source}):", markup=False)
    used = parse_keys(Folder(directory)["keys.json"])
    for zh, name in (("平台", "platform"), ("公证处", "notary"), ("审计方", "auditor")):
        console.print(f"    {zh} {name}: {getattr(used, name)}", markup=False)


def _print_timing(directory: Path, took_s: float, processes: int) -> None:
    """How long it took, and how often plain SHA-256 goes over the same bytes in that time."""
    plain_s = time_plain_hashing(directory)
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"{took_s:.1f} s in {processes} processes; SHA-256 of the same bytes in one process "
        f"{plain_s:.2f} s; ratio {took_s / plain_s:.0f}"
    )
