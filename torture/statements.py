"""What a client of PostgreSQL asks for, read from the bytes that pass: tables it writes.  语句

A driver sends a statement's text once and later only its name, so the texts are remembered for each
connection. Nothing is changed on the way.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

# The first words on a connection have no letter before them; two of these ask for something before.
_BEFORE_THE_START = {80877103, 80877104}  # to be ciphered, in one of two ways
_LENGTH, _LETTER = 4, 1
_WRITES = re.compile(rb"(?i)\b(?:insert\s+into|update|delete\s+from)\s+([a-z_]+)")


@dataclass
class Statements:
    """One connection's statements, as far as they have passed."""

    _rest: bytes = b""
    _has_started: bool = False
    _texts: dict[bytes, bytes] = field(default_factory=dict)

    def tables_written(self, data: bytes) -> frozenset[str]:
        """The tables that are written by the statements of which the last byte is in `data`."""
        self._rest += data
        found: frozenset[str] = frozenset()
        while (message := self._next()) is not None:
            found |= _tables(self._text(*message))
        return found

    def _next(self) -> tuple[bytes, bytes] | None:
        """The next whole message: its letter and what it says."""
        head = _LETTER if self._has_started else 0
        if len(self._rest) < head + _LENGTH:
            return None
        ends = head + int.from_bytes(self._rest[head : head + _LENGTH])
        if len(self._rest) < ends:
            return None
        letter, said = self._rest[:head], self._rest[head + _LENGTH : ends]
        self._rest = self._rest[ends:]
        if not self._has_started:
            self._has_started = int.from_bytes(said[:_LENGTH]) not in _BEFORE_THE_START
        return letter, said

    def _text(self, letter: bytes, said: bytes) -> bytes:
        """The statement that a message has carried out, if it has one carried out."""
        match letter:
            case b"Q":
                return said
            case b"P":
                name, text, _ = said.split(b"\0", 2)
                self._texts[name] = text
            case b"B":
                return self._texts.get(said.split(b"\0", 2)[1], b"")
        return b""


@lru_cache(maxsize=1024)
def _tables(text: bytes) -> frozenset[str]:
    return frozenset(one.decode().lower() for one in _WRITES.findall(text))
