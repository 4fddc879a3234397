"""Checking a consumer's proof file: one draw, offline, with nothing but the file.  摇号证明

The file (docs/lottery.md, section 9) carries the config with both signatures, the entry receipt
and the outcome receipt. The pack's units are dealt again. What is null in it is not checked, and
the verdict says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from huiquan.domain import draw_config, epochs, merkle, receipts, rounds
from huiquan.domain.draw_config import (
    BadConfigError,
    ConfigSignatures,
    DrawConfig,
    Hex32,
    Signature,
)
from huiquan.domain.epochs import BadDeclarationError, DeclaredEpoch, EpochFile
from huiquan.domain.exports import PublishedKeys
from huiquan.domain.receipts import BadReceiptError, OutcomeReceipt
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.stock import is_dealt
from huiquan.domain.verdicts import Finding, Verdict, Wrong, step_by_step
from huiquan.domain.verification_epoch import are_known, decide_epoch, published_keys
from huiquan.domain.verification_receipt import verify_outcome_receipt

FORMAT = "huiquan/draw-proof/1"

U32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class SignedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A config's text and who signed it."""

    text: str
    platform: Signature
    approver: Signature


class BatchReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entry receipt as the door answered it (section 4). promise is in seconds."""

    day: int
    lane: int
    idx: int
    entry: Annotated[str, Meta(pattern=r"^[0-9a-f]{160}(?!\n)$")]
    cfg_hash: Hex32
    entered_at: Annotated[datetime, Meta(tz=True)]
    promise: U32
    index: U32
    size: Annotated[int, Meta(ge=1, le=2**32 - 1)]
    path: tuple[Hex32, ...]
    signature: Signature
    platform_key: Hex32


class ProofFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One consumer's proof. The first config is the round's, a second one the entry receipt's."""

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")]
    configs: Annotated[tuple[SignedConfig, ...], Meta(min_length=1, max_length=2)]
    entry_receipt: BatchReceipt | None
    outcome_receipt: dict[str, Any] | None
    epoch: EpochFile | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A proof file taken apart; configs by hash, the round's first."""

    file: ProofFile
    configs: dict[bytes, DrawConfig]
    outcome: OutcomeReceipt | None
    declared: DeclaredEpoch | None
    pinned: PublishedKeys | None

    @property
    def config(self) -> DrawConfig:
        """The config of the round, or of the entry while no round is known."""
        return next(iter(self.configs.values()))


def verify_proof(raw: bytes, pinned: PublishedKeys | None = None) -> Verdict:
    """Check a proof file's bytes; names the first thing that is wrong.

    pinned holds the keys the verifier knows from elsewhere; without them the verdict says that
    nobody has checked whose keys these are: whoever makes a whole file can make keys for it, too.
    """
    try:
        case = _case(raw, pinned)
    except BadDeclarationError as error:
        return Verdict(
            checked=(), finding=Finding(wrong=Wrong.EPOCH_UNDECLARED, where=f"epoch: {error}")
        )
    except (msgspec.ValidationError, msgspec.DecodeError, BadConfigError, BadReceiptError) as error:
        return Verdict(checked=(), finding=Finding(wrong=Wrong.UNREADABLE, where=str(error)))
    before = step_by_step(case, _steps(case))
    if before.finding is not None:
        return before
    verdict = _with_dealing(case, _with_outcome(case, before))
    return verdict if verdict.finding is not None else replace(verdict, numbers=_numbers(case))


def keys_in(raw: bytes) -> PublishedKeys:
    """The keys that a proof file names for its round. Only for a file whose form was checked."""
    return published_keys(_case(raw, None).config.keys)


def _case(raw: bytes, pinned: PublishedKeys | None) -> _Case:
    """Take the file apart. Refuses what is no proof file, config or receipt."""
    file = msgspec.json.decode(raw, type=ProofFile)
    if file.entry_receipt is None and file.outcome_receipt is None:
        raise BadReceiptError("a proof file holds at least one receipt")
    bodies = [config.text.encode() for config in file.configs]
    outcome = file.outcome_receipt
    return _Case(
        file=file,
        configs={draw_config.cfg_hash_of(b): draw_config.decode_config(b) for b in bodies},
        outcome=None if outcome is None else receipts.outcome_receipt_from_json(outcome),
        declared=epochs.declared_from(file.epoch) if isinstance(file.epoch, EpochFile) else None,
        pinned=pinned,
    )


