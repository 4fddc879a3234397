"""What a dishonest hand may do to the draw's own records: entries, rounds, vouchers.  改动

Each edit changes a draft and is followed by what a verifier may fitly name first, once all three
parties have signed the changed day. An edit that finds nothing to change says so by StopIteration.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from huiquan.domain import exports, merkle, rounds, vrf
from huiquan.domain.exports import KeptRow
from huiquan.domain.verdicts import Wrong
from tests.domain.draw_days import SIGNERS, seed_for
from tests.drills.drafts import Draft

Edit = Callable[[Draft], None]

LIST = (Wrong.WRONG_ROOT, Wrong.WRONG_COUNT)
# What may be said first of a lane that was resealed without its signers.
RESEALED = (Wrong.BAD_PROOF, Wrong.WRONG_DRAW, Wrong.PID_TWICE, Wrong.WRONG_LANE)
PLACE = (Wrong.CHAIN_BROKEN, Wrong.UNREADABLE, Wrong.WRONG_ROOT, *LIST)


def some_lane(draft: Draft, at_least: int = 1) -> int:
    """A lane with so many entries."""
    lanes = sorted({row.lane for row in draft.rows})
    return draft.dice.choice(needed(one for one in lanes if len(draft.entries(one)) >= at_least))


def some_row(draft: Draft) -> int:
    """A round of the day."""
    return draft.dice.randrange(len(needed(draft.rows)))


T = TypeVar("T")


def needed(things: Iterable[T]) -> list[T]:
    """All of these, of which there must be one."""
    all_ = list(things)
    if not all_:
        raise StopIteration
    return all_


def flip_in_entry(draft: Draft) -> None:
    """One bit of one entry."""
    lane = some_lane(draft)
    entries = draft.entries(lane)
    at = draft.dice.randrange(len(entries))
    entries[at] = flipped(draft, entries[at])
    draft.put_entries(lane, entries)


def flipped(draft: Draft, raw: bytes) -> bytes:
    """These bytes with one bit turned over."""
    return flipped_bit(draft.dice, raw)


def flipped_bit(dice: random.Random, raw: bytes) -> bytes:
    """These bytes with one bit turned over, chosen by the dice."""
    turned = bytearray(raw)
    bit = dice.randrange(8 * len(turned))
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)


def drop_entry(draft: Draft) -> None:
    """A person is left out."""
    lane = some_lane(draft)
    entries = draft.entries(lane)
    del entries[draft.dice.randrange(len(entries))]
    draft.put_entries(lane, entries)


def double_entry(draft: Draft) -> None:
    """A person stands there twice."""
    lane = some_lane(draft)
    entries = draft.entries(lane)
    at = draft.dice.randrange(len(entries))
    draft.put_entries(lane, [*entries[: at + 1], *entries[at:]])


def swap_entries(draft: Draft) -> None:
    """Two people change places."""
    lane = some_lane(draft, 2)
    entries = draft.entries(lane)
    one, other = draft.dice.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    draft.put_entries(lane, entries)


def cut_entries(draft: Draft) -> None:
    """The end of a lane's file is missing."""
    lane = some_lane(draft)
    path = exports.entries_file(lane)
    draft.files[path] = draft.files[path][: draft.dice.randrange(len(draft.files[path]))]


def reseal(draft: Draft) -> None:
    """Another nonce for one entry, and the seals from there on made to fit; the proofs are old."""
    lane = some_lane(draft)
    entries = rounds.decode_entries(b"".join(draft.entries(lane)))
    at = draft.dice.randrange(len(entries))
    entries[at] = replace(entries[at], client_nonce=draft.dice.randbytes(16))
    reseal_with(draft, lane, [rounds.encode_entry(entry) for entry in entries])


def reseal_with(draft: Draft, lane: int, entries: list[bytes]) -> None:
    """Roots and links of a lane made to fit other entries."""
    rows, at, prev = draft.rows, 0, None
    for number, row in enumerate(rows):
        if row.lane != lane:
            continue
        seal = rounds.decode_seal(bytes.fromhex(row.seal))
        taken = entries[at : at + seal.count]
        at += len(taken)
        link = seal.prev_seal_hash if prev is None else prev
        raw = rounds.encode_seal(replace(seal, root=merkle.root_of(taken), prev_seal_hash=link))
        prev = rounds.seal_hash_of(raw)
        final = replace(rounds.decode_final(bytes.fromhex(row.final)), seal_hash=prev)
        rows[number] = replace(row, seal=raw.hex(), final=rounds.encode_final(final).hex())
    draft.rows = rows
    draft.put_entries(lane, entries)


