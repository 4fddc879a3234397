"""Killing the processes of a house at random moments, while it is looked after.  随机击杀"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from tests.chaos.house import RealHouse

EVERYTHING = ("web", "jobs", "rounds", "notary", "auditor", "database")
SHORTEST_S, LONGEST_S = 0.5, 3.0
# After so many kills in a row the house gets the time to stand up again, however slow the machine.
IN_A_ROW = 3


@asynccontextmanager
async def looked_after(house: RealHouse) -> AsyncIterator[None]:
    """While the block runs, whatever died is started again."""
    keeping = asyncio.create_task(house.keep_alive())
    try:
        yield
        assert not keeping.done(), "whoever looks after the house gave up"
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def kill_list(seed: int, times: int, names: Sequence[str] = EVERYTHING) -> list[str]:
    """Each name so many times, in an order that hangs on the seed."""
    found = [name for name in names for _ in range(times)]
    random.Random(seed).shuffle(found)
    return found


async def shake(house: RealHouse, victims: Sequence[str], seed: int) -> Counter[str]:
    """Kill one after the other, with random pauses; gives how often each was alive to be killed."""
    throw = random.Random(seed)
    killed: Counter[str] = Counter()
    for number, name in enumerate(victims):
        if number % IN_A_ROW == 0:
            await house.until_ready()
        await asyncio.sleep(throw.uniform(SHORTEST_S, LONGEST_S))
        killed[name] += await asyncio.to_thread(house.kill, name)
    return killed