def _steps(case: _Case) -> list[tuple[str, bool, Callable[[_Case], Finding | None]]]:
    has_entry = case.file.entry_receipt is not None
    return [
        ("config signatures", True, _config_signatures),
        ("keys against a known source", case.pinned is not None, _known_keys),
        ("entry receipt", has_entry, _entry_receipt),
        ("the same entry", has_entry and case.outcome is not None, _same_entry),
        *([("change of keys", case.outcome is not None, _side)] if case.declared else []),
    ]


def _config_signatures(case: _Case) -> Finding | None:
    """Both parties signed every config, twelve hours before it acted, in one epoch.

    A second config stands there only when the entry receipt names it.
    """
    if len(case.configs) != len(case.file.configs):
        return Finding(wrong=Wrong.CONFIG_UNKNOWN, where="configs")
    for signed, (cfg_hash, config) in zip(case.file.configs, case.configs.items(), strict=True):
        both = ConfigSignatures(
            platform=bytes.fromhex(signed.platform), approver=bytes.fromhex(signed.approver)
        )
        if not draw_config.is_config_signed(config, cfg_hash, both):
            return Finding(wrong=Wrong.BAD_SIGNATURE, where="configs")
        if config.active_from - config.published_at < draw_config.NOTICE:
            return Finding(wrong=Wrong.CONFIG_NOT_IN_FORCE, where="configs")
        if not _is_of_one_campaign(case, cfg_hash, config):
            wrong = Wrong.CONFIGS_DISAGREE if case.declared is None else Wrong.EPOCH_UNDECLARED
            return Finding(wrong=wrong, where="configs")
    if case.declared is not None and not epochs.is_declared(case.declared):
        return Finding(wrong=Wrong.BAD_SIGNATURE, where="epoch")
    receipt = case.file.entry_receipt
    second = list(case.configs)[1:]
    if second and (receipt is None or [bytes.fromhex(receipt.cfg_hash)] != second):
        return Finding(wrong=Wrong.CONFIG_UNKNOWN, where="configs")
    return None


def _is_of_one_campaign(case: _Case, cfg_hash: bytes, config: DrawConfig) -> bool:
    """Every config has the keys and the epoch of the first, or those that a declaration changed."""
    if case.declared is None:
        return _staying(config, cfg_hash) == _staying(case.config, next(iter(case.configs)))
    said = case.declared.declaration
    start = draw_config.epoch_start_of(config, cfg_hash).hex()
    is_led = epochs.leads_to(said, config) or epochs.leads_from(said, config)
    return is_led and start == said.epoch_start


def _staying(config: DrawConfig, cfg_hash: bytes) -> tuple[object, ...]:
    """What stays within an epoch, so that one set of keys speaks for both configs."""
    start = draw_config.epoch_start_of(config, cfg_hash)
    return config.campaign, config.epoch, start, config.lanes, config.keys, config.log.origin


def _known_keys(case: _Case) -> Finding | None:
    """The keys are the known ones, or the declaration leads from one to the other."""
    assert case.pinned is not None, "only checked when given"
    config, declared = case.config, case.declared
    try:
        known = case.pinned.of_epoch(config.epoch, config.campaign, _entry(case).day)
    except rounds.BadRecordError as error:
        return Finding(wrong=Wrong.UNREADABLE, where=str(error))
    named = published_keys(config.keys)
    is_after = declared is not None and case.pinned == published_keys(
        declared.declaration.keys_after
    )
    if is_after or are_known(named, known, declared):
        return None
    return Finding(wrong=Wrong.KEYS_DIFFER, where="configs: keys")


def _entry_receipt(case: _Case) -> Finding | None:
    """The receipt says what its entry says, and the platform signed its batch.

    Nobody was let in while their day could still change.
    """
    receipt = case.file.entry_receipt
    assert receipt is not None, "only checked when given"
    where = "entry_receipt"
    raw = bytes.fromhex(receipt.entry)
    try:
        entry = rounds.decode_entry(raw)
    except rounds.BadRecordError as error:
        return Finding(wrong=Wrong.UNREADABLE, where=f"{where}: {error}")
    if (entry.day, entry.lane, entry.idx) != (receipt.day, receipt.lane, receipt.idx):
        return Finding(wrong=Wrong.WRONG_ENTRY, where=where)
    config = case.configs.get(bytes.fromhex(receipt.cfg_hash))
    if config is None:
        return Finding(wrong=Wrong.CONFIG_UNKNOWN, where=where)
    if receipt.platform_key != config.keys.platform:
        return Finding(wrong=Wrong.KEYS_DIFFER, where=where)
    begun = {h: one.active_from for h, one in case.configs.items() if entry.day in one.days}
    if draw_config.in_force(begun, receipt.entered_at) != bytes.fromhex(receipt.cfg_hash):
        return Finding(wrong=Wrong.CONFIG_NOT_IN_FORCE, where=where)
    plan = config.days.get(entry.day)
    if plan is None or receipt.entered_at < draw_config.stands_from(entry.day, plan):
        return Finding(wrong=Wrong.CONFIG_NOT_IN_FORCE, where=where)
    return (
        None if _is_batch_signed(receipt, raw) else Finding(wrong=Wrong.BAD_SIGNATURE, where=where)
    )


