"""Worked examples of the draw as JSON, for whoever writes another verifier.  测试向量

    python -m tests.domain.making_vectors        writes vectors/*.json anew

Byte strings are lower-case hex. A test makes them again and compares, so they never go stale.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from huiquan.domain import checkpoints, epochs, lottery, merkle, receipts, rounds, stock, vrf
from huiquan.domain.exports import RoundRow
from huiquan.domain.receipts import EntryReceipt, LogProof, OutcomeReceipt
from huiquan.domain.rounds import Entry
from huiquan.domain.verification_receipt import verify_outcome_receipt
from tests.domain.changed_days import a_changed_day
from tests.domain.draw_days import (
    DAY,
    KEYS,
    OPENS,
    SIGNERS,
    DrawDay,
    a_drawn_day,
    draw_sealed,
    seed_for,
)

FOLDER = Path(__file__).parents[2] / "vectors"


def vectors() -> dict[str, Any]:
    """Every file of examples by its name."""
    return {
        "draws.json": draws(),
        "proofs.json": proofs(),
        "splits.json": splits(),
        "chains.json": chains(),
        "receipts.json": all_receipts(),
        "epochs.json": a_change_of_keys(),
    }


def spelled(value: Any) -> str:
    """The text of a file: two spaces, keys in the order in which they were thought of."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def draws() -> dict[str, Any]:
    """Two rounds drawn: tickets, tiers, ranks, and the final's bytes."""
    day = DrawDay()
    day.enter(60)
    cases = []
    for lane in (0, 1):
        seal, taken = day.seal(lane, 10, 24)
        final, drawn = draw_sealed(seal, taken, day.tables)
        cases.append(
            {
                "seal": rounds.encode_seal(seal).hex(),
                "seal_hash": final.seal_hash.hex(),
                "beta_notary": vrf.proof_to_hash(final.pi_notary).hex(),
                "beta_auditor": vrf.proof_to_hash(final.pi_auditor).hex(),
                "seed": final.seed.hex(),
                "entries": [drawn_entry(final.seed, *pair) for pair in _pairs(taken, drawn)],
                "left_after": list(drawn.left_after),
                "final": rounds.encode_final(final).hex(),
            }
        )
    tables = {
        str(pack): [[str(bound), tier] for bound, tier in table]
        for pack, table in day.tables.items()
    }
    return {"tables": tables, "rounds": cases, "names": names(day)}


def _pairs(taken: Sequence[Entry], drawn: lottery.Drawn) -> list[tuple[Entry, lottery.Outcome]]:
    return list(zip(taken, drawn.outcomes, strict=True))


def drawn_entry(seed: bytes, entry: Entry, outcome: lottery.Outcome) -> dict[str, Any]:
    """One entry with its ticket (decimal) and its rank."""
    return {
        "entry": rounds.encode_entry(entry).hex(),
        "idx": entry.idx,
        "pack": entry.pack,
        "ticket": str(lottery.ticket_of(seed, entry.idx, entry.pid)),
        "rank": lottery.rank_of(seed, entry.idx, entry.pid).hex(),
        "tier": outcome.tier,
        "kept": outcome.kept,
    }


def names(day: DrawDay) -> dict[str, Any]:
    """A pseudonym, its lane, and the two commitments."""
    pid = lottery.pid_of(b"the pseudonym key", b"a person")
    return {
        "campaign_key": b"the pseudonym key".hex(),
        "campaign_key_commitment": lottery.campaign_key_commitment(b"the pseudonym key").hex(),
        "person_key": b"a person".hex(),
        "pid": pid.hex(),
        "epoch_start": day.cfg_hash.hex(),
        "lanes": 64,
        "lane": lottery.lane_of(day.cfg_hash, pid, 64),
        "salt": bytes(range(16)).hex(),
        "decision": b"accepted".hex(),
        "elig": lottery.eligibility_commitment(bytes(range(16)), b"accepted").hex(),
    }


