"""What was asked and what was told, kept outside the database and outside the house.  库外账本

Every line goes to a file in the order in which it happened, before the question leaves and after
the answer came; the file is synced to the disk several times a second. A thing that was asked for
and never told is unknown: it may be there once, or not at all.
"""

import json
import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
SYNC_S = 0.2


@dataclass
class History:
    """Things by kind and key, and every rule that was seen broken on the way.

    Without a path it is kept in memory alone: for a history that is read again, or made up.
    """

    path: Path | None = None
    asked: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, dict[str, Json]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    gave_up: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._file = self.path.open("a", encoding="utf-8") if self.path else None
        self._ended = threading.Event()
        self._syncing = threading.Thread(target=self._keep_synced, daemon=True)
        self._syncing.start()

    def ask(self, kind: str, key: str) -> None:
        """Somebody is about to ask for this."""
        self.asked.setdefault(kind, set()).add(key)
        self._write("asked", kind, key, {})

    def acknowledge(self, kind: str, key: str, answer: Mapping[str, Any]) -> None:
        """The house said yes. Said twice, it has to be the same."""
        known = self.told.setdefault(kind, {})
        if key in known and known[key] != answer:
            self.break_rule(f"{kind} {key}: {known[key]} became {dict(answer)}")
            return
        known[key] = dict(answer)
        self._write("told", kind, key, answer)

    def break_rule(self, what: str) -> None:
        """The house answered as it never should."""
        self.broken.append(what)
        self._write("broken", what, "", {})

    def give_up(self, why: str) -> None:
        """Somebody was not served and went home; nothing is promised to them."""
        self.gave_up[why] += 1
        self._write("gave up", why, "", {})

    def of(self, kind: str) -> dict[str, Json]:
        """Everything of a kind that was acknowledged."""
        return self.told.get(kind, {})

    def asked_of(self, kind: str) -> set[str]:
        """Everything of a kind that was asked for."""
        return self.asked.get(kind, set())

    def counts(self) -> dict[str, int]:
        """How much of each kind was acknowledged."""
        return {kind: len(things) for kind, things in sorted(self.told.items())}

    def close(self) -> None:
        """Write the last lines to the disk."""
        self._ended.set()
        self._syncing.join()
        if self._file is not None:
            self._file.close()

    def _keep_synced(self) -> None:
        while self._file is not None:
            is_last = self._ended.wait(SYNC_S)
            os.fdatasync(self._file.fileno())
            if is_last:
                return

    def _write(self, word: str, kind: str, key: str, answer: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        line = json.dumps([word, kind, key, dict(answer)], ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()


def read_history(path: Path) -> History:
    """Read a history again, as far as it was written: for whoever reckons later."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = History()
    for word, kind, key, answer in lines:
        match word:
            case "asked":
                found.asked.setdefault(kind, set()).add(key)
            case "told":
                found.told.setdefault(kind, {})[key] = answer
            case "broken":
                found.broken.append(kind)
            case _:
                found.gave_up[kind] += 1
    return found
