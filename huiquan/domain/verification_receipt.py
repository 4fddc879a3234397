"""Checking one person's outcome with nothing but the receipt and published keys.  个人验证

Every step is one that a stranger could repeat: the entry is in the sealed round, both signers
proved the randomness, and the randomness gives this outcome and no other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from huiquan.domain import checkpoints, draw_config, merkle, rounds, vrf
from huiquan.domain.draw_config import BadConfigError, DrawConfig, Keys
from huiquan.domain.epochs import DeclaredEpoch, is_cosigned_by_the_lost_key, witnesses_at
from huiquan.domain.lottery import lane_of, outcome_of, seed_of
from huiquan.domain.receipts import OutcomeReceipt
from huiquan.domain.stock import released_until, topups_of_lane
from huiquan.domain.verdicts import Finding, Verdict, Wrong, step_by_step


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A receipt taken apart, with everything that it is checked against."""

    receipt: OutcomeReceipt
    entry: rounds.Entry
    seal: rounds.Seal
    seal_hash: bytes
    final: rounds.Final
    keys: Keys
    config: DrawConfig | None
    config_hash: bytes | None
    client_nonce: bytes | None
    declared: DeclaredEpoch | None


def verify_outcome_receipt(
    receipt: OutcomeReceipt,
    keys: Keys,
    config: bytes | None = None,
    client_nonce: bytes | None = None,
    declared: DeclaredEpoch | None = None,
) -> Verdict:
    """Check a receipt against published keys; with the config's bytes, its table and log too.

    client_nonce is what one's own page chose when it entered; declared is a change of keys, which
    says who witnessed the log when. What is not given is not checked, and the verdict says so.
    """
    try:
        case = replace(_case(receipt, keys, config, client_nonce), declared=declared)
    except (rounds.BadRecordError, BadConfigError, ValueError) as error:
        return Verdict(checked=(), finding=Finding(wrong=Wrong.UNREADABLE, where=str(error)))
    return step_by_step(case, _steps(case))


def _case(
    receipt: OutcomeReceipt, keys: Keys, config: bytes | None, client_nonce: bytes | None
) -> _Case:
    """Take the receipt apart. Refuses (ValueError) bytes that hold no record."""
    seal = bytes.fromhex(receipt.seal)
    return _Case(
        receipt=receipt,
        entry=rounds.decode_entry(bytes.fromhex(receipt.entry)),
        seal=rounds.decode_seal(seal),
        seal_hash=rounds.seal_hash_of(seal),
        final=rounds.decode_final(bytes.fromhex(receipt.final)),
        keys=keys,
        config=None if config is None else draw_config.decode_config(config),
        config_hash=None if config is None else draw_config.cfg_hash_of(config),
        client_nonce=client_nonce,
        declared=None,
    )


def _steps(case: _Case) -> list[tuple[str, bool, Callable[[_Case], Wrong | None]]]:
    """The checks in order: name, whether what it needs is at hand, and the check."""
    return [
        ("nonce", case.client_nonce is not None, _nonce),
        ("entry", True, _entry),
        ("config", case.config is not None, _config),
        ("proofs", True, _proofs),
        ("outcome", True, _outcome),
        ("log", case.receipt.log is not None and case.config is not None, _log),
    ]


def _nonce(case: _Case) -> Wrong | None:
    """The entry is one's own: it carries the nonce of one's own page."""
    return None if case.entry.client_nonce == case.client_nonce else Wrong.NOT_YOURS


def _entry(case: _Case) -> Wrong | None:
    """The entry stands in the sealed round, at its own place."""
    entry, seal = case.entry, case.seal
    place = entry.idx - seal.first_idx
    if (entry.lane, entry.day) != (seal.lane, seal.day) or not 0 <= place < seal.count:
        return Wrong.WRONG_ENTRY
    leaf = merkle.leaf_hash(bytes.fromhex(case.receipt.entry))
    path = [bytes.fromhex(step) for step in case.receipt.path]
    if not merkle.verify_inclusion(leaf, place, seal.count, path, seal.root):
        return Wrong.WRONG_ROOT
    return None


