"""What lets tables be spread by lane over many machines, asked of the catalogue.  通道规则

A table belongs to the lanes when its primary key begins with `lane`. Each row then stands on one
shard, and one shard can keep a promise only if all it has to look at is there: so every key and
every reference between lane tables names the lane, and nothing acts behind a write's back.
"""

from dataclasses import dataclass
from enum import StrEnum

from huiquan.db.connection import Tx

# Read together with lane tables in one question, or referred to by them: the same on every machine.
REFERENCE_TABLES = (
    "campaigns",
    "exclusions",
    "log_leaves",
    "merchants",
    "stores",
    "store_packs",
    "store_rails",
    "cashiers",
    "acquirers",
    "settlements",
    "settlement_lines",
    "settlement_holds",
    "lists",
    "epochs",
)

# A shard stands beside its table under the same name with a number behind it; no table of ours ends
# in one.
_LANE_TABLES = """
    select i.indrelid
      from pg_index i
      join pg_class c
        on c.oid = i.indrelid
      join pg_attribute a
        on (a.attrelid, a.attnum) = (i.indrelid, i.indkey[0])
     where i.indisprimary
       and c.relkind = 'r'
       and c.relnamespace = 'public'::regnamespace
       and c.relname !~ '[0-9]$'
       and a.attname = 'lane'
"""

# The lane's place among a table's columns, or null.
_LANE_OF = "(select attnum from pg_attribute where attrelid = {} and attname = 'lane')"


class Rule(StrEnum):
    """What a table must keep so that it can be spread by lane."""

    KEY = "a unique key without lane"
    EXCLUSION = "an exclusion constraint"
    REFERENCE = "a foreign key that does not lead from lane to lane"
    INTO_LANES = "a foreign key into a lane table from a table that is not one"
    OUT_OF_REACH = "a foreign key to a table that is not on every machine"
    TRIGGER = "a trigger"
    REFERENCE_TRIGGER = "a trigger on a table that is to be on every machine"


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One thing in the tables that stands in the way: where, which rule, and its name."""

    table: str
    rule: Rule
    name: str

    def __str__(self) -> str:
        return f"{self.table}: {self.rule.value} ({self.name})"


async def lane_tables(tx: Tx) -> list[str]:
    """The tables whose primary key begins with lane, those that others refer to first."""
    return await _in_order(tx, f"c.oid in ({_LANE_TABLES})")


async def reference_tables(tx: Tx) -> list[str]:
    """The tables that are to be on every machine and exist, those that others refer to first."""
    names = ", ".join(f"'{name}'" for name in REFERENCE_TABLES)
    return await _in_order(tx, f"c.relname in ({names})")


async def _in_order(tx: Tx, which: str) -> list[str]:
    """Tables, each after everything it refers to; references between them make no circle."""
    rows = await tx.fetch(
        f"""
        with recursive wanted as (
            select c.oid
              from pg_class c
             where c.relkind = 'r'
               and c.relnamespace = 'public'::regnamespace
               and {which}
        ), reached (oid, depth) as (
            select oid, 0
              from wanted
            union
            select f.conrelid, reached.depth + 1
              from reached
              join pg_constraint f
                on f.confrelid = reached.oid
               and f.contype = 'f'
               and f.conrelid <> f.confrelid
              join wanted
                on wanted.oid = f.conrelid
        )
        select c.relname::text as name
          from reached
          join pg_class c
         using (oid)
         group by c.relname
         order by max(reached.depth), c.relname
        """
    )
    return [row["name"] for row in rows]


async def obstacles(tx: Tx) -> list[Obstacle]:
    """Everything in the tables that stands in the way of spreading them; none when all is well."""
    rows = await tx.fetch(
        f"""
        with lane_tables as ({_LANE_TABLES}), shared as (
            select oid from pg_class
             where relnamespace = 'public'::regnamespace
               and relname = any($1)
        ), found as (
            {_KEYS} union all {_REFERENCES} union all {_TRIGGERS}
        )
        select found.oid::regclass::text as "table", found.rule, found.name
          from found
         order by 1, 2, 3
        """,
        list(REFERENCE_TABLES),
    )
    return [Obstacle(table=row["table"], rule=Rule[row["rule"]], name=row["name"]) for row in rows]


_KEYS = f"""
    select i.indrelid as oid,
           case when i.indisexclusion then 'EXCLUSION' else 'KEY' end as rule,
           i.indexrelid::regclass::text as name
      from pg_index i
      join lane_tables t using (indrelid)
     where i.indisexclusion
        or i.indisunique and not coalesce({_LANE_OF.format("i.indrelid")} = any(i.indkey), false)
"""

# Between lane tables, lane stands at the same place on both sides.
_REFERENCES = f"""
    select f.conrelid,
           case when f.conrelid not in (select indrelid from lane_tables) then 'INTO_LANES'
                when f.confrelid in (select indrelid from lane_tables) then 'REFERENCE'
                else 'OUT_OF_REACH' end,
           f.conname::text
      from pg_constraint f
     where f.contype = 'f'
       and case
           when f.confrelid in (select indrelid from lane_tables)
           then f.conrelid not in (select indrelid from lane_tables)
                or array_position(f.conkey, {_LANE_OF.format("f.conrelid")})
                   is distinct from array_position(f.confkey, {_LANE_OF.format("f.confrelid")})
                or array_position(f.conkey, {_LANE_OF.format("f.conrelid")}) is null
           else (f.conrelid in (select indrelid from lane_tables)
                 or f.conrelid in (select oid from shared))
                and f.confrelid not in (select oid from shared)
           end
"""

_TRIGGERS = """
    select tgrelid,
           case when tgrelid in (select oid from shared) then 'REFERENCE_TRIGGER'
                else 'TRIGGER' end,
           tgname::text
      from pg_trigger
     where not tgisinternal
       and (tgrelid in (select indrelid from lane_tables) or tgrelid in (select oid from shared))
"""
