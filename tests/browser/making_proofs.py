"""Proof files of consumers for the tests: three that hold, and one of an entry alone.

The entry receipts are signed here by the page's words and not by the house's code, so that a
change of either is noticed.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from huiquan.domain import draw_config, epochs, lottery, merkle, receipts, rounds
from huiquan.domain.draw_config import DayPlan
from huiquan.domain.exports import RoundRow
from huiquan.domain.receipts import LogProof, OutcomeReceipt
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import Purpose
from huiquan.domain.stock import TopUp
from tests.domain.changed_days import NEW, NOON, change_keys
from tests.domain.draw_days import (
    DAY,
    KEYS,
    LOG_OF_THREE,
    OPENS,
    SIGNERS,
    DrawDay,
    a_config,
    a_plan,
    cosigned_note,
    draw_sealed,
    sign_both,
)

FORMAT = "huiquan/draw-proof/1"
PROMISE_S = 60
BATCH = 5
# In list mode people sign up days before; the day stands from the first of these.
SIGN_UP = OPENS - timedelta(days=2, hours=10)


@dataclass(frozen=True, kw_only=True)
class DrawnRound:
    """A round of a small day, with what is needed to prove each of its entries."""

    day: DrawDay
    taken: list[Entry]
    row: RoundRow
    leaf_hashes: list[bytes]

    def places(self) -> dict[str, int]:
        """The first miss, win and cut of the round, by name."""
        seal = rounds.decode_seal(bytes.fromhex(self.row.seal))
        found: dict[str, int] = {}
        outcomes = draw_sealed(seal, self.taken, self.day.tables)[1].outcomes
        for place, (tier, kept) in enumerate(outcomes):
            found.setdefault("miss" if not tier else "win" if kept else "cut", place)
        return found


def a_drawn_round() -> DrawnRound:
    """Lane 0 of a day of 200 people: its second round, in a log of six."""
    day = DrawDay()
    day.enter(200)
    leaf_hashes = []
    drawn = None
    for number in (0, 1, 0, 1, 0, 1):
        taken = day.lanes[number].entries[:30]
        row = day.draw(number, 10, 30)
        seal, final = bytes.fromhex(row.seal), bytes.fromhex(row.final)
        leaf_hashes.append(merkle.leaf_hash(rounds.log_leaf(seal, final)))
        if len(leaf_hashes) == 3:
            drawn = taken, row
    assert drawn is not None
    return DrawnRound(day=day, taken=drawn[0], row=drawn[1], leaf_hashes=leaf_hashes)


def entry_receipt(drawn: DrawnRound, place: int, entered_at: datetime = OPENS) -> dict[str, Any]:
    """The receipt of an entry that was answered together with its neighbours."""
    first = place - place % BATCH
    batch = drawn.taken[first : first + BATCH]
    ms = int(entered_at.timestamp()) * 1000
    tail = ms.to_bytes(8, "big") + PROMISE_S.to_bytes(4, "big")
    statements = [drawn.day.cfg_hash + rounds.encode_entry(entry) + tail for entry in batch]
    message = len(batch).to_bytes(4, "big") + merkle.root_of(statements)
    node = merkle.nodes_of([merkle.leaf_hash(statement) for statement in statements])
    entry = drawn.taken[place]
    return {
        "day": entry.day,
        "lane": entry.lane,
        "idx": entry.idx,
        "entry": rounds.encode_entry(entry).hex(),
        "cfg_hash": drawn.day.cfg_hash.hex(),
        "entered_at": entered_at.isoformat(timespec="milliseconds"),
        "promise": PROMISE_S,
        "index": place - first,
        "size": len(batch),
        "path": _hexes(merkle.inclusion_path(place - first, len(batch), node)),
        "signature": SIGNERS["platform"].sign(Purpose.ENTRY_RECEIPT, message).hex(),
        "platform_key": KEYS.platform,
    }


def outcome_receipt(drawn: DrawnRound, place: int, place_in_log: int = 2) -> dict[str, Any]:
    """The outcome receipt of an entry, with its round's place in the log."""
    seal = rounds.decode_seal(bytes.fromhex(drawn.row.seal))
    final = rounds.decode_final(bytes.fromhex(drawn.row.final))
    leaves = [merkle.leaf_hash(rounds.encode_entry(entry)) for entry in drawn.taken]
    entry = drawn.taken[place]
    size = len(drawn.leaf_hashes)
    node = merkle.nodes_of(drawn.leaf_hashes)
    receipt = OutcomeReceipt(
        entry=rounds.encode_entry(entry).hex(),
        path=tuple(_hexes(merkle.inclusion_path(place, seal.count, merkle.nodes_of(leaves)))),
        seal=drawn.row.seal,
        final=drawn.row.final,
        table=drawn.day.config.days[drawn.day.day].tables[entry.pack],
        outcome=lottery.outcome_of(entry, final, drawn.day.tables),
        log=LogProof(
            index=place_in_log,
            size=size,
            path=tuple(_hexes(merkle.inclusion_path(place_in_log, size, node))),
            checkpoint=drawn.day.notes[-1],
        ),
    )
    return receipts.outcome_receipt_json(receipt)


