"""Whether a day's rounds all stand in the one public log that the witnesses saw.  日志核对"""

from collections.abc import Sequence

from huiquan.domain import checkpoints, merkle, rounds
from huiquan.domain.checkpoints import BadNoteError
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.exports import LogPart, RoundRow
from huiquan.domain.verdicts import Finding, Wrong, in_lane
from huiquan.domain.verification_files import CHECKPOINTS, MANIFEST


def check_log(
    part: LogPart, rows: Sequence[RoundRow], notes: bytes, config: DrawConfig
) -> Finding | None:
    """Each round is logged once and in order, and every checkpoint of the day fits the log.

    The last checkpoint covers the whole day. A day without rounds needs no checkpoint.
    """
    roots = _roots(part, rows, _sizes(notes))
    if isinstance(roots, Finding):
        return roots
    try:
        texts = checkpoints.split_notes(notes.decode())
        size = part.size_before
        for number, text in enumerate(texts, start=1):
            where = f"{CHECKPOINTS}: checkpoint {number}"
            note = checkpoints.parse_note(text)
            checkpoint = checkpoints.parse_checkpoint(note.text)
            wrong = _decide_note(note, checkpoint, roots, size, config)
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
) -> Wrong | None:
    """What is wrong with one checkpoint, if anything."""
    log = config.log
    if checkpoint.origin != log.origin or checkpoint.size < size_before:
        return Wrong.LOG_BROKEN
    if roots.get(checkpoint.size) != checkpoint.root:
        return Wrong.LOG_BROKEN
    if not checkpoints.is_note_signed(note, log.origin, bytes.fromhex(config.keys.platform)):
        return Wrong.BAD_SIGNATURE
    return None if checkpoints.has_quorum(note, log) else Wrong.NO_QUORUM


def _sizes(notes: bytes) -> set[int]:
    """The sizes that the checkpoints name; what nobody can read is said when it is checked."""
    lines = notes.split(b"\n")
    return {int(line) for line in lines if line.isdigit() and len(line) < 20}


def _roots(part: LogPart, rows: Sequence[RoundRow], sizes: set[int]) -> dict[int, bytes] | Finding:
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
            frontier = frontier.append(bytes.fromhex(leaf))
        else:
            lane, seq = leaf
            row = waiting.pop(leaf, None)
            if row is None or newest.get(lane, -1) >= seq:
                return in_lane(Wrong.LOG_BROKEN, lane, seq)
            newest[lane] = seq
            logged = rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final))
            frontier = frontier.append(merkle.leaf_hash(logged))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    for lane, seq in waiting:
        return in_lane(Wrong.NOT_LOGGED, lane, seq)
    return roots
