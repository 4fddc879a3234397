"""huiquan verify FILE: check one consumer's proof file.  验证摇号证明"""

from pathlib import Path

from rich.console import Console

from huiquan.cli.trouble import fail
from huiquan.domain.verification_proof import verify_proof

console = Console(highlight=False, soft_wrap=True)


def verify_file(path: Path) -> None:
    """Check a proof file and print the verdict; exits 1 when something is wrong."""
    verdict = verify_proof(path.read_bytes())
    for name in verdict.checked:
        console.print(f"  ✓ {name}", markup=False)
    for name in verdict.unchecked:
        console.print(f"  – not checked: {name}", markup=False)
    if verdict.finding is not None:
        wrong = verdict.finding.wrong
        console.print(f"  ✗ {wrong.zh}：{verdict.finding.where}", markup=False)
        fail(f"{path}: {wrong.en} ({wrong.value}): {verdict.finding.where}")
    console.print("ok")
