"""What a person does at the signer's machine, besides starting it.  现场命令

    python -m notary stop | resume   --home DIR --name NAME --reason WHY
    python -m notary status          --role ROLE --home DIR > status.json
    python -m notary config FOLDER   --role ROLE --home DIR
    python -m notary draw FOLDER     --role ROLE --home DIR [--peer-status FILE --peer-key HEX]
                                     [--place WHERE] [--present NAME]...
    python -m notary ceremony        --role ROLE --home DIR --out DIR [--rehearsal]
    python -m notary declare FOLDER  --role ROLE --home DIR
    python -m notary restore HALF HALF --home DIR

Whoever may read the home's files may do this: the right to the machine is the right to the desk.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from notary import ceremony, declare, listdraw
from notary.backup import BadHalfError, restore_key
from notary.book import Book
from notary.clock import file_clock, real_clock
from notary.declare import NotDeclaredError
from notary.home import open_desk
from notary.keys import SEED_FILE, UnsafeKeyError
from notary.listdraw import NotDrawnError
from notary.listrecord import Hall
from notary.status import status_of
from notary.stops import BadStopError, stop_or_resume


def _stop(arguments: argparse.Namespace) -> None:
    """Stop or resume a signer, running or not."""
    book = Book(arguments.home / "book.sqlite")
    clock = real_clock() if arguments.clock_file is None else file_clock(arguments.clock_file)
    stop_or_resume(book, arguments.command, arguments.name, arguments.reason, clock())
    book.close()
    print("已记入签发账本 · written into the book")


def _status(arguments: argparse.Namespace) -> None:
    """Print the signed status, for the other signer's ceremony."""
    print(json.dumps(status_of(open_desk(arguments)), ensure_ascii=False))


def _config(arguments: argparse.Namespace) -> None:
    """Take up a published config from a folder, 12 hours before it acts."""
    listdraw.take_published(open_desk(arguments), arguments.folder)
    print("配置已接受 · the config is accepted")


def _restore(arguments: argparse.Namespace) -> None:
    """Put a key back from its two halves."""
    public = restore_key(arguments.home, *arguments.halves)
    print(f"密钥已恢复 · the key is back: {public}")
    print(
        "签名前须先补齐账本 · before it signs, its book must catch up (docs/operating/signers.md)"
    )


def _draw(arguments: argparse.Namespace) -> None:
    """Draw a sealed list."""
    desk = open_desk(arguments)
    if arguments.role == "notary":
        desk.ready = False
        if arguments.peer_status is None or arguments.peer_key is None:
            raise NotDrawnError(
                "公证处摇号须先核对审计方当日状态 · the notary needs --peer-status and --peer-key"
            )
        key = bytes.fromhex(arguments.peer_key)
        listdraw.compare_with_peer(desk, arguments.peer_status, key)
    hall = Hall(place=arguments.place, people=arguments.present)
    listdraw.draw(desk, arguments.folder, input, print, hall)


def _declare(arguments: argparse.Namespace) -> None:
    """Sign that a signer's key is lost, and which one follows."""
    declare.declare(open_desk(arguments), arguments.folder, input, print)


def _ceremony(arguments: argparse.Namespace) -> None:
    """Make a key, in front of people."""
    ceremony.hold(ceremony.plan_from(arguments), input, print)


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "stop": _stop,
    "resume": _stop,
    "status": _status,
    "config": _config,
    "draw": _draw,
    "declare": _declare,
    "ceremony": _ceremony,
    "restore": _restore,
}


MAKES_KEY = ("ceremony", "restore")
_TROUBLE = (
    NotDrawnError,
    BadStopError,
    BadHalfError,
    NotDeclaredError,
    UnsafeKeyError,
    ceremony.CeremonyError,
    OSError,
    ValueError,
)


def run(words: Sequence[str]) -> None:
    """Run one command; what is wrong is one line, and exit status 1."""
    arguments = _parser().parse_args(words)
    if arguments.command not in MAKES_KEY and not (arguments.home / SEED_FILE).exists():
        raise SystemExit(f"notary: {arguments.home}: 这里没有密钥 · there is no key here")
    try:
        COMMANDS[arguments.command](arguments)
    except (EOFError, KeyboardInterrupt):
        print(
            "\nnotary: 已中断，再次运行即继续 · broken off; run it again to go on", file=sys.stderr
        )
        raise SystemExit(1) from None
    except _TROUBLE as error:
        print(f"notary: {error}", file=sys.stderr)
        raise SystemExit(1) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="notary", description=__doc__)
    several = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        one = several.add_parser(name)
        one.add_argument("--home", type=Path, required=True)
        one.add_argument("--clock-file", type=Path)
        one.set_defaults(notice_s=12 * 3600, peer=None, clock_offset_s=0)
        if name in ("stop", "resume"):
            one.add_argument("--name", required=True)
            one.add_argument("--reason", required=True)
            continue
        if name == "restore":
            one.add_argument("halves", type=Path, nargs=2)
            continue
        one.add_argument("--role", choices=("notary", "auditor"), required=True)
        if name in ("draw", "config", "declare"):
            one.add_argument("folder", type=Path)
        if name == "draw":
            one.add_argument("--peer-status", type=Path, help="the auditor's status of today")
            one.add_argument("--peer-key", help="the auditor's public key, in hex")
            one.add_argument("--place", default="", help="for the record")
            one.add_argument(
                "--present", action="append", default=[], help="a person there, for the record"
            )
        if name == "ceremony":
            ceremony.add_arguments(one)
    return parser
