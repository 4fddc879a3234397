"""The one-time code that shows that whoever asks can also read the console.  一次性口令

The code is printed where the signer was started and nowhere else. It serves once, within five
minutes, and survives five wrong tries.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

GOOD_S = 300.0
TRIES = 5
DIGITS = 8


def _print(text: str) -> None:
    print(text, flush=True)


def _draw() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


@dataclass
class Passcode:
    """The code that is good now, if there is one."""

    show: Callable[[str], None] = _print
    draw: Callable[[], str] = _draw
    monotonic: Callable[[], float] = time.monotonic
    _code: str = field(default="", repr=False)
    _until: float = 0.0
    _tries_left: int = 0

    def ask(self) -> None:
        """Print a code at the console; one that is still good is printed again."""
        if not self._is_good():
            self._code, self._tries_left = self.draw(), TRIES
            self._until = self.monotonic() + GOOD_S
        half = DIGITS // 2
        spoken = f"{self._code[:half]} {self._code[half:]}"
        self.show(f"停签/恢复口令 · code for stop or resume: {spoken}  (5 分钟内有效 · 5 minutes)")

    def is_right(self, given: str) -> bool:
        """True if this is the code; it is used up with that. A wrong one costs a try."""
        if not self._is_good():
            return False
        digits = "".join(each for each in given if each.isdigit())
        if hmac.compare_digest(digits.encode(), self._code.encode()):
            self._tries_left = 0
            return True
        self._tries_left -= 1
        return False

    def _is_good(self) -> bool:
        return self._tries_left > 0 and self.monotonic() < self._until
