"""Watching the public log: a checkpoint is cosigned only if it continues all seen before.  见证

C2SP witness: the newest size and root are on the disk before the cosignature leaves, so a platform
that shows two histories to two audiences finds no signer for the second. A checkpoint that does not
continue what was seen bears the platform's signature, so it is kept as evidence: under that one
signature, for strangers' lines would make many of one, and push the others out of sight.
"""

from collections.abc import Sequence

from huiquan.domain import checkpoints, merkle
from huiquan.domain.checkpoints import BadNoteError, Checkpoint, SignedNote
from huiquan.domain.receipts import milliseconds
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
    decided = _decide_author(desk, parsed, checkpoint)
    if isinstance(decided, No):
        return Refused(no=decided)
    name, own = decided
    with desk.book.writing():
        size, root = desk.book.checkpoint_of(checkpoint.origin) or (0, merkle.EMPTY_ROOT)
        if old_size != size or checkpoint.size < size:
            return Refused(no=No.OLD_SIZE, detail={"size": size})
        grown = (size, checkpoint.size, root, checkpoint.root)
        if not merkle.verify_consistency(*grown, consistency):
            # What was cosigned, brought again with a wrong proof, is no second history.
            if (checkpoint.size, checkpoint.root) != (size, root):
                desk.book.record_fork(checkpoint.origin, own, milliseconds(desk.clock()))
            return Refused(no=No.LOG_FORKED, detail={"size": size, "root": root.hex()})
        if desk.book.stop_in_force() is not None:
            return Refused(no=No.STOPPED)
        desk.book.record_checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, own)
    return checkpoints.cosign(desk.key.signer, name, parsed.text, desk.clock())


def _decide_author(desk: Desk, note: SignedNote, checkpoint: Checkpoint) -> tuple[str, str] | No:
    """This witness's name in the newest config of the log, and the note under the log's own line.

    The platform of one of the log's configs must have signed it.
    """
    origin = checkpoint.origin
    configs = [one.config for one in desk.register.all() if one.config.log.origin == origin]
    if not configs:
        return No.LOG_UNKNOWN
    keys = {bytes.fromhex(config.keys.platform) for config in configs}
    signed = checkpoints.with_own_line(note, origin, keys)
    if signed is None:
        return No.NOTE_UNSIGNED
    own = desk.key.public.hex()
    names = [one.name for one in configs[-1].log.witnesses if one.key == own]
    return (names[0], signed) if names else No.NOT_MY_KEY
