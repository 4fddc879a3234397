"""Whether a change of keys was declared as it must be, and holds on both sides of it.  换钥核对

A day of the new epoch carries the declaration. It leads from the keys that were known before to
those that signed the day, and says of every round whether it belongs to the old epoch or the new.
"""

from huiquan.domain import epochs, exports
from huiquan.domain.draw_config import Keys
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.exports import PublishedKeys
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.rounds import Seal
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.verdicts import Finding, Wrong
from huiquan.domain.verification_files import EPOCH_FILE, KEYS, MANIFEST, ExportedDay


def check_epoch(day: ExportedDay) -> Finding | None:
    """The new epoch is the only one, and platform, remaining signer and new key declared it."""
    declared, manifest = day.declared, day.manifest
    if declared is None or manifest.epoch != epochs.EPOCH:
        return Finding(wrong=Wrong.EPOCH_UNDECLARED, where=EPOCH_FILE)
    said = declared.declaration
    if (said.campaign, said.platform) != (manifest.campaign, manifest.platform):
        return Finding(wrong=Wrong.EPOCH_UNDECLARED, where=EPOCH_FILE)
    if not epochs.is_declared(declared):
        return Finding(wrong=Wrong.BAD_SIGNATURE, where=EPOCH_FILE)
    if published_keys(said.keys_after) != day.keys:
        return Finding(wrong=Wrong.KEYS_DIFFER, where=EPOCH_FILE)
    return None


def check_signatures(day: ExportedDay, pinned: PublishedKeys | None) -> Finding | None:
    """The three parties signed this manifest; with pinned keys, they are the known parties.

    Keys that were known before a change of keys lead to those behind it, by the declaration.
    """
    if pinned is not None:
        manifest = day.manifest
        known = pinned.of_epoch(manifest.epoch, manifest.campaign, manifest.day)
        if not are_known(day.keys, known, day.declared):
            return Finding(wrong=Wrong.KEYS_DIFFER, where=KEYS)
    body = exports.manifest_body(day.manifest)
    for party in ("platform", "notary", "auditor"):
        key = bytes.fromhex(getattr(day.keys, party))
        signature = bytes.fromhex(getattr(day.signatures, party))
        if not is_signed(key, Purpose.MANIFEST, body, signature):
            return Finding(wrong=Wrong.BAD_SIGNATURE, where=f"{MANIFEST}: {party}")
    return None


def are_known(keys: PublishedKeys, pinned: PublishedKeys, declared: DeclaredEpoch | None) -> bool:
    """True if these are the known keys, or follow from them by the declaration."""
    if keys == pinned:
        return True
    return declared is not None and pinned == published_keys(declared.declaration.keys)


def published_keys(keys: Keys) -> PublishedKeys:
    """The keys of the three who sign a manifest."""
    return PublishedKeys(platform=keys.platform, notary=keys.notary, auditor=keys.auditor)


def decide_epoch(
    declared: DeclaredEpoch, seal: Seal, before: tuple[Seal, bytes] | None
) -> Wrong | None:
    """What is wrong with a round's place before or behind the change, if anything.

    before is the lane's round before it in the day, with its seal hash.
    """
    said = declared.declaration
    if seal.lane >= len(said.lanes):
        return Wrong.CHAIN_BROKEN
    start = said.lanes[seal.lane]
    if seal.epoch < said.epoch:
        return Wrong.OLD_KEY_USED if seal.seq >= start.next_seq else None
    if seal.seq > start.next_seq:
        return None
    link = epochs.first_link(said, declared.hash, seal.lane)
    due = (start.next_seq, start.next_idx, link)
    if (seal.seq, seal.first_idx, seal.prev_seal_hash) != due:
        return Wrong.CHAIN_BROKEN
    ended = ZERO_HASH.hex() if before is None else before[1].hex()
    return Wrong.CHAIN_BROKEN if before is not None and ended != start.last_seal_hash else None


def is_first_of_epoch(declared: DeclaredEpoch | None, seal: Seal) -> bool:
    """True for the round with which a lane goes on under the new key."""
    if declared is None or seal.epoch != declared.declaration.epoch:
        return False
    lanes = declared.declaration.lanes
    return seal.lane < len(lanes) and seal.seq == lanes[seal.lane].next_seq
