"""Rulebook faults: one thing that is wrong with a rulebook, at one place.  规则差错"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huiquan.domain.rulebook_lines import Path


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, the path of the value to look at, the reason in both languages."""

    path: Path
    reason_zh: str
    reason_en: str


def fault(path: Path, zh: str, en: str) -> Fault:
    """A fault at a path, said in Chinese and in English."""
    return Fault(path=path, reason_zh=zh, reason_en=en)


def misnumbered(table: Path, numbers: Sequence[int]) -> Iterator[Fault]:
    """Numbers count from 1 without a gap and in order, because the draw's tables count so."""
    if not numbers:
        yield fault(
            table,
            f"至少需要一个 {table[-1]}",
            f"at least one of {table[-1]} is needed",
        )
    for position, number in enumerate(numbers):
        if number in numbers[:position]:
            yield fault(
                (*table, position, "number"),
                f"编号 {number} 重复",
                f"the number {number} stands twice",
            )
        elif number != position + 1:
            yield fault(
                (*table, position, "number"),
                f"编号应从 1 起连续，此处应为 {position + 1}",
                f"numbers count from 1 without a gap; this one has to be {position + 1}",
            )
