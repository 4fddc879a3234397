"""Entering the draw: judging everyone who came to one lane at once.  参与摇号

Pure: what the tables say comes in, receipts and refusals go out, and with them the entries that
have to be written. Whoever asks again with the same key gets a receipt of the same statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property
from typing import NamedTuple

import msgspec

from huiquan.domain.campaigns import Campaign, DrawDay
from huiquan.domain.consents import ConsentStanding
from huiquan.domain.days import SHANGHAI, day_number, day_of, slot_of
from huiquan.domain.eligibility import (
    EntryDecision,
    EntryFacts,
    EntryRules,
    MomentOfEntering,
    moment_of_entering,
)
from huiquan.domain.hashes import KeyedHash
from huiquan.domain.lottery import eligibility_commitment
from huiquan.domain.receipts import EntryReceipt, entry_receipts
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Place
from huiquan.domain.rounds import Entry, encode_entry
from huiquan.domain.rulebook_days import draw_day_for, open_span
from huiquan.domain.signing import Signer
from huiquan.domain.stock import Account, left_before, topups_of_lane

SALT_BYTES = 16
PROMISE_S = 60  # An entry's round stands in the public log this soon after it was accepted.


class Tap(NamedTuple):
    """What makes two taps of one person one tap, asked twice."""

    request_key: str
    pack: int
    client_nonce: bytes


class EntryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One tap on the button: who, for which pack, from where, under which key."""

    pid: bytes
    pack: int
    client_nonce: bytes
    request_key: str
    place: Place | Refusal

    @property
    def tap(self) -> Tap:
        """The tap itself, whoever made it wherever."""
        return Tap(self.request_key, self.pack, self.client_nonce)


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and what the house keeps beside it: the opened decision, and who asked."""

    entry: Entry
    salt: bytes
    decision: bytes
    cfg_hash: bytes
    city: str
    request_key: str
    entered_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables say about one registered person at the moment of entering."""

    city: str
    is_suspended: bool
    is_excluded: bool
    consents: ConsentStanding
    wins: int
    undrawn: int
    entered: EntryRow | None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What one batch is judged by: the moment, the rules in force, the stock, the standings."""

    campaign: Campaign
    lane: int
    now: datetime
    next_idx: int
    account: Account | None
    standings: Mapping[bytes, Standing]
    salts_key: bytes = field(repr=False)

    @cached_property
    def salts(self) -> KeyedHash:
        """What makes the salt of each decision, so that a repeat gets the same."""
        return KeyedHash(self.salts_key)

    @cached_property
    def entered_at(self) -> datetime:
        """The moment all entries of the batch bear, to the millisecond."""
        return self.now.replace(microsecond=self.now.microsecond // 1000 * 1000)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row for each new entry, and for each request its row or the reason why not."""

    accepted: tuple[EntryRow, ...]
    outcomes: tuple[EntryRow | Refusal, ...]


def draw_day_now(campaign: Campaign, now: datetime) -> DrawDay | None:
    """The draw an entry made now takes part in, or None when none is open."""
    day = draw_day_for(campaign.rulebook_at(now), now)
    return campaign.days.get(day_number(day)) if day else None


def awaits_release(campaign: Campaign, now: datetime) -> bool:
    """Whether a draw is open now whose money, as far as the campaign tells, is not there yet."""
    draw_day = draw_day_now(campaign, now)
    return draw_day is not None and not draw_day.is_released


def day_of_entry(campaign: Campaign, now: datetime) -> int:
    """The number of the day under which an entry made now would stand."""
    day = draw_day_for(campaign.rulebook_at(now), now)
    return day_number(day or day_of(now))


def judge_batch(desk: Desk, requests: Sequence[EntryRequest]) -> Judged:
    """Judge a batch in the order of arrival; the second request of a person sees the first."""
    draw_day = draw_day_now(desk.campaign, desk.now)
    packs = _packs_today(desk, draw_day) if draw_day else {}
    moment = moment_of_entering(_rules_now(desk), desk.now)
    accepted: dict[bytes, EntryRow] = {}
    outcomes: list[EntryRow | Refusal] = []
    for request in requests:
        standing = desk.standings.get(request.pid)
        earlier = accepted.get(request.pid) or (standing.entered if standing else None)
        if earlier is not None:
            outcomes.append(_repeat(request, earlier))
            continue
        decision = _decide(request, standing, draw_day is not None, packs, moment)
        if isinstance(decision, Refusal):
            outcomes.append(decision)
            continue
        assert draw_day is not None, "nobody is let in without a draw day"
        idx = desk.next_idx + len(accepted)
        accepted[request.pid] = _row(desk, draw_day, request, decision.evidence, idx)
        outcomes.append(accepted[request.pid])
    return Judged(accepted=tuple(accepted.values()), outcomes=tuple(outcomes))


