"""The statement of a bank for play, held against our books: what truly moved, whatever it said."""

from collections import Counter

from huiquan.domain.days import SHANGHAI
from simulation.bank import Bank, Lie
from simulation.bill_facts import Fact
from tests.houses import House
from tests.reconciliation.bills import ACCOUNT, bring, compared_all

# What each line of a file that met this lie becomes, once its file was handed in so many times.
# An answer alone moves no money, so a bank whose statement says what it did leaves no case.
FOUND = {
    Lie.FAIL: {},
    Lie.RETURN_LATE: {},
    Lie.PAY_TWICE: {"doubled": "again"},
    Lie.ANSWER_TWICE: {},
    Lie.ANSWER_DIFFERENTLY: {},
    Lie.FAIL_AFTER_PAYING: {"extra": "once"},
    Lie.OTHER_AMOUNT: {"extra": "once"},
    Lie.OTHER_NUMBER: {},
    Lie.SILENT: {"extra": "once"},
    Lie.LOSE: {},
}


def expected(lie: Lie, lines: int, handed_in: int) -> Counter[str]:
    """How many cases of each kind."""
    times = {"once": 1, "again": handed_in - 1}
    return Counter({kind: lines * times[often] for kind, often in FOUND[lie].items()})


async def cases_of(house: House, bank: Bank) -> Counter[str]:
    """Import everything the bank's account saw, compare every day, and count the cases."""
    house.clock.now = house.clock.now.replace(hour=13)
    async with house.app.db.reading() as tx:
        came_in = await tx.fetch("select * from transfers where kind = 'appropriate'")
    facts = [
        Fact(
            kind="in",
            ref="",
            serial=row["ref"],
            amount_fen=row["amount_fen"],
            at=row["booked_at"],
            day=row["booked_at"].astimezone(SHANGHAI).date(),
        )
        for row in came_in
    ]
    facts += [
        Fact(
            kind="out" if line.amount_fen < 0 else "in",
            ref=line.ref,
            serial=line.bank_ref,
            amount_fen=line.amount_fen,
            at=line.at,
            day=line.at.astimezone(SHANGHAI).date(),
        )
        for line in bank.statement
    ]
    await bring(house, facts, None, shape="icbc-csv", source=ACCOUNT)
    await compared_all(house)
    assert {one.opened_count for one in await compared_all(house)} <= {0}
    async with house.app.db.reading() as tx:
        rows = await tx.fetch("select kind, state, ref from cases")
    assert {row["state"] for row in rows} <= {"open"}, "no lie of a bank explains itself"
    return Counter(row["kind"] for row in rows)
