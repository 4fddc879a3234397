"""Proof files of consumers for the tests: three that hold, and one of an entry alone.

The entry receipts are signed here by the page's words and not by the house's code, so that a
change of either is noticed.
"""

import json
from dataclasses import dataclass
from typing import Any

from huiquan.domain import lottery, merkle, receipts, rounds
from huiquan.domain.exports import RoundRow
from huiquan.domain.receipts import LogProof, OutcomeReceipt
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import Purpose
from tests.domain.draw_days import KEYS, OPENS, SIGNERS, DrawDay, draw_sealed, sign_both

FORMAT = "huiquan/draw-proof/1"
PROMISE_S = 60
BATCH = 5


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


def entry_receipt(drawn: DrawnRound, place: int) -> dict[str, Any]:
    """The receipt of an entry that was answered together with its neighbours."""
    first = place - place % BATCH
    batch = drawn.taken[first : first + BATCH]
    ms = int(OPENS.timestamp()) * 1000
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
        "entered_at": OPENS.isoformat(timespec="milliseconds"),
        "promise": PROMISE_S,
        "index": place - first,
        "size": len(batch),
        "path": _hexes(merkle.inclusion_path(place - first, len(batch), node)),
        "signature": SIGNERS["platform"].sign(Purpose.ENTRY_RECEIPT, message).hex(),
        "platform_key": KEYS.platform,
    }


def outcome_receipt(drawn: DrawnRound, place: int) -> dict[str, Any]:
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
            index=2,
            size=size,
            path=tuple(_hexes(merkle.inclusion_path(2, size, node))),
            checkpoint=drawn.day.notes[-1],
        ),
    )
    return receipts.outcome_receipt_json(receipt)


def proof_file(drawn: DrawnRound, place: int) -> dict[str, Any]:
    """The whole proof file of one entry."""
    both = sign_both(drawn.day.cfg_hash)
    config = {
        "text": drawn.day.raw_config.decode(),
        "platform": both.platform.hex(),
        "approver": both.approver.hex(),
    }
    file = {
        "format": FORMAT,
        "configs": [config],
        "entry_receipt": entry_receipt(drawn, place),
        "outcome_receipt": outcome_receipt(drawn, place),
    }
    # Through its text, so that lists are lists as in a file.
    plain: dict[str, Any] = json.loads(json.dumps(file))
    return plain


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