def receipts_of(signer: Signer, judged: Judged) -> list[EntryReceipt | Refusal]:
    """The receipt or the refusal of each request of a batch, in order.

    The new entries share one signature. An entry that stood before is signed alone, so that its
    receipt is the same to the bit however often it is asked for.
    """
    made = {
        row.entry.pid: receipt
        for row, receipt in zip(
            judged.accepted, entry_receipts(signer, _said(judged.accepted), PROMISE_S), strict=True
        )
    }
    answers: list[EntryReceipt | Refusal] = []
    for outcome in judged.outcomes:
        if isinstance(outcome, Refusal):
            answers.append(outcome)
        else:
            answers.append(made.get(outcome.entry.pid) or receipt_of(signer, outcome))
    return answers


def receipt_of(signer: Signer, row: EntryRow) -> EntryReceipt:
    """The receipt of an entry that stands: a batch of one, the same to the bit each time."""
    (receipt,) = entry_receipts(signer, _said([row]), PROMISE_S)
    return receipt


def _said(rows: Sequence[EntryRow]) -> list[tuple[bytes, bytes, datetime]]:
    return [(row.cfg_hash, encode_entry(row.entry), row.entered_at) for row in rows]


def refusal_of_another(tap: Tap, first: Tap) -> Refusal | None:
    """Why a tap of somebody who entered today gets no receipt; None when it is the first again.

    ALREADY_ENTERED with a second key, REQUEST_KEY_REUSED with the same key for another pack or
    under another nonce. (R1.4)
    """
    if tap.request_key != first.request_key:
        return Refusal.ALREADY_ENTERED
    return None if tap == first else Refusal.REQUEST_KEY_REUSED


def _repeat(request: EntryRequest, earlier: EntryRow) -> EntryRow | Refusal:
    first = Tap(earlier.request_key, earlier.entry.pack, earlier.entry.client_nonce)
    return refusal_of_another(request.tap, first) or earlier


def _decide(
    request: EntryRequest,
    standing: Standing | None,
    is_drawn: bool,
    packs: Mapping[int, bool],
    moment: MomentOfEntering,
) -> EntryDecision | Refusal:
    if is_drawn and request.pack not in packs:
        return Refusal.UNKNOWN_PACK
    facts = EntryFacts(
        consents=standing.consents if standing else None,
        is_excluded=standing.is_excluded if standing else False,
        is_suspended=standing.is_suspended if standing else False,
        place=request.place,
        entered_today=False,
        wins=standing.wins if standing else 0,
        undrawn=standing.undrawn if standing else 0,
        stock_left=packs.get(request.pack, False),
    )
    return moment.decide(facts)


def _rules_now(desk: Desk) -> EntryRules:
    """The opening hours and limits of the version in force."""
    version = desk.campaign.version_at(desk.now)
    rulebook = version.rulebook
    span = open_span(rulebook, day_of(desk.now))
    opens = span.first.astimezone(SHANGHAI).time() if span else time.min
    closes = span.until.astimezone(SHANGHAI).time() if span else time.min
    ends_at_midnight = span is not None and closes == time.min
    return EntryRules(
        rulebook_version=version.version,
        starts_on=rulebook.starts_on,
        ends_on=rulebook.last_draw_on,
        opens=opens,
        closes=None if ends_at_midnight else closes,
        wins_limit=rulebook.limits.wins_per_campaign,
        needs_location=rulebook.location.at_draw,
    )


def _packs_today(desk: Desk, draw_day: DrawDay) -> dict[int, bool]:
    """The packs that are drawn today, and whether anything of them is left."""
    in_stock = _tiers_in_stock(desk, draw_day)
    return {
        pack: any(tier in in_stock for _, tier in table)
        for pack, table in draw_day.plan.tables.items()
    }


def _tiers_in_stock(desk: Desk, draw_day: DrawDay) -> frozenset[int]:
    """The tiers that this lane holds now or will still be given today.

    When none of a pack's tiers is among them, entering closes, so that nobody burns the chance.
    A day whose money was not released has no stock: nobody may enter what cannot be paid for.
    """
    if not draw_day.is_released:
        return frozenset()
    config, slot = draw_day.config, slot_of(desk.now)
    topups = topups_of_lane(draw_day.plan.topups, desk.lane)
    left = left_before(desk.account, draw_day.day, slot, topups, len(config.tiers))
    held = {tier for tier, units in enumerate(left, start=1) if units > 0}
    return frozenset(held | {topup.tier for topup in topups if topup.slot > slot})


def _row(
    desk: Desk, draw_day: DrawDay, request: EntryRequest, evidence: bytes, idx: int
) -> EntryRow:
    naming = f"{desk.campaign.code}\0{draw_day.day}\0{request.request_key}\0".encode()
    salt = desk.salts.of(naming + request.pid)[:SALT_BYTES]
    return EntryRow(
        entry=Entry(
            lane=desk.lane,
            day=draw_day.day,
            idx=idx,
            pack=request.pack,
            pid=request.pid,
            client_nonce=request.client_nonce,
            elig=eligibility_commitment(salt, evidence),
        ),
        salt=salt,
        decision=evidence,
        cfg_hash=draw_day.cfg_hash,
        city=desk.standings[request.pid].city,
        request_key=request.request_key,
        entered_at=desk.entered_at,
    )
