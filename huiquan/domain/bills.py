"""Bills: what an acquirer redeemed and refunded in a day, the same bytes whenever it is asked for.

收单日账单。 One CSV file for each Shanghai day, UTF-8, a line feed after each line, ordered by time
and number. Its SHA-256 is signed with the platform's key.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from huiquan.domain.days import SHANGHAI, day_number, moment

COLUMNS = (
    "kind",
    "payment_ref",
    "refund_ref",
    "store_id",
    "store",
    "order_fen",
    "discount_fen",
    "paid_fen",
    "at",
)
READY_AT = time(0, 15)
"""When a day's bill may be made on the next: every commit of the day before is there by then."""


@dataclass(frozen=True, kw_only=True)
class BillLine:
    """One line. Of a refund (refund_ref is given) the amounts are what came back: goods, the
    fund's part, the customer's part."""

    payment_ref: str
    refund_ref: str
    store_id: int
    store: str
    order_fen: int
    discount_fen: int
    paid_fen: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A day's bill of one acquirer."""

    acquirer: str
    day: date
    lines: int
    csv: bytes

    @property
    def sha256(self) -> bytes:
        """The hash of the file."""
        return hashlib.sha256(self.csv).digest()

    @property
    def text_to_sign(self) -> bytes:
        """What the platform signs: format, acquirer, day, number of lines, hash in hex."""
        head = ("huiquan-bill/1", self.acquirer, str(day_number(self.day)), str(self.lines))
        return "\n".join((*head, self.sha256.hex(), "")).encode()


def is_ready(day: date, now: datetime) -> bool:
    """True from 00:15 of the next day on."""
    return now >= moment(day + timedelta(days=1), READY_AT)


def make_bill(acquirer: str, day: date, lines: Sequence[BillLine]) -> Bill:
    """Write the bill; the order in which lines are handed in does not matter."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in sorted(lines, key=lambda one: (one.at, one.payment_ref, one.refund_ref)):
        kind = "refund" if line.refund_ref else "redeem"
        fields = [getattr(line, name) for name in COLUMNS[1:-1]]
        writer.writerow([kind, *fields, line.at.astimezone(SHANGHAI).isoformat()])
    return Bill(acquirer=acquirer, day=day, lines=len(lines), csv=out.getvalue().encode())
