"""Outcome receipts with one thing changed, for every verifier that reads single draws.  改过的回执

    python -m tests.drills.tampered_receipts        writes vectors/tampered.json anew

Three rounds stand in the log. From honest receipts of its draws each edit makes one that no
verifier may accept, given the config and the four keys beside them; "wrong" is what this house
names first, others may name another thing of it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from huiquan.domain import checkpoints, lottery, merkle, receipts, rounds
from huiquan.domain.lottery import Outcome
from huiquan.domain.receipts import LogProof, OutcomeReceipt
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import signer_from
from huiquan.domain.verification_receipt import verify_outcome_receipt
from tests.domain.draw_days import KEYS, OPENS, SIGNERS, DrawDay, draw_sealed, sign_both
from tests.domain.making_vectors import FOLDER, spelled
from tests.drills.edits import flipped_bit

FILE = FOLDER / "tampered.json"
FORMAT = "huiquan/tampered-receipts/1"
EACH = 3

Change = Callable[[OutcomeReceipt, OutcomeReceipt, random.Random], OutcomeReceipt]
"""From a receipt, another honest one and the dice to a receipt that must not pass."""


def logged_receipts() -> tuple[DrawDay, list[OutcomeReceipt]]:
    """Every outcome receipt of three rounds in two lanes, with its proof from the log."""
    day = DrawDay()
    day.enter(90)
    drawn = [(lane, list(day.lanes[lane].entries[:20]), day.draw(lane, 10, 20))
             for lane in (0, 1, 0)]  # fmt: skip
    leaves = [
        merkle.leaf_hash(rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final)))
        for _, _, row in drawn
    ]
    made = []
    for index, (_, taken, row) in enumerate(drawn):
        path = merkle.inclusion_path(index, len(leaves), merkle.nodes_of(leaves))
        proof = LogProof(
            index=index,
            size=len(leaves),
            path=tuple(one.hex() for one in path),
            checkpoint=day.notes[-1],
        )
        made += [_receipt(day, taken, row.seal, row.final, place, proof) for place in range(20)]
    return day, made


def _receipt(
    day: DrawDay, taken: Sequence[Entry], seal: str, final: str, place: int, log: LogProof
) -> OutcomeReceipt:
    """One person's receipt."""
    entry = taken[place]
    leaves = [merkle.leaf_hash(rounds.encode_entry(one)) for one in taken]
    path = merkle.inclusion_path(place, len(taken), merkle.nodes_of(leaves))
    drawn = rounds.decode_final(bytes.fromhex(final))
    return OutcomeReceipt(
        entry=rounds.encode_entry(entry).hex(),
        path=tuple(one.hex() for one in path),
        seal=seal,
        final=final,
        table=day.config.days[day.day].tables[entry.pack],
        outcome=lottery.outcome_of(entry, drawn, day.tables),
        log=log,
    )


def _hex(dice: random.Random, text: str) -> str:
    """Hex with one bit turned over."""
    return flipped_bit(dice, bytes.fromhex(text)).hex()


