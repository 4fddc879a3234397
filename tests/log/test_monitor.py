"""A stranger follows the log of a server that lies, and finds every lie."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from huiquan.cli.main import app
from huiquan.cli.monitor import look
from huiquan.db.connection import Database
from huiquan.domain import checkpoints, merkle, rounds, tiles
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.draw_config import encode_config
from huiquan.domain.monitoring import (
    Edge,
    Followed,
    LogPolicy,
    PlatformKey,
    decode_followed,
    encode_followed,
    follow,
)
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.public_log import LogSource
from tests.domain.draw_days import OPENS, SIGNERS, a_config
from tests.log.standing import LOG, enter_some
from tests.stories.test_todays_draw import draw_house

CONFIG = a_config()
ORIGIN = CONFIG.log.origin
SIZE = 700


def rounds_of_two_lanes(count: int, seed: int = 0) -> list[bytes]:
    """Entries of a log: rounds of two lanes in turn, chained as they must be."""
    entries, prev = [], {0: bytes(32), 1: bytes(32)}
    for n in range(count):
        lane = n % 2
        seal = rounds.Seal(
            cfg_hash=bytes(32),
            epoch=0,
            lane=lane,
            seq=n // 2,
            prev_seal_hash=prev[lane],
            first_idx=n,
            count=1,
            root=seed.to_bytes(32, "big"),
            day=20260206,
            slot=10,
            left_before=(1,),
        )
        raw = rounds.encode_seal(seal)
        prev[lane] = rounds.seal_hash_of(raw)
        final = rounds.Final(
            seal_hash=prev[lane],
            pi_notary=bytes(80),
            pi_auditor=bytes(80),
            seed=bytes(32),
            kept=(0,),
            cut=(0,),
            last_kept_rank=(bytes(32),),
        )
        entries.append(rounds.log_leaf(raw, rounds.encode_final(final)))
    return entries


HONEST = rounds_of_two_lanes(SIZE)
ANOTHER = [*HONEST[:10], *rounds_of_two_lanes(SIZE, seed=1)[10:]]


@dataclass
class Served:
    """What a server gives out: a log, and who signed its checkpoint."""

    entries: list[bytes]
    platform: str = "platform"
    cosigners: tuple[str, ...] = ("notary", "auditor")
    origin: str = ORIGIN
    lie: Callable[[str, bytes], bytes] = lambda path, raw: raw

    def note(self) -> str:
        """The checkpoint over everything."""
        root = merkle.root_of(self.entries)
        text = checkpoints.checkpoint_text(
            Checkpoint(origin=self.origin, size=len(self.entries), root=root)
        )
        lines = [checkpoints.sign_note(SIGNERS[self.platform], self.origin, text)]
        lines += [
            checkpoints.cosign(SIGNERS[who], f"{who}.huiquan", text, OPENS)
            for who in self.cosigners
        ]
        return checkpoints.join_note(text, lines)

    def answer(self, path: str) -> bytes | None:
        """What stands at an address, or None."""
        if path == "checkpoint":
            return self.lie(path, self.note().encode())
        try:
            tile = tiles.parse_path(path.removeprefix("tile/"))
        except tiles.BadTileError:
            return None
        if tiles.width_of(tile.level or 0, tile.number, len(self.entries)) < tile.width:
            return None
        span = 256 ** (tile.level or 0)
        places = [(tile.number * 256 + n) * span for n in range(tile.width)]
        if tile.level is None:
            raw = tiles.bundle(self.entries[place] for place in places)
        else:
            raw = b"".join(merkle.root_of(self.entries[at : at + span]) for at in places)
        return self.lie(path, raw)


@contextmanager
def server(served: Served) -> Iterator[str]:
    """A server that gives this out; what it serves may be changed while it runs."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raw = served.answer(self.path.removeprefix("/log/"))
            self.send_response(404 if raw is None else 200)
            self.send_header("content-length", str(len(raw or b"")))
            self.end_headers()
            self.wfile.write(raw or b"")

        def log_message(self, *_: object) -> None:
            return

    door = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=door.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.server_address[1]}/log"
    finally:
        door.shutdown()
        door.server_close()
        thread.join()


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """Somebody with the command, the log's keys and a memory of their own."""

    folder: Path
    url: str

    def look(self) -> tuple[int, str]:
        """Exit status and everything that was said, in one line."""
        keys = self.folder / "keys.json"
        keys.write_bytes(encode_config(CONFIG))
        words = ["monitor", self.url, "--keys", str(keys)]
        told = CliRunner().invoke(app, [*words, "--state", str(self.folder / "state.json")])
        return told.exit_code, " ".join(told.output.split())


def test_an_honest_log_that_grows_is_followed(tmp_path: Path) -> None:
    served = Served([])
    with server(served) as url:
        stranger = Stranger(folder=tmp_path, url=url)
        for size in (0, 0, 1, 255, 255, 256, 257, 511, 512, SIZE):
            served.entries = HONEST[:size]
            status, said = stranger.look()
            assert (status, said[-2:]) == (0, "ok"), said
            assert f"{size} now" in said
            assert "签名与见证人数足够" in said


def change_entry(path: str, raw: bytes) -> bytes:
    """Another final for one round, in the bundles alone."""
    if not path.startswith("tile/entries/001"):
        return raw
    entries = tiles.unbundle(raw)
    return tiles.bundle([entries[0][:-1] + b"\1", *entries[1:]])


def change_tile(level: int) -> Callable[[str, bytes], bytes]:
    """One hash of the tiles of a level is another."""
    return lambda path, raw: bytes(32) + raw[32:] if f"tile/{level}/" in path else raw


