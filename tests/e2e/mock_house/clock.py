"""The mock house's clock: it began on a Friday morning of the campaign, and runs.  时钟"""

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
BEGAN = datetime(2026, 2, 6, 10, 42, 17, tzinfo=SHANGHAI)
_AHEAD = BEGAN - datetime.now(SHANGHAI)


def now() -> datetime:
    """This moment in the mock house."""
    return datetime.now(SHANGHAI) + _AHEAD


def text(at: datetime) -> str:
    """A moment as the doors write it."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def day_of(at: datetime) -> int:
    """A campaign day as YYYYMMDD."""
    return int(at.astimezone(SHANGHAI).strftime("%Y%m%d"))


def midnight_after(at: datetime, days: int) -> datetime:
    """The start of the day that many days later."""
    start = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(days=days)
