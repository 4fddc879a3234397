"""A signer's home, opened: its key, its book, and the desk over them.  签发方目录"""

import argparse
from datetime import timedelta

from notary.book import Book
from notary.clock import Clock, file_clock, real_clock
from notary.configs import Register
from notary.desk import Desk
from notary.keys import load_key


def open_desk(arguments: argparse.Namespace) -> Desk:
    """The desk of this home, with everything it signed before."""
    key = load_key(arguments.home)
    book = Book(arguments.home / "book.sqlite")
    clock: Clock = real_clock(arguments.clock_offset_s)
    if arguments.clock_file is not None:
        clock = file_clock(arguments.clock_file)
    return Desk(
        role=arguments.role,
        key=key,
        book=book,
        register=Register(book.configs()),
        clock=clock,
        notice=timedelta(seconds=arguments.notice_s),
        ready=arguments.peer is None,
    )
