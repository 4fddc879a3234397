"""The tables can be spread by lane; each thing that would prevent it is named."""

import asyncpg
import pytest
from typer.testing import CliRunner

from huiquan.cli.main import app
from huiquan.db import lane_rules
from huiquan.db.connection import Database
from huiquan.db.distribute import cluster_of
from tests.conftest import CITUS_URL

pytestmark = pytest.mark.skipif(bool(CITUS_URL), reason="asks a database that is not spread yet")

BY_LANE = {
    *("lanes", "registrations", "consents", "entries", "rounds", "objections"),
    "void_seals",
    *("vouchers", "codes", "locks", "redemptions", "refunds"),
    *("books", "transfers", "balances", "links"),
}

SPOILT = (
    ("alter table vouchers add unique (serial)", "vouchers: a unique key without lane"),
    ("create unique index once on locks (order_fen)", "locks: a unique key without lane (once)"),
    (
        "alter table refunds add constraint apart exclude using btree (idx with =)",
        "refunds: an exclusion constraint (apart)",
    ),
    (
        """
        alter table refunds drop constraint refunds_lane_campaign_id_idx_lock_no_fkey;
        alter table redemptions add unique (refund_count, campaign_id, idx, lock_no, lane);
        alter table refunds add constraint crossed
              foreign key (lane, campaign_id, idx, lock_no, refund_no)
              references redemptions (refund_count, campaign_id, idx, lock_no, lane)
        """,
        "refunds: a foreign key that does not lead from lane to lane (crossed)",
    ),
    (
        "alter table phones add constraint homed foreign key (lane, campaign_id, pid) "
        "references registrations",
        "phones: a foreign key into a lane table from a table that is not one (homed)",
    ),
    (
        "alter table vouchers add column by bigint constraint given_by references staff",
        "vouchers: a foreign key to a table that is not on every machine (given_by)",
    ),
    (
        "create trigger held before update on vouchers for each row "
        "execute function suppress_redundant_updates_trigger()",
        "vouchers: a trigger (held)",
    ),
    (
        "create trigger known before update on stores for each row "
        "execute function suppress_redundant_updates_trigger()",
        "stores: a trigger on a table that is to be on every machine (known)",
    ),
)


async def test_the_tables_that_begin_with_lane_are_known_and_nothing_stands_in_their_way(
    database: Database,
) -> None:
    async with database.reading() as tx:
        assert set(await lane_rules.lane_tables(tx)) == BY_LANE
        assert set(await lane_rules.reference_tables(tx)) == set(lane_rules.REFERENCE_TABLES)
        assert await lane_rules.obstacles(tx) == []


async def test_whoever_refers_to_a_table_comes_after_it(database: Database) -> None:
    async with database.reading() as tx:
        order = [*await lane_rules.reference_tables(tx), *await lane_rules.lane_tables(tx)]
        references = await tx.fetch(
            "select conrelid::regclass::text as child, confrelid::regclass::text as parent "
            "from pg_constraint where contype = 'f'"
        )
    named = [row for row in references if row["child"] in order]
    assert len(named) > 20
    assert all(order.index(row["parent"]) < order.index(row["child"]) for row in named)


@pytest.mark.parametrize(("change", "told"), SPOILT, ids=[told for _, told in SPOILT])
async def test_whatever_cannot_be_spread_is_named(
    database_url: str, change: str, told: str
) -> None:
    owner = await asyncpg.connect(database_url)
    await owner.execute(change)
    found = [str(one) for one in await lane_rules.obstacles(owner)]
    await owner.close()
    assert [one for one in found if one.startswith(told)] == found
    assert found != []


async def test_a_database_without_citus_is_refused_with_what_would_help(database_url: str) -> None:
    owner = await asyncpg.connect(database_url)
    with pytest.raises(ValueError, match=r"has no Citus: .*create extension citus"):
        await cluster_of(owner)
    await owner.close()


def test_the_command_refuses_a_database_without_citus(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIQUAN_DATABASE_URL", database_url)
    outcome = CliRunner().invoke(app, ["db", "distribute"])
    assert isinstance(outcome.exception, ValueError)
    assert "has no Citus" in str(outcome.exception)
