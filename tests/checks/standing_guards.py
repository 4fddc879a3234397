"""Which keys, indexes and bounds the money and the entries rest on, as the tables have them.

    python -m tests.checks.standing_guards

writes the question `h11_guards_stand` anew, after a migration that adds some or takes some away.
"""

import asyncio
import tempfile
from pathlib import Path

import asyncpg

from huiquan.db.checks import CHECKS
from huiquan.db.embedded import create_database, start_embedded
from huiquan.db.migrate import migrate

TABLES = (
    *("entries", "registrations", "rounds", "lanes", "vouchers", "codes", "locks", "redemptions"),
    *("payments", "refunds", "requests", "outbox", "books", "transfers", "balances", "links"),
    *("settlements", "settlement_lines", "settlement_holds", "payment_files", "payment_lines"),
    *("account_requests", "bank_answers", "approvals"),
    *("acquirer_orders", "acquirer_payments", "acquirer_refunds"),
    *("acquirer_nonces", "acquirer_keys", "store_rails", "callbacks", "imported_files"),
    *("bill_lines", "statement_lines", "cases", "tranches", "compensations", "repayments"),
    *("closings", "closing_shares", "fund_alerts", "fund_cells", "fund_marks"),
    *("fund_steps", "matching_steps", "figure_steps", "figure_merchants"),
    *("warehouses", "online_orders", "order_parcels", "order_events", "order_cases"),
)
NAMES = """
    select conname as name
      from pg_constraint
     where conrelid = any($1::text[]::regclass[])
       and contype = 'c'
    union
    select i.indexrelid::regclass::text
      from pg_index i
     where i.indrelid = any($1::text[]::regclass[])
       and i.indisunique
     order by 1
"""
HEAD = """\
-- H11 约束都在。The keys, unique indexes and bounds that hold money and entries are all there.
-- An index that was lost, or whose making failed, is noticed by nobody until it is needed. Two
-- looks at the catalogue; the list is written by tests/checks/standing_guards.py.
"""
TAIL = """\
select due.guard, 'missing or not valid' as flaw
  from due
 where not exists (
       select from pg_constraint c
        where c.conname = due.guard
          and c.contype = 'c'
          and c.convalidated
          and c.connamespace = 'public'::regnamespace)
   and not exists (
       select from pg_index i
         join pg_class k
           on k.oid = i.indexrelid
        where k.relname = due.guard
          and k.relnamespace = 'public'::regnamespace
          and i.indisunique
          and i.indisvalid);
"""


async def names_in(url: str) -> list[str]:
    """The names of all of them in a database."""
    owner = await asyncpg.connect(url)
    try:
        return sorted({str(row["name"]) for row in await owner.fetch(NAMES, list(TABLES))})
    finally:
        await owner.close()


def question(names: list[str]) -> str:
    """The question that misses each of them."""
    rows, line = [], ""
    for name in names:
        value = f"('{name}'), "
        if len(line + value) > 90:
            rows.append(line.rstrip())
            line = ""
        line += value
    rows.append(line.rstrip().rstrip(","))
    values = "\n           ".join(rows)
    return f"{HEAD}with due (guard) as (\n    values {values}\n)\n{TAIL}"


def main() -> None:
    """Write the question from the tables of a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            url = create_database(postgres, "guards")
            migrate(url)
            text = question(asyncio.run(names_in(url)))
        finally:
            postgres.stop()
    (CHECKS / "h11_guards_stand.sql").write_text(text)


if __name__ == "__main__":
    main()
