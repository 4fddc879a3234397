"""Steps: what each day brought, added to what is kept of that day.  逐日累计

The fund, matching money and the figures are kept so, each in a table of its own: some columns say
where a step belongs, the others are sums. The marks of the books say how far it goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class StepTable:
    """A table of steps: where a step belongs, with PostgreSQL's types; its sums; and what of the
    former tells one row from another, if not all of it does."""

    name: str
    where: Mapping[str, str]
    sums: Sequence[str]
    key: Sequence[str] = ()


async def add_steps(
    tx: Tx, table: StepTable, campaign_id: int, steps: Sequence[Any], at: datetime
) -> None:
    """Add steps, objects with these columns as fields; what is new begins at nothing."""
    if not steps:
        return
    columns = (*table.where, *table.sums)
    types = (*table.where.values(), *("bigint" for _ in table.sums))
    where, sums = ", ".join(table.where), ", ".join(table.sums)
    await tx.execute(
        f"""
        insert into {table.name} as kept (campaign_id, {where}, {sums}, counted_at)
        select $1, {where}, {", ".join(f"sum({name})::bigint" for name in table.sums)},
               $2::timestamptz
          from unnest({", ".join(f"${n}::{one}[]" for n, one in enumerate(types, start=3))})
               step ({where}, {sums})
         group by {where}
         order by {where}
        on conflict (campaign_id, {", ".join(table.key or table.where)}) do update
           set {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in table.sums)},
               counted_at = excluded.counted_at
        """,
        campaign_id,
        at,
        *([getattr(step, name) for step in steps] for name in columns),
    )