def proofs() -> dict[str, Any]:
    """Proofs of a seal by both signers, and tree proofs for small trees."""
    seal_hash = rounds.seal_hash_of(b"any seal")
    signed = []
    for party, role in (("notary", "N"), ("auditor", "W")):
        alpha = vrf.seal_alpha(role, seal_hash)
        pi = vrf.prove(seed_for(party), alpha)
        signed.append(
            {
                "role": role,
                "key": SIGNERS[party].key.hex(),
                "seal_hash": seal_hash.hex(),
                "alpha": alpha.hex(),
                "pi": pi.hex(),
                "beta": vrf.proof_to_hash(pi).hex(),
            }
        )
    return {"vrf": signed, "trees": [tree(size) for size in (1, 2, 3, 7, 8, 13)]}


def tree(size: int) -> dict[str, Any]:
    """A tree over the leaves 00, 01, 02 ... with every path and every growth."""
    leaves = [bytes((number,)) for number in range(size)]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    node = merkle.nodes_of(hashes)
    return {
        "size": size,
        "leaves": [leaf.hex() for leaf in leaves],
        "root": merkle.root_of(leaves).hex(),
        "paths": [_hexes(merkle.inclusion_path(index, size, node)) for index in range(size)],
        "grown_from": [
            {
                "old_size": old,
                "old_root": merkle.root_of(leaves[:old]).hex(),
                "proof": _hexes(merkle.consistency_proof(old, size, node)),
            }
            for old in range(size + 1)
        ],
    }


def splits() -> dict[str, Any]:
    """Units dealt to lanes: lane of single units, and a whole day."""
    root = merkle.EMPTY_ROOT
    releases = [stock.Release(slot, tier, 9) for slot in (9, 10) for tier in (1, 2)]
    topups = stock.deal_day(root, DAY, 4, releases)
    return {
        "root": root.hex(),
        "day": DAY,
        "lanes": 4,
        "lane_of_unit": [
            {"tier": tier, "unit": unit, "lane": stock.lane_of_unit(root, DAY, tier, unit, 4)}
            for tier in (1, 2)
            for unit in (0, 1, 2, 1000)
        ],
        "releases": [list(release) for release in releases],
        "topups": [list(topup) for topup in topups],
    }


def chains() -> dict[str, Any]:
    """A whole exported day: every file of the folder, text as it is and entries in hex."""
    _, files = a_drawn_day(people=90, per_round=15)
    return {
        "day": DAY,
        "text_files": {
            path: raw.decode() for path, raw in files.items() if not path.endswith(".bin")
        },
        "hex_files": {path: raw.hex() for path, raw in files.items() if path.endswith(".bin")},
    }


def a_change_of_keys() -> dict[str, Any]:
    """A day on which the notary's key was lost: the declaration, and the day exported with it."""
    changed = a_changed_day(people=60)
    files, said = changed.files(), changed.epoch.declaration
    lanes = range(len(said.lanes))
    return {
        "epoch": json.loads(epochs.encode_epoch(changed.epoch)),
        "declaration_hash": changed.epoch.hash.hex(),
        "leaf": epochs.leaf_of(changed.epoch).hex(),
        "leaf_hash": merkle.leaf_hash(epochs.leaf_of(changed.epoch)).hex(),
        "first_links": [epochs.first_link(said, changed.epoch.hash, n).hex() for n in lanes],
        "day": changed.day.day,
        "text_files": {
            path: raw.decode() for path, raw in files.items() if not path.startswith("entries/")
        },
        "hex_files": {
            path: raw.hex() for path, raw in files.items() if path.startswith("entries/")
        },
    }


