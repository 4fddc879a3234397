"""What a merchant owes is looked up by whose it is, however long the house's book.  扣款明细"""

from typing import Any

import asyncpg
import pytest

from huiquan.db.connection import Database
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.views.statement_debts import kept_from
from tests.conftest import CITUS_URL

pytestmark = pytest.mark.skipif(bool(CITUS_URL), reason="reads the plans of one server")


class Overhearing:
    """Stands for a transaction in which nothing is owed, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, question: str, *_: object) -> list[Any]:
        """Remember; nothing is there."""
        self.asked.append(question)
        return []

    async def fetchval(self, question: str, *_: object) -> int:
        """Remember; it is nothing."""
        self.asked.append(question)
        return 0


async def test_debts_are_looked_up_by_their_index(database: Database, database_url: str) -> None:
    overheard: Any = Overhearing()
    await kept_from(overheard, 1, 7, 1, 100)
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute("begin; set local session_replication_role = replica")
        await owner.execute(
            """
            insert into transfers (lane, campaign_id, no, kind, debit, debit_lane, debit_holder,
                                   credit, credit_lane, credit_holder, amount_fen, ref, day,
                                   booked_at)
            select $1::smallint, 1, no,
                   case when no % 50 = 0 then 'refund_late' else 'release' end,
                   case when no % 50 = 0 then 'receivable' else 'pool' end,
                   $1::smallint, case when no % 50 = 0 then (no % 20)::text else '' end,
                   case when no % 50 = 0 then 'recovering' else 'released' end,
                   $1::smallint, '', 1, no::text, 20260301, now()
              from generate_series(1, 5000) no
            """,
            HOUSE_LANE,
        )
        await owner.execute(f"analyze transfers; prepare debts as {overheard.asked[0]}")
        await owner.execute("set local plan_cache_mode = force_generic_plan")
        lines = await owner.fetch("explain (costs off) execute debts (null, null, null)")
    finally:
        await owner.execute("rollback")
        await owner.close()
    plan = "\n".join(line[0] for line in lines)
    assert "transfers_of_debts" in plan, plan
    assert "Seq Scan" not in plan, plan