def reseal_someone_else(draft: Draft) -> None:
    """A friend's pseudonym in another's place, resealed."""
    lane = some_lane(draft, 2)
    entries = rounds.decode_entries(b"".join(draft.entries(lane)))
    at = draft.dice.randrange(len(entries))
    pid = draft.dice.choice((entries[at - 1].pid, draft.dice.randbytes(16)))
    entries[at] = replace(entries[at], pid=pid)
    reseal_with(draft, lane, [rounds.encode_entry(entry) for entry in entries])


def draw_again(draft: Draft) -> None:
    """One nonce changed, then the whole lane sealed, proved and drawn again by all three."""
    lane = some_lane(draft)
    entries = rounds.decode_entries(b"".join(draft.entries(lane)))
    at = draft.dice.randrange(len(entries))
    entries[at] = replace(entries[at], client_nonce=draft.dice.randbytes(16))
    draft.draw_again(lane, entries)


def drop_round(draft: Draft) -> None:
    """A round is left out."""
    rows, at = draft.rows, some_row(draft)
    draft.rows = rows[:at] + rows[at + 1 :]


def double_round(draft: Draft) -> None:
    """A round stands there twice."""
    rows, at = draft.rows, some_row(draft)
    draft.rows = rows[: at + 1] + rows[at:]


def swap_rounds(draft: Draft) -> None:
    """Two lines change places."""
    rows = draft.rows
    if len(rows) < 2:
        raise StopIteration
    one, other = draft.dice.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    draft.rows = rows


def renumber_rounds(draft: Draft) -> None:
    """Two rounds of a lane change places, each with the other's number."""
    rows, lane = draft.rows, some_lane(draft)
    places = [number for number, row in enumerate(rows) if row.lane == lane]
    if len(places) < 2:
        raise StopIteration
    one, other = draft.dice.sample(places, 2)
    numbers = rows[one].seq, rows[other].seq
    rows[one], rows[other] = (
        replace(rows[other], seq=numbers[0]),
        replace(rows[one], seq=numbers[1]),
    )
    draft.rows = rows


def flip_in_seal(draft: Draft) -> None:
    """One bit of a seal."""
    rows, at = draft.rows, some_row(draft)
    rows[at] = replace(rows[at], seal=flipped(draft, bytes.fromhex(rows[at].seal)).hex())
    draft.rows = rows


def flip_in_final(draft: Draft) -> None:
    """One bit of a final."""
    rows, at = draft.rows, some_row(draft)
    rows[at] = replace(rows[at], final=flipped(draft, bytes.fromhex(rows[at].final)).hex())
    draft.rows = rows


def more_stock(draft: Draft) -> None:
    """A voucher more than was released."""
    at = some_row(draft)
    seal = rounds.decode_seal(bytes.fromhex(draft.rows[at].seal))
    tier = draft.dice.randrange(len(seal.left_before))
    left = [had + (place == tier) for place, had in enumerate(seal.left_before)]
    draft.put_seal(at, left_before=tuple(left))


def other_hour(draft: Draft) -> None:
    """A round in another hour."""
    at = some_row(draft)
    seal = rounds.decode_seal(bytes.fromhex(draft.rows[at].seal))
    draft.put_seal(at, slot=draft.dice.choice([hour for hour in range(26) if hour != seal.slot]))


def other_counts(draft: Draft) -> None:
    """One win more in the final, and in the totals."""
    at = some_row(draft)
    final = rounds.decode_final(bytes.fromhex(draft.rows[at].final))
    tier = draft.dice.randrange(len(final.kept))
    kept = tuple(had + (place == tier) for place, had in enumerate(final.kept))
    draft.put_final(at, kept=kept)
    draft.add_up()


def swap_proofs(draft: Draft) -> None:
    """The notary's proof in the auditor's place."""
    at = some_row(draft)
    final = rounds.decode_final(bytes.fromhex(draft.rows[at].final))
    draft.put_final(at, pi_notary=final.pi_auditor, pi_auditor=final.pi_notary)