def all_receipts() -> dict[str, Any]:
    """Entry receipts, five at once and the first alone; outcome receipts, right and forged."""
    day = DrawDay()
    day.enter(120)
    taken = day.lanes[0].entries[:40]
    row = day.draw(0, 10, 40)
    places: dict[str, int] = {}
    outcomes = draw_sealed(rounds.decode_seal(bytes.fromhex(row.seal)), taken, day.tables)[1]
    for place, (tier, kept) in enumerate(outcomes.outcomes):
        places.setdefault("miss" if not tier else "win" if kept else "cut", place)
    cases = [case(day, name, receipt_at(day, taken, row, place)) for name, place in places.items()]
    won = receipt_at(day, taken, row, places["win"])
    missed = receipt_at(day, taken, row, places["miss"])
    final = rounds.decode_final(bytes.fromhex(won.final))
    poorer = rounds.encode_final(replace(final, seed=bytes(32))).hex()
    forged = {
        "a miss shown as a win": replace(missed, outcome=lottery.Outcome(1, True)),
        "another's path": replace(won, path=missed.path),
        "another table": replace(won, table=(("18446744073709551615", won.outcome.tier),)),
        "another seed": replace(won, final=poorer),
        "one witness only": replace(won, log=short_of_a_witness(won)),
    }
    said = [(day.cfg_hash, rounds.encode_entry(entry), OPENS) for entry in taken[:5]]
    batch = receipts.entry_receipts(SIGNERS["platform"], said, 60)
    alone = receipts.entry_receipts(SIGNERS["platform"], said[:1], 60)
    return {
        "config": day.raw_config.decode(),
        "cfg_hash": day.cfg_hash.hex(),
        "keys": {party: getattr(KEYS, party) for party in ("platform", "notary", "auditor")},
        "entry_receipt": receipts.entry_receipt_json(*alone),
        "entry_receipt_signed_bytes": signed_entry(*alone)["signed_bytes"],
        "entry_receipts": [signed_entry(receipt) for receipt in (*batch, *alone)],
        "outcome_receipts": cases + [case(day, name, one) for name, one in forged.items()],
    }


def signed_entry(receipt: EntryReceipt) -> dict[str, Any]:
    """An entry receipt with what was said of it, and the bytes under its signature."""
    at = receipts.milliseconds(receipt.entered_at)
    said = receipts.entry_statement(receipt.cfg_hash, receipt.entry, at, receipt.promise_s)
    leaf = merkle.leaf_hash(said)
    root = merkle.root_of_path(leaf, receipt.index, receipt.size, receipt.path)
    assert root is not None
    signed = b"lotto/v1/receipt/entry\x00" + receipts.signed_root(receipt.size, root)
    return {
        "receipt": receipts.entry_receipt_json(receipt),
        "statement": said.hex(),
        "signed_bytes": signed.hex(),
    }


def short_of_a_witness(receipt: OutcomeReceipt) -> LogProof:
    """The receipt's log proof with the last cosignature gone."""
    assert receipt.log is not None
    note = receipt.log.checkpoint
    text = note[: note.rindex("\u2014 ")]
    assert len(checkpoints.parse_note(text).signatures) == 2
    return replace(receipt.log, checkpoint=text)


def case(day: DrawDay, name: str, receipt: OutcomeReceipt) -> dict[str, Any]:
    """A receipt with what a verifier must say about it."""
    verdict = verify_outcome_receipt(receipt, KEYS, day.raw_config)
    return {
        "name": name,
        "is_right": verdict.is_right,
        "wrong": None if verdict.finding is None else verdict.finding.wrong.value,
        "receipt": receipts.outcome_receipt_json(receipt),
    }


def receipt_at(day: DrawDay, taken: Sequence[Entry], row: RoundRow, place: int) -> OutcomeReceipt:
    """The outcome receipt of one entry of the day's only round."""
    seal = rounds.decode_seal(bytes.fromhex(row.seal))
    final = rounds.decode_final(bytes.fromhex(row.final))
    leaves = [merkle.leaf_hash(rounds.encode_entry(entry)) for entry in taken]
    return OutcomeReceipt(
        entry=rounds.encode_entry(taken[place]).hex(),
        path=tuple(_hexes(merkle.inclusion_path(place, seal.count, merkle.nodes_of(leaves)))),
        seal=row.seal,
        final=row.final,
        table=day.config.days[day.day].tables[taken[place].pack],
        outcome=lottery.outcome_of(taken[place], final, day.tables),
        log=LogProof(index=0, size=1, path=(), checkpoint=day.notes[0]),
    )


def _hexes(hashes: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


if __name__ == "__main__":
    for file_name, content in vectors().items():
        (FOLDER / file_name).write_text(spelled(content))
