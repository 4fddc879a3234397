"""Whether a day's rounds all stand in the one public log that the witnesses saw.  日志核对"""

from collections.abc import Sequence

from huiquan.domain import checkpoints, merkle, rounds
from huiquan.domain.checkpoints import BadNoteError
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.epochs import (
    DeclaredEpoch,
    is_cosigned_by_the_lost_key,
    leaf_of,
    witnesses_at,
)
from huiquan.domain.exports import LogPart, RoundRow
from huiquan.domain.verdicts import Finding, Wrong, in_lane
from huiquan.domain.verification_files import CHECKPOINTS, EPOCH_FILE, MANIFEST


def check_log(
    part: LogPart,
    rows: Sequence[RoundRow],
    notes: bytes,
    config: DrawConfig,
    declared: DeclaredEpoch | None = None,
) -> Finding | None:
    """Each round is logged once and in order, and every checkpoint of the day fits the log.

    The last checkpoint covers the whole day. A day without rounds needs no checkpoint. Where keys
    were changed, rounds of the old epoch stand before the declaration and no others do.
    """
    sizes = _sizes(notes) | ({declared.declaration.log.size} if declared else set())
    roots = _roots(part, rows, sizes, declared)
    if isinstance(roots, Finding):
        return roots
    try:
        texts = checkpoints.split_notes(notes.decode())
        size = part.size_before
        for number, text in enumerate(texts, start=1):
            where = f"{CHECKPOINTS}: checkpoint {number}"
            note = checkpoints.parse_note(text)
            checkpoint = checkpoints.parse_checkpoint(note.text)
            wrong = _decide_note(note, checkpoint, roots, size, config, declared)
            if wrong is not None:
                return Finding(wrong=wrong, where=where)
            size = checkpoint.size
    except (BadNoteError, UnicodeDecodeError) as error:
        return Finding(wrong=Wrong.UNREADABLE, where=f"{CHECKPOINTS}: {error}")
    if size != part.size_before + len(part.leaves):
        return Finding(wrong=Wrong.NOT_LOGGED, where=f"{CHECKPOINTS}: the last checkpoint")
    return None


def _decide_note(
    note: checkpoints.SignedNote,
    checkpoint: checkpoints.Checkpoint,
    roots: dict[int, bytes],
    size_before: int,
    config: DrawConfig,
    declared: DeclaredEpoch | None,
) -> Wrong | None:
    """What is wrong with one checkpoint, if anything."""
    log = witnesses_at(config.log, declared, checkpoint.size)
    if checkpoint.origin != log.origin or checkpoint.size < size_before:
        return Wrong.LOG_BROKEN
    if roots.get(checkpoint.size) != checkpoint.root:
        return Wrong.LOG_BROKEN
    if not checkpoints.is_note_signed(note, log.origin, bytes.fromhex(config.keys.platform)):
        return Wrong.BAD_SIGNATURE
    if is_cosigned_by_the_lost_key(note, log, declared, checkpoint.size):
        return Wrong.OLD_KEY_USED
    return None if checkpoints.has_quorum(note, log) else Wrong.NO_QUORUM


def _sizes(notes: bytes) -> set[int]:
    """The sizes that the checkpoints name; what nobody can read is said when it is checked."""
    lines = notes.split(b"\n")
    return {int(line) for line in lines if line.isdigit() and len(line) < 20}


def _roots(
    part: LogPart, rows: Sequence[RoundRow], sizes: set[int], declared: DeclaredEpoch | None
) -> dict[int, bytes] | Finding:
    """The root at each of these sizes of the log, with each round of the day in its place."""
    waiting = {(row.lane, row.seq): row for row in rows}
    newest: dict[int, int] = {}
    try:
        frontier = merkle.Frontier(
            size=part.size_before, hashes=tuple(map(bytes.fromhex, part.frontier))
        )
    except ValueError as error:
        return Finding(wrong=Wrong.LOG_BROKEN, where=f"{MANIFEST}: {error}")
    roots = {frontier.size: frontier.root()}
    for leaf in part.leaves:
        if isinstance(leaf, str):
            if not _is_in_place(declared, leaf, frontier):
                return Finding(wrong=Wrong.LOG_BROKEN, where=f"{MANIFEST}: {EPOCH_FILE}")
            frontier = frontier.append(bytes.fromhex(leaf))
        else:
            lane, seq = leaf
            row = waiting.pop(leaf, None)
            if row is None or newest.get(lane, -1) >= seq:
                return in_lane(Wrong.LOG_BROKEN, lane, seq)
            newest[lane] = seq
            wrong = _decide_side(declared, row, frontier.size)
            if wrong is not None:
                return in_lane(wrong, lane, seq)
            logged = rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final))
            frontier = frontier.append(merkle.leaf_hash(logged))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    for lane, seq in waiting:
        return in_lane(Wrong.NOT_LOGGED, lane, seq)
    return roots


def _decide_side(declared: DeclaredEpoch | None, row: RoundRow, place: int) -> Wrong | None:
    """A round of the old epoch stands before the declaration in the log, one of the new behind."""
    if declared is None:
        return None
    said = declared.declaration
    epoch = rounds.decode_seal(bytes.fromhex(row.seal)).epoch
    if epoch < said.epoch and place >= said.log.size:
        return Wrong.OLD_KEY_USED
    return Wrong.LOG_BROKEN if epoch == said.epoch and place <= said.log.size else None


def _is_in_place(declared: DeclaredEpoch | None, leaf: str, before: merkle.Frontier) -> bool:
    """The declaration stands where it says, over the log that it names; no other leaf does."""
    if declared is None:
        return True
    said = declared.declaration
    is_it = leaf == merkle.leaf_hash(leaf_of(declared)).hex()
    if before.size != said.log.size:
        return not is_it
    return is_it and before.root().hex() == said.log.root
