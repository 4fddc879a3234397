"""Who is believed about where the house stands, and what follows from it."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from huiquan.domain import checkpoints
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.draw_config import canonical
from huiquan.domain.signing import Purpose
from huiquan.domain.standing import (
    Books,
    SignerStatus,
    gaps_in,
    places_named,
    read_status,
    sizes_named,
)
from tests.domain.draw_days import SIGNERS

ORIGIN, SERIES = "huiquan/2026", "2026/yunshanfu"
ROOT, OTHER = b"r" * 32, b"o" * 32
SEAL, SECOND = b"s" * 32, b"t" * 32
BOOKS = Books(
    series=SERIES,
    epoch=0,
    origin=ORIGIN,
    platform_key=SIGNERS["platform"].key,
    cfg_hashes={bytes(32)},
    next_seq={0: 5, 1: 0},
    seal_hashes={(0, 4): SEAL},
    log_size=40,
    roots={40: ROOT, 30: ROOT},
)


def seen_log(size: int, root: bytes, by: str = "platform", origin: str = ORIGIN) -> dict[str, Any]:
    """What a witness says of a log, with the checkpoint that somebody signed."""
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=size, root=root))
    note = checkpoints.join_note(text, [checkpoints.sign_note(SIGNERS[by], origin, text)])
    return {"origin": origin, "size": size, "root": root.hex(), "note": note}


def seen_lane(lane: int, seq: int, seal_hash: bytes, series: str = SERIES, epoch: int = 0) -> Any:
    """What a signer says of a lane."""
    return {
        "series": series,
        "epoch": epoch,
        "lane": lane,
        "seq": seq,
        "seal_hash": seal_hash.hex(),
    }


def status(**parts: list[Any]) -> SignerStatus:
    """A status with these parts and nothing else."""
    empty: dict[str, Any] = {"lanes": [], "refusals": [], "checkpoints": []}
    return msgspec.convert({**empty, **parts}, SignerStatus)


@pytest.mark.parametrize(
    ("who", "parts", "kinds"),
    [
        ("notary", {"lanes": [seen_lane(0, 4, SEAL)]}, []),
        ("notary", {"lanes": [seen_lane(0, 5, SEAL)]}, ["behind"]),
        ("auditor", {"lanes": [seen_lane(1, 0, SEAL)]}, ["behind"]),
        ("auditor", {"lanes": [seen_lane(0, 4, SECOND)]}, ["forked"]),
        # Another series, another epoch, and a witness: none of them speaks of our lanes.
        ("notary", {"lanes": [seen_lane(0, 5, SEAL, series="2025/other")]}, []),
        ("notary", {"lanes": [seen_lane(0, 5, SEAL, epoch=1)]}, []),
        ("witness", {"lanes": [seen_lane(0, 99, SEAL)]}, []),
        ("witness", {"checkpoints": [seen_log(40, ROOT)]}, []),
        ("witness", {"checkpoints": [seen_log(30, ROOT)]}, []),
        ("witness", {"checkpoints": [seen_log(41, ROOT)]}, ["behind"]),
        ("witness", {"checkpoints": [seen_log(40, OTHER)]}, ["forked"]),
        ("notary", {"checkpoints": [seen_log(30, OTHER)]}, ["forked"]),
        # A word without the platform's signature stops nothing.
        ("witness", {"checkpoints": [seen_log(10**9, OTHER, by="auditor")]}, []),
        ("witness", {"checkpoints": [{**seen_log(41, ROOT), "size": 10**9}]}, []),
        ("witness", {"checkpoints": [{**seen_log(40, ROOT), "root": OTHER.hex()}]}, []),
        ("witness", {"checkpoints": [{**seen_log(41, ROOT), "note": "hello"}]}, []),
        ("witness", {"checkpoints": [seen_log(41, ROOT, origin="huiquan/2025")]}, []),
    ],
)
def test_what_is_a_gap_and_who_is_believed(
    who: str, parts: dict[str, Any], kinds: list[str]
) -> None:
    found = gaps_in(BOOKS, {who: status(**parts)})
    assert [gap.kind.value for gap in found] == kinds
    assert all(who in gap.zh and who in gap.en for gap in found)


def test_a_house_that_is_ahead_of_everyone_has_no_gap() -> None:
    ahead = replace(BOOKS, next_seq={0: 9}, seal_hashes={(0, 4): SEAL}, log_size=90)
    told = status(lanes=[seen_lane(0, 4, SEAL)], checkpoints=[seen_log(40, ROOT)])
    assert gaps_in(ahead, {"notary": told, "auditor": told, "witness": told}) == ()


@pytest.mark.parametrize(
    ("found", "seen", "behind"),
    [
        ({-1: 7, 0: 40}, {-1: 7, 0: 40}, []),
        ({-1: 8, 0: 41}, {-1: 7, 0: 40}, []),
        ({-1: 7, 0: 39}, {-1: 7, 0: 40}, ["book 0"]),
        ({-1: 6, 0: 0}, {-1: 7, 0: 40}, ["book -1", "book 0"]),
        ({-1: 7}, {-1: 7, 0: 1}, ["book 0"]),
        ({-1: 7, 0: 40}, {}, []),
    ],
)
def test_a_book_that_is_shorter_than_it_was_seen_is_a_gap(
    found: dict[int, int], seen: dict[int, int], behind: list[str]
) -> None:
    """Of money between two draws nobody outside knows; the house itself does."""
    gaps = gaps_in(replace(BOOKS, movements=found, seen_movements=seen), {})
    assert [gap.subject for gap in gaps] == behind
    assert {(gap.kind.value, gap.who) for gap in gaps} <= {("behind", "house")}


def test_only_what_is_named_has_to_be_read() -> None:
    told = {
        "notary": status(lanes=[seen_lane(0, 4, SEAL), seen_lane(3, 7, SEAL, epoch=2)]),
        "witness": status(checkpoints=[seen_log(40, ROOT), seen_log(9, ROOT, origin="x")]),
    }
    assert places_named(SERIES, 0, told) == {(0, 4)}
    assert sizes_named(ORIGIN, told) == {40}


def test_a_status_counts_only_under_the_key_that_is_known() -> None:
    said = {"lanes": [seen_lane(0, 4, SEAL)], "refusals": [], "checkpoints": [], "role": "notary"}
    signature = SIGNERS["notary"].sign(Purpose.STATUS, canonical(said)).hex()
    raw = msgspec.json.encode({**said, "signature": signature})
    assert read_status(raw, SIGNERS["notary"].key) == status(lanes=[seen_lane(0, 4, SEAL)])
    assert read_status(raw, SIGNERS["auditor"].key) is None
    changed = msgspec.json.encode({**said, "role": "auditor", "signature": signature})
    assert read_status(changed, SIGNERS["notary"].key) is None
    for nonsense in (b"", b"[]", b"{}", b'{"signature": 7}', b'{"signature": "zz"}'):
        assert read_status(nonsense, SIGNERS["notary"].key) is None
