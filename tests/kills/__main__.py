"""Cut every money flow before and after each of its statements, each cut on a copy of its own.

python -m tests.kills [--only WORDS]
"""

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from pathlib import Path

from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from tests.conftest import TEMPLATE
from tests.kills.driver import Report, drive
from tests.kills.flow import Flow
from tests.kills.flows import FLOWS


def main() -> None:
    """Print a line a flow, and exit 1 if one ended otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="flows whose name holds these words")
    asked = parser.parse_args()
    begun, reports = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            migrate(create_database(postgres, TEMPLATE))
            for flow in (one for one in FLOWS if asked.only in one.name):
                reports.append(_driven(postgres, flow))
                print(f"\r{_line(reports[-1])}", flush=True)
        finally:
            postgres.stop()
    cuts, wrong = sum(one.cuts for one in reports), [w for one in reports for w in one.wrong]
    taken_s = time.monotonic() - begun
    statements = sum(one.statements for one in reports)
    print(f"{len(reports)} flows, {statements:,} statements, {cuts:,} cuts in {taken_s:.0f} s, "
          f"{len(wrong)} ended otherwise")  # fmt: skip
    if wrong or not cuts:
        raise SystemExit(1)


def _driven(postgres: Embedded, flow: Flow) -> Report:
    """One flow; what breaks the drill itself is written down, and the next flow is cut all the
    same."""
    try:
        return asyncio.run(drive(postgres, flow, is_full=True, on_cut=_say))
    except Exception as error:
        traceback.print_exc()
        return Report(flow=flow.name, wrong=[f"the drill broke: {error!r}"])


def _say(report: Report) -> None:
    print(f"\r{report.flow}: {report.cuts} cuts", end="", file=sys.stderr, flush=True)


def _line(report: Report) -> str:
    said = f"{report.flow}: {report.statements} statements, {report.cuts} cuts"
    return "\n    ".join((said, *report.wrong))


if __name__ == "__main__":
    main()
