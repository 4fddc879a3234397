"""What a change of keys means for this signer's book: where each lane goes on.  换钥衔接"""

from dataclasses import dataclass
from functools import lru_cache

from huiquan.domain import epochs, rounds
from huiquan.domain.draw_config import Keys
from huiquan.domain.epochs import Declaration, DeclaredEpoch
from huiquan.domain.rounds import Seal
from notary.book import Book, SignedRound
from notary.configs import Accepted
from notary.keys import SigningKey
from notary.refusals import No
from notary.rules import Due


@dataclass(frozen=True, kw_only=True)
class PastRound:
    """One drawn round of the past; before is the seal of the lane's round before it, where needed.

    A new key learns the rounds of a day, not of the whole campaign: the seal before shows that the
    day began there.
    """

    seal: bytes
    entries: bytes
    final: bytes
    before: bytes | None = None


@lru_cache(maxsize=8)
def declared_in_book(raw: bytes) -> DeclaredEpoch:
    """The declared epoch behind what the book keeps."""
    return epochs.decode_epoch(raw)


def due(book: Book, declared: DeclaredEpoch | None, series: str, seal: Seal) -> Due | No:
    """What the next round of a lane must be; BEHIND if the book lacks what it follows."""
    last = book.last_round(series, seal.epoch, seal.lane)
    if last is not None:
        before = rounds.decode_seal(last.seal)
        return Due(
            seq=last.seq + 1,
            prev_seal_hash=last.seal_hash,
            first_idx=before.first_idx + before.count,
            last=last,
        )
    if declared is None or seal.epoch != declared.declaration.epoch:
        return Due()
    start = declared.declaration.lanes[seal.lane]
    if start.next_seq > 0:
        last = book.round_of(series, seal.epoch - 1, seal.lane, start.next_seq - 1)
        if last is None or last.seal_hash.hex() != start.last_seal_hash:
            return No.BEHIND
    return Due(
        seq=start.next_seq,
        prev_seal_hash=epochs.first_link(declared.declaration, declared.hash, seal.lane),
        first_idx=start.next_idx,
        last=last,
    )


def begun_in_the_middle(
    accepted: Accepted, seal: Seal, before: bytes | None, key: SigningKey
) -> Due | None:
    """Where a new key may begin to learn a lane: at the first round of a day, not only at 0.

    The seal before it is of an earlier day and is the one that the round names.
    """
    if before is None or key.public.hex() in _signers(accepted.config.keys):
        return None
    try:
        earlier = rounds.decode_seal(before)
    except rounds.BadRecordError:
        return None
    if (earlier.epoch, earlier.lane) != (seal.epoch, seal.lane) or earlier.day >= seal.day:
        return None
    return Due(
        seq=earlier.seq + 1,
        prev_seal_hash=rounds.seal_hash_of(before),
        first_idx=earlier.first_idx + earlier.count,
    )


def _signers(keys: Keys) -> tuple[str, str]:
    return keys.notary, keys.auditor


def lane_flaw(book: Book, role: str, declaration: Declaration) -> tuple[int, No] | None:
    """The first lane that the declaration takes up elsewhere than this signer's book, and why.

    The auditor signs second: what stands in its book was proven by both, and is drawn, not voided.
    The notary signs first: it may have proven a seal that the lost key never did.
    """
    for lane, start in enumerate(declaration.lanes):
        last = book.last_round(declaration.series, declaration.epoch - 1, lane)
        voided = epochs.voided_in(declaration, lane)
        if last is not None and last.seq == start.next_seq and last.seal_hash == voided:
            if role == "auditor":
                return lane, No.ROUND_PROVEN
            if rounds.decode_seal(last.seal).first_idx != start.next_idx:
                return lane, No.EPOCH_DIFFERS
            last = book.round_of(
                declaration.series, declaration.epoch - 1, lane, start.next_seq - 1
            )
        if not _goes_on(last, start):
            return lane, No.EPOCH_DIFFERS
    return None


def _goes_on(last: SignedRound | None, start: epochs.LaneStart) -> bool:
    """True if the lane goes on right behind this round."""
    if last is None:
        return start.next_seq == 0
    seal = rounds.decode_seal(last.seal)
    ended = (last.seq + 1, seal.first_idx + seal.count, last.seal_hash.hex())
    return ended == tuple(start)