def proof_file(
    drawn: DrawnRound, place: int, entered_at: datetime = OPENS, place_in_log: int = 2
) -> dict[str, Any]:
    """The whole proof file of one entry."""
    file = {
        "format": FORMAT,
        "configs": [_signed_config(drawn.day)],
        "entry_receipt": entry_receipt(drawn, place, entered_at),
        "outcome_receipt": outcome_receipt(drawn, place, place_in_log),
    }
    # Through its text, so that lists are lists as in a file.
    plain: dict[str, Any] = json.loads(json.dumps(file))
    return plain


def two_config_file(**changes: Any) -> dict[str, Any]:
    """The proof of someone who entered a second before another config began: both stand in it.

    changes replace members of the later config, under which the round was sealed.
    """
    day = DrawDay()
    day.enter(100)
    early = copy.copy(day)
    later = {
        "epoch_start": day.cfg_hash.hex(),
        "round_max": 40,
        "published_at": day.config.published_at + timedelta(hours=1),
        "active_from": OPENS + timedelta(seconds=1),
    }
    day.change_config(replace(day.config, **{**later, **changes}))
    drawn = _draw_and_log(day, [])
    file = {
        "format": FORMAT,
        "configs": [_signed_config(day), _signed_config(early)],
        "entry_receipt": entry_receipt(replace(drawn, day=early), 0),
        "outcome_receipt": outcome_receipt(drawn, 0, place_in_log=0),
    }
    plain: dict[str, Any] = json.loads(json.dumps(file))
    return plain


def files_around_a_change(cosigners: Sequence[str], notary: str = NEW) -> dict[str, dict[str, Any]]:
    """Proofs of one who was drawn before the notary's key was lost, and of one drawn behind it.

    cosigners witness the log from the declaration on, the notary with this key.
    """
    day = DrawDay(config=a_config(log=LOG_OF_THREE))
    day.enter(120)
    first, early = _draw_and_log(day, []), copy.copy(day)
    files = {"before": proof_file(first, 0, place_in_log=0)}
    epoch = change_keys(day, "notary", NOON, {})
    declaration = merkle.leaf_hash(epochs.leaf_of(epoch))
    second = _draw_and_log(day, [*first.leaf_hashes, declaration])
    day.notes[-1] = cosigned_note(day.config, day.frontier, {"notary": notary}, cosigners)
    later = replace(first, day=early, leaf_hashes=second.leaf_hashes)
    files["before, logged behind"] = proof_file(later, 0, place_in_log=0)
    entered_at = day.config.active_from + timedelta(minutes=5)
    files["behind"] = proof_file(second, 0, entered_at)
    assert day.epoch_file is not None
    return {name: file | {"epoch": json.loads(day.epoch_file)} for name, file in files.items()}


def _draw_and_log(day: DrawDay, logged: list[bytes]) -> DrawnRound:
    """The next round of lane 0, in a log that holds these leaves before it."""
    taken = day.lanes[0].entries[:30]
    row = day.draw(0, 10 if day.config.epoch == 0 else 23, 30)
    leaf = merkle.leaf_hash(rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final)))
    return DrawnRound(day=day, taken=taken, row=row, leaf_hashes=[*logged, leaf])


