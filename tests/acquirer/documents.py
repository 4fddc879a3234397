"""The tables of docs/api.md as they follow from the data. `python -m tests.acquirer.documents`."""

from pathlib import Path

from huiquan.domain.acquirer_errors import ADVICE
from huiquan.domain.sandbox import CASES

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def error_table() -> str:
    """Every error: code, status, how to go on, advice."""
    head = "| code | status | retry | after | 处理 | what to do |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| `{one.code.value}` | {one.code.status} | {one.retry.value} | "
        f"{f'{one.after_s} s' if one.after_s else ''} | {one.zh} | {one.en} |"
        for one in ADVICE
    )


def sandbox_table() -> str:
    """Every code of the sandbox and what it does."""
    head = "| code | what it does |\n|---|---|\n"
    return head + "\n".join(
        f"| `{one.code}` | "
        + (
            f"`{one.flaw.value}`"
            if one.flaw
            else f"locks a voucher of tier {one.tier}"
            + (", and the lock lapses after five seconds" if one.is_short else "")
        )
        + " |"
        for one in CASES
    )


def main() -> None:
    """Write both tables into the page, where their marks or their old rows stand."""
    text = PAGE.read_text()
    for mark, head, table in (
        ("SANDBOX", "| code | what it does |", sandbox_table()),
        ("ERRORS", "| code | status | retry |", error_table()),
    ):
        if f"\n{mark}\n" in text:
            text = text.replace(f"\n{mark}\n", f"\n{table}\n")
            continue
        before, _, after = text.partition(head)
        rest = after.partition("\n\n")[2]
        text = f"{before}{table}\n\n{rest}"
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
