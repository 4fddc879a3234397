"""What people were told, kept outside the database: asked for, and acknowledged.  库外账本"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass
class History:
    """Things by kind and key. A thing that was asked for and never acknowledged is unknown.

    Every line is also written to a file, in the order in which it happened, for whoever has to
    find out what went wrong.
    """

    path: Path
    asked: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, dict[str, Json]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    gave_up: Counter[str] = field(default_factory=Counter)

    def ask(self, kind: str, key: str) -> None:
        """Somebody is about to ask for this."""
        self.asked.setdefault(kind, set()).add(key)
        self._write("asked", kind, key, {})

    def acknowledge(self, kind: str, key: str, answer: Mapping[str, Any]) -> None:
        """The house said yes. Said twice, it has to be the same."""
        known = self.told.setdefault(kind, {})
        if key in known and known[key] != answer:
            self.broken.append(f"{kind} {key}: {known[key]} became {answer}")
        known[key] = dict(answer)
        self._write("told", kind, key, answer)

    def break_rule(self, what: str) -> None:
        """The house answered as it never should."""
        self.broken.append(what)
        self._write("broken", what, "", {})

    def of(self, kind: str) -> dict[str, Json]:
        """Everything of a kind that was acknowledged."""
        return self.told.get(kind, {})

    def counts(self) -> dict[str, int]:
        """How much of each kind was acknowledged."""
        return {kind: len(things) for kind, things in sorted(self.told.items())}

    def _write(self, word: str, kind: str, key: str, answer: Mapping[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([word, kind, key, dict(answer)], ensure_ascii=False) + "\n")