def _config(case: _Case) -> Wrong | None:
    """The config is the one the seal names, with the published keys, table, lane and stock.

    Nobody with one receipt sees the rounds before, but a lane never has more than its top-ups.
    """
    config, seal, entry = case.config, case.seal, case.entry
    assert config is not None, "only checked when given"
    assert case.config_hash is not None, "only checked when given"
    if case.config_hash != seal.cfg_hash:
        return Wrong.CONFIG_UNKNOWN
    if config.keys != case.keys:
        return Wrong.KEYS_DIFFER
    if seal.epoch != config.epoch:
        return Wrong.CHAIN_BROKEN
    if seal.count > config.round_max:
        return Wrong.WRONG_COUNT
    plan = config.days.get(seal.day)
    if plan is None or len(seal.left_before) != len(config.tiers):
        return Wrong.CONFIG_UNKNOWN
    if plan.tables.get(entry.pack) != case.receipt.table:
        return Wrong.WRONG_TABLE
    topups = topups_of_lane(plan.topups, seal.lane)
    most = released_until(topups, seal.slot, len(config.tiers))
    if any(left > released for left, released in zip(seal.left_before, most, strict=True)):
        return Wrong.WRONG_STOCK
    start = draw_config.epoch_start_of(config, case.config_hash)
    return None if lane_of(start, entry.pid, config.lanes) == entry.lane else Wrong.WRONG_LANE


def _proofs(case: _Case) -> Wrong | None:
    """Both signers proved the randomness of exactly this seal, and the seed follows."""
    final, keys = case.final, case.keys
    if final.seal_hash != case.seal_hash:
        return Wrong.CHAIN_BROKEN
    notary = vrf.verify(
        bytes.fromhex(keys.notary), vrf.seal_alpha("N", case.seal_hash), final.pi_notary
    )
    auditor = vrf.verify(
        bytes.fromhex(keys.auditor), vrf.seal_alpha("W", case.seal_hash), final.pi_auditor
    )
    if notary is None or auditor is None:
        return Wrong.BAD_PROOF
    return None if final.seed == seed_of(case.seal_hash, notary, auditor) else Wrong.WRONG_DRAW


def _outcome(case: _Case) -> Wrong | None:
    """The randomness gives the outcome that the receipt states."""
    final, seal = case.final, case.seal
    table = [(int(bound), tier) for bound, tier in case.receipt.table]
    tiers = len(seal.left_before)
    if len(final.kept) != tiers or any(not 1 <= tier <= tiers for _, tier in table):
        return Wrong.WRONG_TABLE
    for left, kept, cut in zip(seal.left_before, final.kept, final.cut, strict=True):
        if kept > left or (cut and kept < left):
            return Wrong.WRONG_STOCK
    outcome = outcome_of(case.entry, final, {case.entry.pack: table})
    return None if outcome == case.receipt.outcome else Wrong.WRONG_DRAW


def _log(case: _Case) -> Wrong | None:
    """The round stands in the public log, under a checkpoint that enough witnesses cosigned.

    Nothing else stands under that checkpoint: no line of a stranger, none that does not hold.
    """
    proof, config = case.receipt.log, case.config
    assert proof is not None, "only checked when given"
    assert config is not None, "only checked when given"
    try:
        note = checkpoints.parse_note(proof.checkpoint)
        checkpoint = checkpoints.parse_checkpoint(note.text)
    except checkpoints.BadNoteError:
        return Wrong.UNREADABLE
    platform = bytes.fromhex(config.keys.platform)
    if checkpoint.origin != config.log.origin or checkpoint.size != proof.size:
        return Wrong.LOG_BROKEN
    if not checkpoints.is_note_signed(note, config.log.origin, platform):
        return Wrong.BAD_SIGNATURE
    log = witnesses_at(config.log, case.declared, proof.size)
    if is_cosigned_by_the_lost_key(note, log, case.declared, proof.size):
        return Wrong.OLD_KEY_USED
    if not checkpoints.has_quorum(note, log):
        return Wrong.NO_QUORUM
    if not checkpoints.is_every_line_known(note, log, platform):
        return Wrong.LOG_BROKEN
    seal, final = bytes.fromhex(case.receipt.seal), bytes.fromhex(case.receipt.final)
    leaf = merkle.leaf_hash(rounds.log_leaf(seal, final))
    path = [bytes.fromhex(step) for step in proof.path]
    if not merkle.verify_inclusion(leaf, proof.index, proof.size, path, checkpoint.root):
        return Wrong.NOT_LOGGED
    return None
