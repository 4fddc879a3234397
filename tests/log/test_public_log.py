"""The public log over HTTP: anyone fetches it, computes it again and finds what was signed."""

from pathlib import Path

import pytest

from huiquan.db.connection import Database
from huiquan.domain import checkpoints, merkle, rounds, tiles
from huiquan.domain.draw_config import ConfigSignatures, decode_config, is_config_signed
from tests.log.standing import LOG, enter_some, fetch, logged_house
from tests.stories.test_todays_draw import DrawHouse, draw_house

# Wider or higher than the log, spelled otherwise, or a round that is not there.
NOT_THERE = (
    *("tile/0/000", "tile/0/000.p/255", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000"),
    *("tile/0/0", "tile/x", "tile/64/000", "rounds/0/999/entries", "rounds/32767/0/entries"),
)


async def whole_log(standing: DrawHouse) -> tuple[checkpoints.SignedNote, list[bytes]]:
    """Checkpoint and entries as a stranger fetches them; every tile must hash to the root."""
    note = checkpoints.parse_note((await fetch(standing.client, "checkpoint")).text)
    checkpoint = checkpoints.parse_checkpoint(note.text)
    entries: list[bytes] = []
    for tile in tiles.tiles_of(checkpoint.size):
        answer = await fetch(standing.client, f"tile/{tiles.tile_path(tile)}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/octet-stream"
        assert len(answer.content) == 32 * tile.width
        if tile.level == 0:
            bundle = tiles.TilePath(level=None, number=tile.number, width=tile.width)
            raw = await fetch(standing.client, f"tile/{tiles.tile_path(bundle)}")
            fresh = tiles.unbundle(raw.content)
            entries += fresh
            assert b"".join(map(merkle.leaf_hash, fresh)) == answer.content
    assert merkle.root_of(entries) == checkpoint.root
    return note, entries


@pytest.mark.requirement("R5.8")
async def test_anyone_fetches_the_log_and_finds_every_final_round_in_it(
    database: Database, tmp_path: Path
) -> None:
    async with logged_house(database, tmp_path) as standing:
        note, entries = await whole_log(standing)
        config = next(iter(standing.campaign.days.values())).config
        assert len(config.log.witnesses) == 3
        assert config.log.quorum == 2
        assert checkpoints.has_quorum(note, config.log)
        assert (
            sum(
                checkpoints.cosigned_at(note, one.name, bytes.fromhex(one.key)) is not None
                for one in config.log.witnesses
            )
            == 3
        )
        async with database.reading() as tx:
            drawn = await tx.fetch("select seal, final from rounds where state = 'final'")
        assert {row["seal"] + row["final"] for row in drawn} == set(entries)


async def test_headers_say_what_may_be_kept_and_by_whom_it_may_be_read(
    database: Database, tmp_path: Path
) -> None:
    async with logged_house(database, tmp_path, 2) as standing:
        checkpoint = await fetch(standing.client, "checkpoint")
        assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
        assert checkpoint.headers["cache-control"] == "public, max-age=1"
        size = checkpoints.parse_checkpoint(checkpoints.parse_note(checkpoint.text).text).size
        tile = await fetch(standing.client, f"tile/0/000.p/{size}")
        assert "max-age=86400" in tile.headers["cache-control"]
        for answer in (checkpoint, tile):
            assert answer.headers["access-control-allow-origin"] == "*"


async def test_nothing_is_served_beyond_the_last_checkpoint(
    database: Database, tmp_path: Path
) -> None:
    async with logged_house(database, tmp_path, 3) as standing:
        for path in NOT_THERE:
            assert (await fetch(standing.client, path)).status_code == 404, path
        unknown = await standing.client.get("/log/nothing/checkpoint")
        assert unknown.json()["code"] == "unknown_campaign"


async def test_a_log_begins_with_a_cosigned_checkpoint_over_nothing(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 1) as standing:
        before = await standing.client.get(f"{LOG}/checkpoint")
        assert (before.status_code, before.json()["code"]) == (404, "no_checkpoint_yet")
        await enter_some(standing, [])
        note, entries = await whole_log(standing)
        assert entries == []
        checkpoint = checkpoints.parse_checkpoint(note.text)
        assert (checkpoint.size, checkpoint.root) == (0, merkle.EMPTY_ROOT)
        config = next(iter(standing.campaign.days.values())).config
        assert checkpoints.has_quorum(note, config.log)
        await enter_some(standing, [])
        await enter_some(standing, standing.tokens)
        async with database.reading() as tx:
            sizes = await tx.fetch("select size from checkpoints order by size")
        assert [row["size"] for row in sizes] == [0, 1]


@pytest.mark.requirement("R5.8")
async def test_a_rounds_entries_have_an_address_and_the_root_of_their_seal(
    database: Database, tmp_path: Path
) -> None:
    async with logged_house(database, tmp_path) as standing:
        _, entries = await whole_log(standing)
        for leaf in entries:
            async with database.reading() as tx:
                (raw_seal,) = await tx.fetchrow(
                    "select seal from rounds where seal || final = $1", leaf
                )
            seal = rounds.decode_seal(raw_seal)
            answer = await fetch(standing.client, f"rounds/{seal.lane}/{seal.seq}/entries")
            assert "immutable" in answer.headers["cache-control"]
            raw = rounds.split_entries(answer.content)
            assert (merkle.root_of(raw), len(raw)) == (seal.root, seal.count)


@pytest.mark.requirement("R3.1")
async def test_every_config_is_listed_with_both_signatures(
    database: Database, tmp_path: Path
) -> None:
    async with logged_house(database, tmp_path, 0) as standing:
        (line,) = (await fetch(standing.client, "configs")).json()
        body = await standing.client.get(f"/api/v1/public/configs/{line['cfg_hash']}")
        signatures = ConfigSignatures(
            platform=bytes.fromhex(line["platform"]), approver=bytes.fromhex(line["approver"])
        )
        config = decode_config(body.content)
        assert is_config_signed(config, bytes.fromhex(line["cfg_hash"]), signatures)


async def test_the_log_grows_by_adding_alone(database: Database, tmp_path: Path) -> None:
    async with draw_house(database, tmp_path, 5) as standing:
        before: list[bytes] = []
        for token in standing.tokens:
            await enter_some(standing, [token])
            _, entries = await whole_log(standing)
            assert len(entries) > len(before)
            assert entries[: len(before)] == before
            before = entries