def cut_short(path: str, raw: bytes) -> bytes:
    """A bundle ends within an entry."""
    return raw[:-1] if "entries" in path else raw


LIES = [
    pytest.param(Served(HONEST, platform="notary"), "unsigned", id="unsigned"),
    pytest.param(Served(HONEST, cosigners=("notary",)), "no_quorum", id="one witness"),
    pytest.param(Served(HONEST, cosigners=("notary", "notary")), "no_quorum", id="one twice"),
    pytest.param(Served(HONEST, origin="huiquan/else"), "other_log", id="another log"),
    pytest.param(Served(HONEST, lie=change_entry), "wrong_", id="entry"),
    pytest.param(Served(HONEST, lie=change_tile(0)), "wrong_tile", id="tile 0"),
    pytest.param(Served(HONEST, lie=change_tile(1)), "wrong_tile", id="tile 1"),
    pytest.param(Served(HONEST, lie=cut_short), "unreadable", id="cut"),
    pytest.param(Served([*HONEST, HONEST[0]]), "chain_broken", id="a round twice"),
    pytest.param(Served([*HONEST[:5], *HONEST[7:]]), "chain_broken", id="a round left out"),
    pytest.param(Served([*HONEST, b"hello"]), "unreadable", id="no round"),
]


@pytest.mark.parametrize(("served", "flaw"), LIES)
def test_a_lie_at_the_first_look_is_found(tmp_path: Path, served: Served, flaw: str) -> None:
    with server(served) as url:
        status, said = Stranger(folder=tmp_path, url=url).look()
    assert status == 1
    assert f"({flaw}" in said
    assert not (tmp_path / "state.json").exists()


TURNS = [
    pytest.param(Served(HONEST[:299]), "rolled_back", id="one entry less"),
    pytest.param(Served(HONEST[:1]), "rolled_back", id="nearly all gone"),
    pytest.param(Served(ANOTHER[:300]), "forked", id="another history, same size"),
    pytest.param(Served(ANOTHER), "forked", id="another history, longer"),
    pytest.param(Served(ANOTHER[:250]), "rolled_back", id="another history, shorter"),
    pytest.param(Served(HONEST, lie=change_tile(0)), "wrong_tile", id="a tile changes"),
]


@pytest.mark.requirement("R5.8")
@pytest.mark.parametrize(("then", "flaw"), TURNS)
def test_who_has_looked_before_finds_a_fork_or_a_rollback(
    tmp_path: Path, then: Served, flaw: str
) -> None:
    served = Served(HONEST[:300])
    with server(served) as url:
        stranger = Stranger(folder=tmp_path, url=url)
        assert stranger.look()[0] == 0
        kept = (tmp_path / "state.json").read_bytes()
        served.entries, served.lie = then.entries, then.lie
        status, said = stranger.look()
        assert status == 1
        assert f"({flaw})" in said
        assert (tmp_path / "state.json").read_bytes() == kept, "what was seen is not forgotten"
        notes = (tmp_path / "state.wrong.txt").read_text()
        assert notes.count(f"{ORIGIN}\n") == 2, "both checkpoints are kept as evidence"
        served.entries, served.lie = HONEST, Served(HONEST).lie
        assert stranger.look()[0] == 0


def test_a_server_that_is_away_is_trouble_and_no_verdict(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(encode_config(CONFIG))
    told = CliRunner().invoke(app, ["monitor", "http://127.0.0.1:9/log", "--keys", str(keys)])
    assert told.exit_code == 1
    assert isinstance(told.exception, OutsiderFault)
    assert told.output == ""


@given(st.lists(st.integers(1, 300), max_size=4))
def test_the_edge_of_a_growing_tree_gives_every_root_and_tile(steps: list[int]) -> None:
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(sum(steps))]
    edge, full, size = Edge(), [], 0
    for step in steps:
        edge, fresh = edge.add(leaves[size : size + step])
        full += fresh
        size += step
        assert (edge.size, edge.root()) == (size, merkle.root_of_hashes(leaves[:size]))
    served = {tiles.tile_path(tile): hashes for tile, hashes in [*full, *edge.partial_tiles()]}
    assert set(served) == {tiles.tile_path(tile) for tile in tiles.tiles_of(size)}


def test_what_was_followed_is_kept_and_read_again() -> None:
    taken = follow(Followed(), HONEST[:300])
    assert isinstance(taken, tuple)
    seen = replace(taken[0], note="the note")
    assert decode_followed(encode_followed(seen)) == seen
    for raw in (b"", b"{}", b"[]", b'{"levels": [["zz"]], "newest": [], "note": ""}'):
        with pytest.raises(ValueError):
            decode_followed(raw)


async def test_the_real_houses_log_is_followed_from_outside(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 6) as standing:
        config = next(iter(standing.campaign.days.values())).config
        policy = LogPolicy(keys=PlatformKey(platform=config.keys.platform), log=config.log)
        assert msgspec.json.decode(encode_config(config), type=LogPolicy) == policy
        transport = standing.client._transport
        async with httpx.AsyncClient(transport=transport, base_url=f"http://house{LOG}/") as client:
            source, seen = LogSource(client=client), Followed()
            for tokens in (standing.tokens[:3], standing.tokens[3:]):
                await enter_some(standing, tokens)
                found = await look(source, policy, seen, await source.checkpoint())
                assert isinstance(found, Followed), found
                assert found.edge.size > seen.edge.size
                seen = found
