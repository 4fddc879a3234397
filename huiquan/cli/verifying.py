"""huiquan verify: check an exported day, with nothing but its folder.  验证"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.cli.trouble import fail
from huiquan.cli.verify import run_verify
from huiquan.cli.verifying_file import verify_file
from huiquan.domain.exports import BadExportError

console = Console(highlight=False)


def verify(
    directory: Annotated[Path, typer.Argument(help="the folder that export-draws wrote")],
    keys: Annotated[
        Path | None, typer.Option(help="a keys.json you got from someone else than the folder")
    ] = None,
) -> None:
    """Check a day of the draw offline; names the first thing that is wrong and exits 1."""
    if directory.is_file():
        verify_file(directory)
        return
    if not directory.is_dir():
        fail(f"{directory}: there is no such folder")
    try:
        with Console(stderr=True).status("checking every round again …"):
            verdict = run_verify(directory, keys)
    except BadExportError as error:
        fail(f"{keys}: {error}")
    for line in verdict.checked:
        console.print(f"  ✓ {line}", markup=False)
    for line in verdict.unchecked:
        console.print(f"  – not checked: {line}", markup=False)
    if verdict.finding is not None:
        wrong = verdict.finding.wrong
        console.print(f"  ✗ {wrong.zh}：{verdict.finding.where}", markup=False)
        fail(f"{directory}: {wrong.en} ({wrong.value}): {verdict.finding.where}")
    console.print("ok")
