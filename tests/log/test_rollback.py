"""A database that is behind what others hold, or says something else, stops by itself (T9, T11)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from huiquan.actions.compare_standing import Standing, compare_standing
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.unfreeze_lane import unfreeze_lane
from huiquan.cli.main import app as command
from huiquan.db import checks, links
from huiquan.db.connection import Database, Tx, open_database
from huiquan.db.embedded import Embedded
from huiquan.db.links import Book
from huiquan.domain.refusals import Refusal
from huiquan.domain.standing import GapKind
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.high_water import FileMark
from huiquan.gateways.keys import SINGLE
from huiquan.jobs.rounds import drain
from tests.houses import CAMPAIGN, House, bearer, key_ring, visit
from tests.log.standing import beside, enter_some, fetch, restored_copy
from tests.stories.test_todays_draw import DrawHouse, draw_house, tap


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The live house, and the same house on a backup from before the last people entered."""

    live: DrawHouse
    old: House


@asynccontextmanager
async def restored(
    database: Database, url: str, postgres: Embedded, home: Path
) -> AsyncIterator[Restored]:
    """Six people, a backup, six more; then a house starts on the backup."""
    async with draw_house(database, home, 14) as standing:
        await enter_some(standing, standing.tokens[:6])
        backup = await open_database(restored_copy(postgres, url))
        await enter_some(standing, standing.tokens[6:12])
        yield Restored(live=standing, old=beside(standing, backup))
        await backup.close()


@pytest.mark.requirement("R5.8")
async def test_a_restored_backup_enters_nobody_seals_nothing_and_publishes_nothing(
    database: Database, database_url: str, postgres: Embedded, tmp_path: Path
) -> None:
    async with restored(database, database_url, postgres, tmp_path) as stand:
        old, campaign = stand.old, stand.live.campaign
        async with visit(old) as client:
            told = await client.post(
                "/api/v1/draws", json=tap(old), headers=bearer(stand.live.tokens[12])
            )
            assert (told.status_code, told.json()["code"]) == (503, "lane_frozen")
            ready = await client.get("/readyz")
            notices = (await fetch(client, "notices")).json()
        assert (ready.status_code, ready.json()["code"]) == (503, "house_behind")
        gaps = ready.json()["detail"]["gaps"]
        assert any("cosigned a log of" in gap["en"] for gap in gaps)
        assert any("signed round" in gap["en"] for gap in gaps)
        assert all(gap["zh"] for gap in gaps)
        assert {one["kind"] for one in notices} == {"behind"}
        assert await drain(old.app, campaign) == 0
        assert await log_rounds(old.app, campaign.campaign_id) == 0
        assert await publish_checkpoint(old.app, campaign) is Refusal.HOUSE_BEHIND
        both = ("王处", "李处")
        unfrozen = await unfreeze_lane(old.app, CAMPAIGN, 0, both, "we are in a hurry")
        assert unfrozen is Refusal.HOUSE_BEHIND
        async with old.app.db.reading() as tx:
            failed = {one.name for one in await checks.run_all(tx, old.clock())}
        assert {"h6_no_lane_is_frozen", "h7_everyone_is_there_and_agrees"} <= failed


async def test_the_live_database_has_no_gap_and_goes_on(
    database: Database, database_url: str, postgres: Embedded, tmp_path: Path
) -> None:
    async with restored(database, database_url, postgres, tmp_path) as stand:
        standing = await compare_standing(stand.live.house.app, stand.live.campaign)
        assert standing.answered == {"notary", "auditor", "witness"}
        assert (standing.gaps, standing.evidence) == ((), ())
        await enter_some(stand.live, stand.live.tokens[12:])
        async with visit(stand.live.house) as client:
            assert (await client.get("/readyz")).status_code == 200


