"""The tamper drill: many random edits, each found and fitly named, and no false alarm.  篡改演练

    python -m tests.drills.tampering --edits 1000 --days 200 --seed 1

An edit is put into a folder and given to what `huiquan verify --keys` runs. Somebody without keys
edits (nobody signs), or a dishonest platform, or all three parties together.
"""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from huiquan.cli.verify import run_verify
from huiquan.domain.verdicts import Finding, Wrong
from tests.domain.draw_days import published_keys
from tests.drills.drafts import ALL, PLATFORM, Case, Draft, Files
from tests.drills.edits import DRAW_EDITS, Edit
from tests.drills.honest_days import Shape, honest_day, random_shape, write_day
from tests.drills.paper_edits import PAPER_EDITS

EDITS: dict[Edit, tuple[Wrong, ...]] = {**DRAW_EDITS, **PAPER_EDITS}
RAW = (Wrong.FILE_CHANGED, Wrong.UNREADABLE, Wrong.BAD_SIGNATURE, Wrong.MISSING_FILE,
       Wrong.UNKNOWN_FILE)  # fmt: skip
BASES = 12


@dataclass(frozen=True, kw_only=True)
class Tampered:
    """An edited folder: what was done, who signed it, and what may fitly be said of it."""

    name: str
    files: Files
    fitting: tuple[Wrong, ...]


def cases(seed: int, count: int = BASES) -> list[Case]:
    """Honest days of different shapes to be edited."""
    shapes = [_lively(random_shape(seed * 1000 + number)) for number in range(count)]
    return [_case(shape) for shape in shapes]


def tampered(seed: int, days: list[Case]) -> Iterator[Tampered]:
    """Edited days without end, from a seed; every edit changes something."""
    dice = random.Random(seed)
    while True:
        case = dice.choice(days)
        if dice.random() < 0.25:
            made = edit_raw(case, dice)
        else:
            made = edit_signed(case, dice, dice.choice(list(EDITS)), dice.choice((PLATFORM, ALL)))
        if made is not None and made.files != case.files:
            yield made


def edit_raw(case: Case, dice: random.Random) -> Tampered:
    """Somebody without any key changes, cuts, takes or adds a file."""
    path = dice.choice(sorted(case.files))
    raw, files = bytearray(case.files[path]), dict(case.files)
    kind = dice.choice(("flip", "cut", "grow", "take", "add"))
    if kind == "flip" and raw:
        bit = dice.randrange(8 * len(raw))
        raw[bit // 8] ^= 1 << bit % 8
    elif kind == "cut" and raw:
        del raw[dice.randrange(len(raw)) :]
    elif kind in ("flip", "cut", "grow"):
        raw += dice.randbytes(dice.randint(1, 90))
    files[path] = bytes(raw)
    if kind == "take":
        del files[path]
    if kind == "add":
        files[dice.choice(("entries/99.bin", "note.txt"))] = dice.randbytes(80)
    return Tampered(name=f"{kind} {path.split('/')[0]}", files=files, fitting=RAW)


def edit_signed(
    case: Case, dice: random.Random, edit: Edit, signers: tuple[str, ...]
) -> Tampered | None:
    """An edit with new marks, signed again by the platform alone or by all three."""
    draft = Draft(case=case, dice=dice)
    try:
        edit(draft)
    except StopIteration:
        return None
    changed = draft.fields, draft.files
    if changed == (Draft(case=case, dice=dice).fields, Draft(case=case, dice=dice).files):
        return None
    fitting = EDITS[edit]
    if signers == PLATFORM:
        # A declaration is asked for before any signature (docs/lottery.md, §12).
        first = tuple(one for one in EDITS[edit] if one is Wrong.EPOCH_UNDECLARED)
        fitting = (Wrong.BAD_SIGNATURE, Wrong.KEYS_DIFFER, Wrong.UNREADABLE, *first)
    who = "the platform signs" if signers == PLATFORM else "all sign"
    return Tampered(
        name=f"{edit.__name__} ({who})", files=draft.signed_by(signers), fitting=fitting
    )


def found_in(files: Files) -> Finding | None:
    """What `huiquan verify --keys` finds in a folder with these files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_day(files, folder)
        return run_verify(folder, published_keys(), processes=1).finding


def is_fit(one: Tampered, finding: Finding | None) -> bool:
    """True if the edit was found and what is said of it fits."""
    return finding is not None and finding.wrong in one.fitting


def _lively(shape: Shape) -> Shape:
    """The same shape with enough people and wins for every edit, and rounds that go fast."""
    return replace(
        shape,
        people=max(60, min(shape.people, 240)),
        per_round=max(7, shape.per_round),
        units=max(1, shape.units),
        chance=max(shape.chance, random_shape(0).chance),
        loses_key=None,  # whoever signs an edit again has the keys of one epoch alone
    )


def _case(shape: Shape) -> Case:
    """A day with two others beside it."""
    day, files = honest_day(shape)
    other = "2025-09-huigou" if shape.campaign != "2025-09-huigou" else "2025-11-shike"
    return Case(
        day=day,
        files=files,
        other_day=honest_day(replace(shape, seed=shape.seed + 500))[1],
        other_campaign=honest_day(replace(shape, campaign=other))[1],
    )


def main() -> None:
    """Run the drill, print what was found, and exit 1 if anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    console = Console(highlight=False)
    missed: list[str] = []
    named: Counter[str] = Counter()
    made = tampered(arguments.seed, cases(arguments.seed))
    for number in track(range(arguments.edits), "edits", console=Console(stderr=True)):
        one = next(made)
        finding = found_in(one.files)
        named["nothing" if finding is None else finding.wrong.value] += 1
        if not is_fit(one, finding):
            missed.append(f"edit {number}: {one.name}: {finding}")
    alarms: list[str] = []
    for number in track(range(arguments.days), "honest days", console=Console(stderr=True)):
        shape = random_shape(arguments.seed * 10_000 + number)
        finding = found_in(honest_day(shape)[1])
        if finding is not None:
            alarms.append(f"{shape}: {finding}")
    _report(console, arguments, named, missed, alarms)
    if missed or alarms:
        raise SystemExit(1)


def _report(
    console: Console,
    arguments: argparse.Namespace,
    named: Counter[str],
    missed: list[str],
    alarms: list[str],
) -> None:
    """What the drill came to."""
    table = Table("named first", "edits")
    for wrong, count in named.most_common():
        table.add_row(wrong, str(count))
    console.print(table)
    for line in (*missed, *alarms):
        console.print(line, markup=False)
    fit = arguments.edits - len(missed)
    console.print(f"{fit} of {arguments.edits} edits found and fitly named; "
                  f"{len(alarms)} false alarms on {arguments.days} honest days")  # fmt: skip


if __name__ == "__main__":
    main()