def _is_batch_signed(receipt: BatchReceipt, entry: bytes) -> bool:
    """True if the platform signed the tree in which this receipt's statement stands."""
    statement = (
        bytes.fromhex(receipt.cfg_hash)
        + entry
        + receipts.milliseconds(receipt.entered_at).to_bytes(8, "big")
        + receipt.promise.to_bytes(4, "big")
    )
    path = [bytes.fromhex(step) for step in receipt.path]
    root = merkle.root_of_path(merkle.leaf_hash(statement), receipt.index, receipt.size, path)
    if root is None:
        return False
    message = receipt.size.to_bytes(4, "big") + root
    key, signature = bytes.fromhex(receipt.platform_key), bytes.fromhex(receipt.signature)
    return is_signed(key, Purpose.ENTRY_RECEIPT, message, signature)


def _same_entry(case: _Case) -> Finding | None:
    """The outcome is that of the entry which the receipt was given for, under the same table."""
    assert case.file.entry_receipt is not None, "only checked when given"
    assert case.outcome is not None, "only checked when given"
    if case.file.entry_receipt.entry != case.outcome.entry:
        return Finding(wrong=Wrong.WRONG_ENTRY, where="outcome_receipt")
    entry = _entry(case)
    plans = (config.days.get(entry.day) for config in case.configs.values())
    tables = {plan.tables.get(entry.pack) if plan else None for plan in plans}
    if len(tables) > 1:
        return Finding(wrong=Wrong.CONFIGS_DISAGREE, where="configs")
    return None


def _entry(case: _Case) -> rounds.Entry:
    """The entry that the file is about; it was read before."""
    receipt = case.file.entry_receipt
    text = case.outcome.entry if case.outcome else receipt.entry if receipt else ""
    return rounds.decode_entry(bytes.fromhex(text))


def _numbers(case: _Case) -> dict[str, dict[str, int]]:
    """What a file that holds is about: day, place, and the outcome with its face value in fen."""
    entry = _entry(case)
    told = {"day": entry.day, "lane": entry.lane, "idx": entry.idx}
    said: dict[str, dict[str, int]] = {"entry receipt": told, "entry": told}
    if case.outcome is not None:
        tier, kept = case.outcome.outcome
        face_fen = case.config.tiers[tier].face_fen if tier else 0
        said["outcome"] = {"tier": tier, "face_fen": face_fen, "kept": int(kept)}
    return said


def _with_dealing(case: _Case, before: Verdict) -> Verdict:
    """The verdict with the units of the pack dealt again to the lanes, by the public rule."""
    if before.finding is not None:
        return before
    entry, config = _entry(case), case.config
    plan = config.days.get(entry.day)
    own = [one for one in plan.topups if config.tiers[one.tier].pack == entry.pack] if plan else []
    if not is_dealt(bytes.fromhex(config.dealing.root), entry.day, config.lanes, own):
        finding = Finding(wrong=Wrong.WRONG_STOCK, where=f"configs: days {entry.day}: topups")
        return replace(before, finding=finding)
    return replace(before, checked=(*before.checked, "dealing"))


def _side(case: _Case) -> Finding | None:
    """The round stands on its own side of the change of keys."""
    assert case.declared is not None, "only checked when given"
    assert case.outcome is not None, "only checked when given"
    seal = rounds.decode_seal(bytes.fromhex(case.outcome.seal))
    wrong = decide_epoch(case.declared, seal, None)
    return None if wrong is None else Finding(wrong=wrong, where="outcome_receipt: seal")


def _with_outcome(case: _Case, before: Verdict) -> Verdict:
    """The verdict with what the outcome receipt shows, under the round's config."""
    if case.outcome is None:
        return replace(before, unchecked=(*before.unchecked, "outcome"))
    body = case.file.configs[0].text.encode()
    after = verify_outcome_receipt(case.outcome, case.config.keys, body, declared=case.declared)
    return Verdict(
        checked=(*before.checked, *after.checked),
        unchecked=(*before.unchecked, *(name for name in after.unchecked if name != "nonce")),
        finding=after.finding,
    )
