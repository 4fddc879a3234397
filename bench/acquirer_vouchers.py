"""Vouchers with live codes for a bench of the till: won and minted in bulk.  批量券

What a draw and a phone leave in the tables, written by the house's own functions, one lane at a
time: entries, vouchers, the money set aside, and a code each that is good for an hour. The rounds
process does not run beside it, so nobody draws these entries.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.actions.release_day import release_day
from huiquan.app import App
from huiquan.db import codes, entries, lanes, ledger, wins
from huiquan.db.campaign_state import load_campaign
from huiquan.db.codes import Minted
from huiquan.domain.campaigns import Campaign
from huiquan.domain.codes import code_from_random, code_hash
from huiquan.domain.days import day_number, day_of
from huiquan.domain.entering import EntryRow
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Entry
from huiquan.domain.vouchers import Issued, Win, issue

TIER = 7  # 30 yuan off 150, so that a day's money is enough for many
AT_ONCE = 500
LIVE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A code that a till may scan, and the lane it leads to."""

    code: str
    lane: int


async def give_vouchers(app: App, code: str, count: int, on: Callable[[int], None]) -> list[Holder]:
    """Let `count` registered people of a campaign win today and show a code."""
    today = day_number(day_of(app.clock()))
    released = await release_day(app, code, today)
    assert not isinstance(released, Refusal), released
    async with app.db.reading() as tx:
        campaign = await load_campaign(tx, code)
        people = await tx.fetch("select lane, pid, city from registrations limit $1", count)
    assert campaign is not None
    assert len(people) == count, "the crowd is too small"
    by_lane: dict[int, list[tuple[bytes, str]]] = {}
    for row in people:
        by_lane.setdefault(row["lane"], []).append((bytes(row["pid"]), row["city"]))
    holders: list[Holder] = []
    for lane, some in by_lane.items():
        for first in range(0, len(some), AT_ONCE):
            holders += await _win(app, campaign, lane, some[first : first + AT_ONCE])
            on(len(holders))
    return holders


async def _win(
    app: App, campaign: Campaign, lane: int, people: list[tuple[bytes, str]]
) -> list[Holder]:
    now, number = app.clock(), campaign.campaign_id
    version = campaign.version_at(now)
    async with app.db.transaction() as tx:
        head = await lanes.lock(tx, number, lane)
        won = [
            Win(
                campaign_id=number,
                lane=lane,
                idx=head.next_idx + place,
                pid=pid,
                day=day_of(now),
                tier=TIER,
                city=city,
            )
            for place, (pid, city) in enumerate(people)
        ]
        issued = [
            issue(one, rulebook=version.rulebook, rulebook_version=version.version, issued_at=now)
            for one in won
        ]
        rows = [_entry(win, one, now) for win, one in zip(won, issued, strict=True)]
        await entries.record(tx, campaign_id=number, lane=lane, first_idx=head.next_idx, rows=rows)
        await wins.record(tx, number, lane, [one.voucher for one in issued])
        await ledger.book(
            tx,
            campaign_id=number,
            lane=lane,
            transfers=[one.transfer for one in issued],
            at=now,
        )
        holders = []
        for one in issued:
            digits = code_from_random(secrets.token_bytes(16), lane)
            minted = Minted(
                code_key=code_hash(app.keys.codes, digits),
                device=bytes(8),
                request_key=secrets.token_hex(8),
                minted_at=now,
                expires_at=now + LIVE,
            )
            assert await codes.record(tx, one.voucher, minted), "digits given out twice"
            holders.append(Holder(code=digits, lane=lane))
    return holders


def _entry(win: Win, issued: Issued, now: datetime) -> EntryRow:
    return EntryRow(
        entry=Entry(
            lane=win.lane,
            day=day_number(win.day),
            idx=win.idx,
            pack=issued.voucher.pack,
            pid=win.pid,
            client_nonce=secrets.token_bytes(16),
            elig=bytes(32),
        ),
        salt=secrets.token_bytes(16),
        decision=b"",
        cfg_hash=bytes(32),
        city=win.city,
        request_key=secrets.token_hex(8),
        entered_at=now,
    )
