"""The simulated world from the command line.  模拟命令

python -m simulation season --people 5000 --days 3 --seed 1 [--json]
python -m simulation crowd --url … --sms-url … --stores FILE --people 200 --seed 1
python -m simulation stores --seed 1 --out FILE        demo stores for `huiquan store import`
python -m simulation people --seed 1 --out FILE        a few people a visitor may be
"""

import argparse
import asyncio
import csv
import signal
import sys
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console

from huiquan.gateways.maps import load_regions
from simulation.crowd import run_crowd
from simulation.people import Trouble, make_people
from simulation.season import play_season
from simulation.season_result import show
from simulation.stores import STORES, make_stores, write_stores

VISITORS = 20
CROWD = 200


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    season = commands.add_parser("season", help="play some draw days, then verify them")
    season.add_argument("--people", type=_positive, default=5000)
    season.add_argument("--days", type=_positive, default=3)
    season.add_argument("--json", action="store_true")
    stores = commands.add_parser("stores", help="write demo stores as a list to import")
    stores.add_argument("--count", type=_positive, default=STORES)
    stores.add_argument("--out", type=Path, required=True)
    people = commands.add_parser("people", help="write a few people whom a visitor may play")
    people.add_argument("--count", type=_positive, default=VISITORS)
    people.add_argument("--out", type=Path, required=True)
    crowd = commands.add_parser("crowd", help="let a small crowd live in a running house")
    crowd.add_argument("--url", required=True)
    crowd.add_argument("--sms-url", required=True)
    crowd.add_argument("--stores", type=Path, required=True)
    crowd.add_argument("--people", type=_positive, default=CROWD)
    for command in (season, stores, people, crowd):
        command.add_argument("--seed", type=int, default=1)
    return parser.parse_args(words)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def run() -> int:
    """Run one command; gives the exit status."""
    told = read_arguments()
    if told.command == "season":
        result = uvloop.run(play_season(told.people, told.days, told.seed))
        if told.json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(result)).decode() + "\n")
        else:
            show(result, Console(highlight=False))
        return 0 if result.is_well else 1
    if told.command == "stores":
        write_stores(told.out, make_stores(load_regions(), told.seed, told.count))
        return 0
    if told.command == "people":
        write_visitors(told.out, told.seed, told.count)
        return 0
    uvloop.run(_crowd(told))
    return 0


async def _crowd(told: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    house = (told.url, told.sms_url, told.stores, load_regions())
    await run_crowd(*house, people=told.people, seed=told.seed, stop=stop)


def write_visitors(path: Path, seed: int, count: int) -> None:
    """Write people without trouble, none of whom is in the crowd of the same seed."""
    people = make_people(load_regions(), f"{seed}/visitors", 2 * count)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "document", "phone"))
        for person in [one for one in people if one.trouble is Trouble.NONE][:count]:
            writer.writerow((person.name, person.document, person.phone))


if __name__ == "__main__":
    sys.exit(run())