def prove_as_another(draft: Draft) -> None:
    """The auditor's proof made by somebody else's key."""
    at = some_row(draft)
    seal_hash = rounds.seal_hash_of(bytes.fromhex(draft.rows[at].seal))
    party = draft.dice.choice(("platform", "approver", "notary"))
    assert party in SIGNERS
    draft.put_final(at, pi_auditor=vrf.prove(seed_for(party), vrf.seal_alpha("W", seal_hash)))


def some_voucher(draft: Draft) -> int:
    """A line of the vouchers."""
    return draft.dice.randrange(len(needed(draft.kept)))


def drop_voucher(draft: Draft) -> None:
    """A winner gets nothing."""
    kept, at = draft.kept, some_voucher(draft)
    draft.kept = kept[:at] + kept[at + 1 :]


def double_voucher(draft: Draft) -> None:
    """A winner gets two."""
    kept, at = draft.kept, some_voucher(draft)
    draft.kept = [*kept[: at + 1], replace(kept[at], voucher="SECOND"), *kept[at + 1 :]]


def give_voucher_away(draft: Draft) -> None:
    """Somebody who missed gets a winner's voucher."""
    kept, at = draft.kept, some_voucher(draft)
    won = {(row.lane, row.idx) for row in kept}
    first = rounds.decode_entry(draft.entries(kept[at].lane)[0]).idx
    size = len(draft.entries(kept[at].lane))
    missed = needed(i for i in range(first, first + size) if (kept[at].lane, i) not in won)
    kept[at] = replace(kept[at], idx=draft.dice.choice(missed))
    draft.files["kept.ndjson"] = exports.build_kept(kept)


def raise_tier(draft: Draft) -> None:
    """A winner gets another face value."""
    kept, at = draft.kept, some_voucher(draft)
    kept[at] = replace(kept[at], tier=kept[at].tier + draft.dice.choice((-1, 1)))
    draft.kept = kept


def same_serial(draft: Draft) -> None:
    """Two winners share one voucher."""
    kept = draft.kept
    if len(kept) < 2:
        raise StopIteration
    one, other = draft.dice.sample(range(len(kept)), 2)
    kept[one] = replace(kept[one], voucher=kept[other].voucher)
    draft.kept = kept


def add_voucher(draft: Draft) -> None:
    """A voucher for an entry that does not exist."""
    extra = KeptRow(lane=0, idx=draft.dice.randrange(10**9, 10**10), tier=1, voucher="EXTRA")
    draft.files["kept.ndjson"] = exports.build_kept([*draft.kept, extra])


ANY_OF_A_SEAL = (
    *PLACE, Wrong.CONFIG_UNKNOWN, Wrong.WRONG_ENTRY, Wrong.IDX_GAP, Wrong.WRONG_SLOT,
    Wrong.WRONG_STOCK, Wrong.CONFIG_NOT_IN_FORCE, Wrong.BAD_PROOF, Wrong.WRONG_DRAW,
)  # fmt: skip
VOUCHERS = (Wrong.WRONG_VOUCHERS,)

DRAW_EDITS: dict[Edit, tuple[Wrong, ...]] = {
    flip_in_entry: (*LIST, Wrong.UNREADABLE),
    drop_entry: LIST,
    double_entry: LIST,
    swap_entries: LIST,
    cut_entries: (*LIST, Wrong.UNREADABLE),
    reseal: RESEALED,
    reseal_someone_else: RESEALED,
    draw_again: (Wrong.LOG_BROKEN,),
    drop_round: (*PLACE, Wrong.IDX_GAP, Wrong.WRONG_STOCK, Wrong.UNKNOWN_FILE),
    double_round: PLACE,
    swap_rounds: (Wrong.UNREADABLE,),
    renumber_rounds: PLACE,
    flip_in_seal: ANY_OF_A_SEAL,
    flip_in_final: (*PLACE, Wrong.BAD_PROOF, Wrong.WRONG_DRAW),
    more_stock: (Wrong.WRONG_STOCK,),
    other_hour: (Wrong.WRONG_SLOT, Wrong.WRONG_STOCK, Wrong.BAD_PROOF, Wrong.CONFIG_NOT_IN_FORCE),
    other_counts: (Wrong.WRONG_DRAW,),
    swap_proofs: (Wrong.BAD_PROOF,),
    prove_as_another: (Wrong.BAD_PROOF,),
    drop_voucher: VOUCHERS,
    double_voucher: VOUCHERS,
    give_voucher_away: VOUCHERS,
    raise_tier: VOUCHERS,
    same_serial: VOUCHERS,
    add_voucher: VOUCHERS,
}