def signed_up_file(entered_at: datetime, stands_from: datetime = SIGN_UP) -> dict[str, Any]:
    """The proof of someone who signed up at this instant for a day that stands from another on."""
    published = OPENS - timedelta(days=9)
    config = a_config(
        published_at=published,
        active_from=published + timedelta(hours=12),
        days={DAY: replace(a_plan(), stands_from=stands_from)},
    )
    day = DrawDay(config=config)
    day.enter(100)
    return proof_file(_draw_and_log(day, []), 0, entered_at, place_in_log=0)


def unnamed_configs() -> dict[str, dict[str, Any]]:
    """Files with a second config that the entry receipt does not name, or in another place."""
    two, one = two_config_file(), proof_files()["win"]
    return {
        "swapped": two | {"configs": two["configs"][::-1]},
        "no receipt": two | {"entry_receipt": None},
        "the same twice": one | {"configs": one["configs"] * 2},
        "one too many": one | {"configs": [*one["configs"], two["configs"][0]]},
    }


def _undealt() -> DayPlan:
    """The day with a unit of each tier in another lane than the rule gives it."""
    plan = a_plan()
    topups = {(one.slot, one.lane, one.tier): one.units for one in plan.topups}
    for tier in (1, 2, 3):
        slot = next(slot for slot, lane, t in topups if lane == 1 and t == tier)
        topups[slot, 1, tier] -= 1
        topups[slot, 0, tier] = topups.get((slot, 0, tier), 0) + 1
    moved = tuple(TopUp(*place, units) for place, units in sorted(topups.items()) if units)
    return replace(plan, topups=moved)


def _another_table() -> DayPlan:
    return replace(a_plan(), tables={1: (("5", 1),), 2: (("5", 3),)})


# What the later config of two may not say, and what a reader calls it.
CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "another table": ({"days": {DAY: _another_table()}}, "configs_disagree"),
    "more lanes": ({"lanes": 3, "days": {DAY: a_plan(lanes=3)}}, "configs_disagree"),
    "another start": ({"epoch_start": "22" * 32}, "configs_disagree"),
    "another log": ({"log": replace(a_config().log, origin="huiquan/x")}, "configs_disagree"),
    "another campaign": ({"campaign": "2026-another"}, "configs_disagree"),
    "began before the entry": ({"active_from": OPENS}, "config_not_in_force"),
    "short notice": ({"published_at": OPENS}, "config_not_in_force"),
    "not dealt by the rule": ({"days": {DAY: _undealt()}}, "wrong_stock"),
}


def with_member(file: dict[str, Any], *place: str) -> dict[str, Any]:
    """The file under a config with one member more at this place, signed again by both."""
    config = json.loads(file["configs"][0]["text"])
    inside = config
    for step in place:
        inside = inside[int(step)] if isinstance(inside, list) else inside[step]
    inside["more"] = "1"
    raw = draw_config.canonical(config)
    both = sign_both(draw_config.cfg_hash_of(raw))
    signed = {"platform": both.platform.hex(), "approver": both.approver.hex()}
    return file | {"configs": [{"text": raw.decode(), **signed}]}


# Where a config could have a member more; in the inputs of the formula it may.
PLACES = (
    (), ("packs", "1"), ("tiers", "1"), ("limits",), ("keys",), ("log",), ("log", "witnesses", "0"),
    ("dealing",), ("formula",), ("days", str(DAY)),
)  # fmt: skip
FREE = ("formula", "inputs")


def _signed_config(day: DrawDay) -> dict[str, str]:
    both = sign_both(day.cfg_hash)
    return {
        "text": day.raw_config.decode(),
        "platform": both.platform.hex(),
        "approver": both.approver.hex(),
    }


def proof_files() -> dict[str, dict[str, Any]]:
    """A miss, a win, a cut, and an entry whose outcome is not known yet."""
    drawn = a_drawn_round()
    files = {name: proof_file(drawn, place) for name, place in drawn.places().items()}
    return files | {"entry alone": proof_file(drawn, 0) | {"outcome_receipt": None}}


def spelled(file: dict[str, Any]) -> str:
    """The text of a proof file, as a page writes it."""
    return json.dumps(file, ensure_ascii=False, indent=1)


def _hexes(hashes: Any) -> list[str]:
    return [one.hex() for one in hashes]
