"""Play every seeded bug and print which guards found it.

    python -m tests.bugs [--only WORDS] [--page]

--page writes docs/operating/seeded-bugs.md anew and plays nothing.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from huiquan.db.embedded import create_database, start_embedded
from huiquan.db.migrate import migrate
from tests.bugs.planted import BUGS, DRILLS, is_caught, page, played
from tests.conftest import TEMPLATE
from tests.tidy.source import ROOT


def main() -> None:
    """Print the table, and exit 1 if a bug was missed or an honest drill found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="bugs or drills whose name holds these words")
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    if asked.page:
        (ROOT / "docs/operating/seeded-bugs.md").write_text(page())
        return
    console, table = Console(highlight=False), Table("bug", "drill", "caught by", "also found by")
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            migrate(create_database(postgres, TEMPLATE))
            honest = [one for one in DRILLS if asked.only in one.__name__]
            for drill in track(honest, "honest drills", console=Console(stderr=True)):
                if found := asyncio.run(played(postgres, drill)):
                    missed.append(f"{drill.__name__} without a bug: {sorted(found)}")
            bugs = [one for one in BUGS if asked.only in one.name]
            for bug in track(bugs, "bugs", console=Console(stderr=True)):
                found = asyncio.run(played(postgres, bug.drill, bug))
                first = {one for one in found if one.startswith(bug.caught_by)}
                if not is_caught(bug, found):
                    missed.append(f"{bug.name}: {sorted(found) or 'nothing found it'}")
                others = "\n".join(sorted(found - first))
                table.add_row(bug.name, bug.drill.__name__, "\n".join(sorted(first)), others)
        finally:
            postgres.stop()
    console.print(table)
    for line in missed:
        console.print(line, markup=False)
    console.print(
        f"{len(bugs)} bugs, {len(honest)} honest drills, {len(missed)} not as they should"
    )
    if missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
