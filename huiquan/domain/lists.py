"""Lists: sign-ups that are drawn at once, published for objections, and only then issued.  名单摇号

    signing up --sealed--> sealed --notary and auditor draw--> published --objections end--> issued
                                                                 (公示)

Nothing is drawn twice: an objection that is upheld ends that one win, and its money goes back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from huiquan.domain import ledger
from huiquan.domain.days import day_from_number, day_of, ends_at
from huiquan.domain.ledger import Transfer
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import RoundDays, at_clock, rounds_of
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.vouchers import Issued, State, Voucher

LANE = 0
"""Everyone on a list stands in one lane, so that there is one list and one round."""


class Verdict(StrEnum):
    """What two people decided about an objection."""

    UPHELD = "upheld"  # 异议成立，中签作废
    DISMISSED = "dismissed"  # 异议不成立


@dataclass(frozen=True, kw_only=True)
class PublishedList:
    """A drawn list: published since, open for objections until, and issued at."""

    day: int
    published_at: datetime
    objections_until: datetime
    issued_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One objection to one win; the first decision waits for a second person's."""

    objection_id: int
    day: int
    idx: int
    verdict: Verdict | None
    reason: str | None
    first_by: str | None
    second_by: str | None

    @property
    def is_open(self) -> bool:
        """True until two people have decided."""
        return self.second_by is None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An objection as it stands after one person's decision."""

    objection: Objection
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class Voided:
    """A win that ended by an objection: its voucher, over as it is issued, and its money's way."""

    voucher: Voucher
    transfers: tuple[Transfer, Transfer]


def round_on(rulebook: Rulebook, day: int) -> RoundDays | None:
    """The round that is drawn on this day, or None."""
    draw_day = day_from_number(day)
    return next((turn for turn in rounds_of(rulebook) if turn.draw_day == draw_day), None)


def decide_sealing(rulebook: Rulebook, day: int, waiting: int, now: datetime) -> Refusal | None:
    """Say why a list cannot be sealed now, if it cannot.

    Refuses NO_DRAW_THAT_DAY, LIST_STILL_OPEN until sign-up has ended and the draw day's stock is
    out, LIST_EMPTY, LIST_TOO_LONG.
    """
    turn = round_on(rulebook, day)
    if turn is None:
        return Refusal.NO_DRAW_THAT_DAY
    if now < at_clock(turn.draw_day, rulebook.opens_at):
        return Refusal.LIST_STILL_OPEN
    if waiting == 0:
        return Refusal.LIST_EMPTY
    return Refusal.LIST_TOO_LONG if waiting > rulebook.round_max else None


def objections_until(rulebook: Rulebook, day: int, published_at: datetime) -> datetime:
    """Until when anyone may object: the end of the rulebook's last day of publicity.

    If the list was drawn late, people have as many whole days after its publication.
    """
    turn = round_on(rulebook, day)
    assert turn is not None, "a list is that of a round"
    late = day_of(published_at) + timedelta(days=len(turn.publicity))
    return ends_at(max(*turn.publicity, turn.draw_day, late))


def decide_filing(published: PublishedList | None, kept: bool, now: datetime) -> Refusal | None:
    """Say whether an objection to a win may still be taken up.

    Refuses LIST_NOT_PUBLISHED, OBJECTIONS_CLOSED, and UNKNOWN_WIN for an entry that did not win.
    """
    if published is None:
        return Refusal.LIST_NOT_PUBLISHED
    if now >= published.objections_until:
        return Refusal.OBJECTIONS_CLOSED
    return None if kept else Refusal.UNKNOWN_WIN


def decide_objection(
    objection: Objection, verdict: Verdict, reason: str, by: str
) -> Decided | Refusal:
    """Take up one person's decision; the second person's makes it final.

    Refuses OBJECTION_DECIDED when it was final already, SAME_PERSON when the first person comes
    again, DECISIONS_DIFFER when the second says something else: then the two must talk.
    """
    if not objection.is_open:
        return Refusal.OBJECTION_DECIDED
    if objection.first_by is None:
        first = replace(objection, verdict=verdict, reason=reason, first_by=by)
        return Decided(objection=first, is_final=False)
    if objection.first_by == by:
        return Refusal.SAME_PERSON
    if objection.verdict is not verdict:
        return Refusal.DECISIONS_DIFFER
    return Decided(objection=replace(objection, second_by=by), is_final=True)


def decide_issuing(
    published: PublishedList | None, open_objections: int, now: datetime
) -> Refusal | None:
    """Say why a list cannot be issued now, if it cannot.

    Refuses LIST_NOT_PUBLISHED, OBJECTIONS_RUNNING until the days of publicity are over, and
    OBJECTIONS_OPEN while one waits for its two decisions.
    """
    if published is None:
        return Refusal.LIST_NOT_PUBLISHED
    if now < published.objections_until:
        return Refusal.OBJECTIONS_RUNNING
    return Refusal.OBJECTIONS_OPEN if open_objections else None


def void(issued: Issued, published_at: datetime) -> Voided:
    """End a win that an objection took away: its money is set aside and sent back in one commit.

    The voucher stands in the books as one that was good on paper while the list was published
    and ended the moment it was issued. So every win has its voucher and its money a named way.
    """
    voucher = issued.voucher
    ended = replace(
        voucher,
        state=State.EXPIRED,
        valid_from=published_at,
        valid_until=voucher.issued_at,
    )
    back = ledger.expire(
        lane=voucher.lane, idx=voucher.idx, amount_fen=voucher.face_fen, ref=voucher.serial
    )
    return Voided(voucher=ended, transfers=(issued.transfer, back))