async def test_what_another_process_books_and_notes_meanwhile_is_no_gap(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that starts looks at a moment of the database; before it is done, the rounds
    process draws, looks, and notes more movements than stood in that moment."""
    async with draw_house(database, tmp_path, 2) as standing:
        await enter_some(standing, standing.tokens)
        mark = FileMark(tmp_path / "high-water.json")
        house, campaign = beside(standing, database, high_water=mark), standing.campaign
        assert (await compare_standing(house.app, campaign)).gaps == ()
        read = links.books

        async def read_slowly(tx: Tx, campaign_id: int) -> list[Book]:
            seen_here = await read(tx, campaign_id)
            monkeypatch.setattr(links, "books", read)
            async with database.transaction() as other:
                await other.execute("update books set next_no = next_no + 2")
            assert (await compare_standing(house.app, campaign)).gaps == ()
            return seen_here

        before = mark.seen(CAMPAIGN)
        monkeypatch.setattr(links, "books", read_slowly)
        assert (await compare_standing(house.app, campaign)).gaps == ()
        assert mark.seen(CAMPAIGN) == {lane: count + 2 for lane, count in before.items()}
        async with database.reading() as tx:
            assert await tx.fetchval("select count(*) from lanes where frozen_at is not null") == 0


async def compared_after(standing: DrawHouse, url: str, *statements: str) -> Standing:
    """What is found after somebody edited the tables."""
    owner = await asyncpg.connect(url)
    for statement in statements:
        await owner.execute(statement)
    await owner.close()
    return await compare_standing(standing.house.app, standing.campaign)


@pytest.mark.parametrize(
    ("statement", "kind", "subject"),
    [
        ("update log_leaves set leaf_hash = sha256('x') where leaf = 0", GapKind.FORKED, "log"),
        (
            "update log_leaves set leaf_hash = (select leaf_hash from log_leaves where leaf = 1)"
            " where leaf = 0",
            GapKind.FORKED,
            "log",
        ),
        (
            "delete from log_leaves where leaf = (select max(leaf) from log_leaves)",
            GapKind.BEHIND,
            "log",
        ),
        (
            "update rounds set seal_hash = sha256(seal_hash) where seq ="
            " (select max(seq) from rounds r where r.lane = rounds.lane)",
            GapKind.FORKED,
            "lane",
        ),
        (
            "delete from vouchers; delete from rounds where seq ="
            " (select max(seq) from rounds r where r.lane = rounds.lane)",
            GapKind.BEHIND,
            "lane",
        ),
    ],
)  # fmt: skip
async def test_an_edited_log_or_lane_is_found_and_everything_stops(
    database: Database,
    database_url: str,
    tmp_path: Path,
    statement: str,
    kind: GapKind,
    subject: str,
) -> None:
    async with draw_house(database, tmp_path, 6) as standing:
        await enter_some(standing, standing.tokens)
        found = await compared_after(standing, database_url, *statement.split("; "))
        assert {(gap.kind, gap.subject.split()[0]) for gap in found.gaps} == {(kind, subject)}
        async with database.reading() as tx:
            assert await tx.fetchval("select count(*) from lanes where frozen_at is null") == 0


async def test_a_fork_finds_no_witness_even_if_nobody_compared(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 8) as standing:
        await enter_some(standing, standing.tokens[:6])
        owner = await asyncpg.connect(database_url)
        await owner.execute("update log_leaves set leaf_hash = sha256('x') where leaf = 0")
        await owner.close()
        with pytest.raises(OutsiderFault, match="another history"):
            await enter_some(standing, standing.tokens[6:])
        for role in ("notary", "auditor", "witness"):
            app = standing.house.app
            forks = (await app.witnesses[role].status()).decode()
            assert '"forks":[{' in forks, "the witness keeps the second history as evidence"


def write_keys(folder: Path) -> None:
    """The keys of the test's house as files, for the commands."""
    folder.mkdir()
    ring = key_ring()
    single = {name: getattr(ring, name) for name in SINGLE}
    versions = {"token-1": ring.token[1], "master-1": ring.master[1]}
    campaigns = {f"pseudonym-{code}": secret for code, secret in ring.pseudonym.items()}
    for name, secret in {**single, **versions, **campaigns}.items():
        (folder / f"{name}.key").write_text(secret.hex())


@pytest.mark.requirement("R5.8")
async def test_the_command_exits_1_and_names_the_gap_and_0_on_the_newest_database(
    database: Database, database_url: str, postgres: Embedded, tmp_path: Path
) -> None:
    write_keys(tmp_path / "keys")
    async with draw_house(database, tmp_path / "signers", 6) as standing:
        await enter_some(standing, standing.tokens[:3])
        backup = restored_copy(postgres, database_url)
        await enter_some(standing, standing.tokens[3:])
        urls = {
            f"HUIQUAN_{role.upper()}_URL": standing.signers.url(role)
            for role in ("notary", "auditor", "witness")
        }
        settings = {
            **urls,
            "HUIQUAN_KEYS_DIR": str(tmp_path / "keys"),
            "HUIQUAN_CLOCK_FILE": str(standing.signers.clock.path),
        }
        said = {}
        for url in (database_url, backup):
            environment = {**settings, "HUIQUAN_DATABASE_URL": url}
            told = await asyncio.to_thread(
                CliRunner().invoke, command, ["log", "check"], env=environment
            )
            said[url] = (told.exit_code, told.output)
        unfrozen = await asyncio.to_thread(
            CliRunner().invoke,
            command,
            [
                "lane",
                "unfreeze",
                CAMPAIGN,
                "0",
                "--by",
                "王处",
                "--and-by",
                "李处",
                "--reason",
                "x",
            ],
            env={**settings, "HUIQUAN_DATABASE_URL": backup},
        )
    assert said[database_url][0] == 0, said
    assert said[database_url][1].endswith("ok\n")
    status, output = said[backup]
    assert status == 1
    assert "本库只有" in output
    assert "cosigned a log of" in output
    assert (unfrozen.exit_code, "house_behind" in unfrozen.output) == (1, True)
