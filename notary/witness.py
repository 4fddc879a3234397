"""Watching the public log: a checkpoint is cosigned only if it continues all seen before.  见证

C2SP witness: the newest size and root are on the disk before the cosignature leaves, so a platform
that shows two histories to two audiences finds no signer for the second.
"""

from collections.abc import Sequence

from huiquan.domain import checkpoints, merkle
from huiquan.domain.checkpoints import BadNoteError, Checkpoint, SignedNote
from notary.desk import Desk
from notary.refusals import No, Refused


def cosign_checkpoint(
    desk: Desk, note: str, old_size: int, consistency: Sequence[bytes]
) -> str | Refused:
    """The cosignature line for a checkpoint, or the reason why there is none.

    old_size and the proof say how the log grew since this witness's last checkpoint of it; a
    wrong old_size is answered with the right one.
    """
    try:
        parsed = checkpoints.parse_note(note)
        checkpoint = checkpoints.parse_checkpoint(parsed.text)
    except BadNoteError as error:
        return Refused(no=No.MALFORMED, detail={"why": str(error)})
    wrong = _decide_author(desk, parsed, checkpoint)
    if wrong is not None:
        return Refused(no=wrong)
    with desk.book.writing():
        size, root = desk.book.checkpoint_of(checkpoint.origin) or (0, merkle.EMPTY_ROOT)
        if old_size != size or checkpoint.size < size:
            return Refused(no=No.OLD_SIZE, detail={"size": size})
        grown = (size, checkpoint.size, root, checkpoint.root)
        if not merkle.verify_consistency(*grown, consistency):
            return Refused(no=No.LOG_FORKED, detail={"size": size, "root": root.hex()})
        desk.book.record_checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, note)
    return checkpoints.cosign(desk.key.signer, desk.name, parsed.text, desk.clock())


def _decide_author(desk: Desk, note: SignedNote, checkpoint: Checkpoint) -> No | None:
    """The log must be one that an accepted config names, and its platform must have signed."""
    keys = {
        accepted.config.keys.platform
        for accepted in desk.register.all()
        if accepted.config.log.origin == checkpoint.origin
    }
    if not keys:
        return No.LOG_UNKNOWN
    signed = any(
        checkpoints.is_note_signed(note, checkpoint.origin, bytes.fromhex(key)) for key in keys
    )
    return None if signed else No.NOTE_UNSIGNED
