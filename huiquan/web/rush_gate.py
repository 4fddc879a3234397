"""The gate of the rush: who comes when there is no room hears it before anything is made for them.

A connection of the hall costs a hundred microseconds until its request is read and refused, and in
a rush ten come for one who can be answered in time: refusing them takes the time of those who could
be let in. So whoever comes while the lanes are full, and wants to enter, does not come into the
hall: they are told BUSY when others who are to come again are told so, and that is all. But for
the first of each turn, whom the event loop takes in by itself.  闸门

    at the port --room, or something else is wanted--> the hall
                --no room, the first line asks to enter--> held --a second or more--> busy, closed
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from huiquan.domain.refusals import Refusal
from huiquan.web.rush_answers import Answer, as_http
from huiquan.web.rush_door import LINE
from huiquan.web.rush_hall import CONNECTIONS_MAX
from huiquan.web.rush_refusals import RushRefusals

_ENTERING = LINE + b" "
# More than an honest tap: what is left unread when a line is closed takes the answer with it.
_READ_BYTES = 32 * 1024


class Gate:
    """The gate of one web process. `has_room` counts a newcomer and says whether they may enter."""

    def __init__(self, has_room: Callable[[], bool], refusals: RushRefusals) -> None:
        self._has_room = has_room
        self._refusals = refusals
        self._lines = 0

    def turns_away(self, line: socket.socket) -> bool:
        """Whether this newcomer is none of the hall's; if so their line is the gate's."""
        line.setblocking(False)
        try:
            first = line.recv(len(_ENTERING), socket.MSG_PEEK)
        except OSError:  # nothing has come yet, or they are gone: the hall will see
            return False
        if first != _ENTERING or self._has_room() or self._lines >= CONNECTIONS_MAX:
            return False
        self._lines += 1
        self._refusals.say(Refusal.BUSY, partial(self._tell, line))
        return True

    def _tell(self, line: socket.socket, answer: Answer) -> None:
        self._lines -= 1
        with line, suppress(OSError):  # who has left, or does not listen, is told nothing
            line.recv(_READ_BYTES)
            line.send(as_http(answer, (), is_last=True))
