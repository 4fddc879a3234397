"""After a run: what stands in the tables, counted in SQL, held against what was answered.  清点

A fast answer that is not true is worth nothing. Each count has two sides that must be the same, or
a bound; the ledger and the rest are asked of `huiquan check --quick`.
"""

import asyncio
import time
from dataclasses import dataclass

import asyncpg

DRAWN_WITHIN_S = 180
LOOK_S = 0.5

_COUNTS = """
select (select count(*) from entries) as entries,
       (select coalesce(sum(next_idx), 0)::bigint from lanes) as queued,
       (select coalesce(sum(last - first + 1), 0)::bigint
          from (select min(idx) as first, max(idx) as last
                  from entries group by lane, campaign_id) ends) as spanned,
       (select count(*) from (select distinct lane, campaign_id, pid, day from entries) p)
           as people,
       (select count(distinct request_key) from entries) as request_keys,
       (select coalesce(sum(entry_count), 0)::bigint from rounds where state = 'final') as drawn,
       (select count(*) from rounds
         where state = 'final'
           and (octet_length(pi_notary) <> 80 or octet_length(pi_auditor) <> 80)) as half_signed,
       (select count(*) from rounds where state = 'final') as rounds,
       (select coalesce(sum(k), 0)::bigint from rounds, unnest(kept) k) as kept,
       (select count(*) from vouchers) as vouchers,
       (select count(distinct (lane, campaign_id, idx)) from vouchers) as winners,
       (select count(*) from transfers where kind = 'reserve') as reserved
"""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What stands in the tables, and which promises it breaks."""

    numbers: dict[str, int]
    wrong: tuple[str, ...]


def wait_drawn(address: str, within_s: float = DRAWN_WITHIN_S) -> float:
    """Wait until every entry is drawn; gives how long that took, or the limit when it did not."""
    return asyncio.run(_wait_drawn(address, within_s))


async def _wait_drawn(address: str, within_s: float) -> float:
    connection = await asyncpg.connect(address)
    began = time.monotonic()
    try:
        while time.monotonic() - began < within_s:
            waiting = "select coalesce(sum(next_idx - final_idx), 0) from lanes"
            if await connection.fetchval(waiting) == 0:
                return time.monotonic() - began
            await asyncio.sleep(LOOK_S)
    finally:
        await connection.close()
    return within_s


def count_house(address: str, *, acknowledged: int, in_flight: int, checked: str) -> Counted:
    """Count our house after a run.

    acknowledged: receipts that were given; in_flight: how many requests may have been cut off at
    the end, each of which may have become an entry; checked: what `huiquan check --quick` found.
    """
    numbers = asyncio.run(read_counts(address))
    wrong = wrongs(numbers, acknowledged=acknowledged, in_flight=in_flight)
    return Counted(numbers=numbers, wrong=(*wrong, *([checked] if checked else [])))


async def read_counts(address: str) -> dict[str, int]:
    """All counts of one moment."""
    connection = await asyncpg.connect(address)
    try:
        row = await connection.fetchrow(_COUNTS)
    finally:
        await connection.close()
    assert row is not None
    return dict(row)


def wrongs(numbers: dict[str, int], *, acknowledged: int, in_flight: int) -> tuple[str, ...]:
    """What does not agree, each in one sentence."""
    found = []

    def same(one: str, other: str, what: str) -> None:
        if numbers[one] != numbers[other]:
            found.append(f"{what}: {one} {numbers[one]}, {other} {numbers[other]}")

    same("entries", "queued", "the queues and the entries disagree")
    same("entries", "spanned", "an entry number is missing")
    same("entries", "people", "somebody entered twice")
    same("entries", "request_keys", "a request was entered twice")
    same("entries", "drawn", "an entry was not drawn")
    same("kept", "vouchers", "wins and vouchers disagree")
    same("vouchers", "winners", "an entry won twice")
    same("vouchers", "reserved", "a voucher without its money")
    if numbers["half_signed"]:
        found.append(f"{numbers['half_signed']} rounds are not signed by both")
    if numbers["entries"] < acknowledged:
        found.append(f"{acknowledged - numbers['entries']} acknowledged entries are lost")
    if numbers["entries"] > acknowledged + in_flight:
        more = numbers["entries"] - acknowledged
        found.append(f"{more} entries nobody was told of, only {in_flight} were under way")
    return tuple(found)


def names(address: str, statement: str) -> set[str]:
    """The column `name` of some rows, as texts."""
    return asyncio.run(_names(address, statement))


async def _names(address: str, statement: str) -> set[str]:
    connection = await asyncpg.connect(address)
    try:
        return {str(row["name"]) for row in await connection.fetch(statement)}
    finally:
        await connection.close()