def flip_entry(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    return replace(one, entry=_hex(dice, one.entry))


def flip_path(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    at = dice.randrange(len(one.path))
    return replace(one, path=(*one.path[:at], _hex(dice, one.path[at]), *one.path[at + 1 :]))


def flip_seal(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    return replace(one, seal=_hex(dice, one.seal))


def flip_final(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    return replace(one, final=_hex(dice, one.final))


def flip_outcome(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    tier, kept = one.outcome
    return replace(one, outcome=Outcome(tier, not kept) if tier else Outcome(1, True))


def cut_path(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    return replace(one, path=one.path[:-1])


def grow_path(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    return replace(one, path=(*one.path, dice.randbytes(32).hex()))


def entry_of_another(
    one: OutcomeReceipt, other: OutcomeReceipt, _: random.Random
) -> OutcomeReceipt:
    return replace(one, entry=other.entry)


def round_of_another(
    one: OutcomeReceipt, other: OutcomeReceipt, _: random.Random
) -> OutcomeReceipt:
    return replace(one, seal=other.seal, final=other.final, log=other.log)


def final_of_another(
    one: OutcomeReceipt, other: OutcomeReceipt, _: random.Random
) -> OutcomeReceipt:
    return replace(one, final=other.final)


def better_table(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    return replace(one, table=((str(2**64 - 1), one.table[-1][1]),))


def table_off_by_one(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    bound, tier = one.table[0]
    return replace(one, table=((str(int(bound) + 1), tier), *one.table[1:]))


def swap_proofs(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    final = rounds.decode_final(bytes.fromhex(one.final))
    return _with_final(one, pi_notary=final.pi_auditor, pi_auditor=final.pi_notary)


def other_seed(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    return _with_final(one, seed=dice.randbytes(32))


def one_more_kept(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    final = rounds.decode_final(bytes.fromhex(one.final))
    return _with_final(one, kept=(final.kept[0] + 1, *final.kept[1:]))


def drawn_by_all_anew(
    one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random
) -> OutcomeReceipt:
    """The one person alone in a round that platform, notary and auditor sealed and proved later."""
    entry = replace(rounds.decode_entry(bytes.fromhex(one.entry)), client_nonce=dice.randbytes(16))
    raw = rounds.encode_entry(entry)
    old = rounds.decode_seal(bytes.fromhex(one.seal))
    seal = replace(old, first_idx=entry.idx, count=1, root=merkle.root_of([raw]))
    final, drawn = draw_sealed(seal, [entry], DrawDay().tables)
    return replace(
        one,
        entry=raw.hex(),
        path=(),
        seal=rounds.encode_seal(seal).hex(),
        final=rounds.encode_final(final).hex(),
        outcome=drawn.outcomes[0],
    )


def flip_log_path(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    assert one.log is not None
    return replace(one, log=replace(one.log, path=(_hex(dice, one.log.path[0]), *one.log.path[1:])))


def other_log_place(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    assert one.log is not None
    return replace(one, log=replace(one.log, index=(one.log.index + 1) % one.log.size))


def other_log_size(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    assert one.log is not None
    return replace(one, log=replace(one.log, size=one.log.size + 1))


def flip_root(one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random) -> OutcomeReceipt:
    """Another root on the checkpoint, its signatures as they were."""
    assert one.log is not None
    lines = one.log.checkpoint.split("\n")
    letters = "ABCDEFGH"
    lines[2] = dice.choice([c for c in letters if c != lines[2][0]]) + lines[2][1:]
    return replace(one, log=replace(one.log, checkpoint="\n".join(lines)))


def lose_witness(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    assert one.log is not None
    note = one.log.checkpoint
    return replace(one, log=replace(one.log, checkpoint=note[: note.rindex("\u2014 ")]))


def line_of_a_stranger(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    """One more signature line, of somebody whom the config does not name."""
    return _with_line(one, lambda lines: checkpoints.cosign(
        signer_from(bytes(32)), "stranger.example", _text(one), OPENS))  # fmt: skip


def witness_twice(one: OutcomeReceipt, _: OutcomeReceipt, __: random.Random) -> OutcomeReceipt:
    """The last witness stands there once more."""
    return _with_line(one, lambda lines: lines[-1])


def line_that_does_not_hold(
    one: OutcomeReceipt, _: OutcomeReceipt, dice: random.Random
) -> OutcomeReceipt:
    """One more line of the platform, over another text."""
    return _with_line(one, lambda lines: checkpoints.sign_note(
        SIGNERS["platform"], lines[0].split(" ")[1], f"{dice.random()}\n"))  # fmt: skip


CHANGES: tuple[Change, ...] = (
    flip_entry, flip_path, flip_seal, flip_final, flip_outcome, cut_path, grow_path,
    entry_of_another, round_of_another, final_of_another, better_table, table_off_by_one,
    swap_proofs, other_seed, one_more_kept, drawn_by_all_anew, flip_log_path, other_log_place,
    other_log_size, flip_root, lose_witness, line_of_a_stranger, witness_twice,
    line_that_does_not_hold,
)  # fmt: skip


def tampered_receipts() -> dict[str, Any]:
    """The whole file: config, keys, honest receipts, and the tampered ones with their names."""
    day, honest = logged_receipts()
    dice = random.Random(1)
    both = sign_both(day.cfg_hash)
    cases = []
    for change in CHANGES:
        for _ in range(EACH):
            one = dice.choice(honest)
            other = dice.choice([each for each in honest if each.seal != one.seal])
            forged = change(one, other, dice)
            verdict = verify_outcome_receipt(forged, KEYS, day.raw_config)
            assert forged != one
            assert verdict.finding is not None, change.__name__
            cases.append({
                "name": change.__name__.replace("_", " "),
                "wrong": verdict.finding.wrong.value,
                "receipt": receipts.outcome_receipt_json(forged),
            })  # fmt: skip
    return {
        "format": FORMAT,
        "config": day.raw_config.decode(),
        "signatures": {"platform": both.platform.hex(), "approver": both.approver.hex()},
        "keys": {party: getattr(KEYS, party)
                 for party in ("platform", "approver", "notary", "auditor")},
        "honest": [receipts.outcome_receipt_json(one) for one in honest[::10]],
        "tampered": cases,
    }  # fmt: skip


def _with_final(one: OutcomeReceipt, **changes: Any) -> OutcomeReceipt:
    """The receipt with another final."""
    final = rounds.decode_final(bytes.fromhex(one.final))
    return replace(one, final=rounds.encode_final(replace(final, **changes)).hex())


def _text(one: OutcomeReceipt) -> str:
    """The text of the receipt's checkpoint."""
    assert one.log is not None
    return checkpoints.parse_note(one.log.checkpoint).text


def _with_line(one: OutcomeReceipt, line: Callable[[list[str]], str]) -> OutcomeReceipt:
    """The receipt with one more line under its checkpoint, made from those that stand there."""
    assert one.log is not None
    note = one.log.checkpoint
    lines = note[len(_text(one)) + 1 :].splitlines(keepends=True)
    return replace(one, log=replace(one.log, checkpoint=note + line(lines)))


if __name__ == "__main__":
    FILE.write_text(spelled(tampered_receipts()))
