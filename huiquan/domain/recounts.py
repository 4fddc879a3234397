"""Recounts: a final round is drawn again from what was signed, as a stranger would do it.  复算

What the tables say is held against what follows from the sealed entries and the two proofs alone:
the root, the winners, their vouchers. The first flaw found is named.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from huiquan.domain import draw_config, merkle, vrf
from huiquan.domain.campaigns import Campaign
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.entering import EntryRow
from huiquan.domain.issuing import issue_to
from huiquan.domain.lottery import Drawn, draw_round, eligibility_commitment, final_of
from huiquan.domain.rounds import (
    BadRecordError,
    Seal,
    decode_final,
    decode_seal,
    encode_entry,
    encode_final,
    seal_hash_of,
)
from huiquan.domain.vouchers import State, Voucher


@dataclass(frozen=True, kw_only=True)
class RoundOnFile:
    """A final round as the tables keep it, with its entries, its vouchers and its log leaf.

    voided holds the entries whose win an objection ended; is_issued is False while a list is
    published for objections, and then it has no voucher.
    """

    raw_seal: bytes
    seal_hash: bytes
    raw_final: bytes
    left_after: tuple[int, ...]
    leaf_hash: bytes | None
    entries: Sequence[EntryRow]
    vouchers: Sequence[Voucher]
    voided: Container[int] = ()
    is_issued: bool = True


def flaw_in_round(campaign: Campaign, on_file: RoundOnFile) -> str | None:
    """What is wrong with a final round, or None when it follows from its proofs (I5, I10, I11)."""
    try:
        return next(_flaws(campaign, on_file), None)
    except BadRecordError as error:
        return f"the seal or the final cannot be read: {error}"


def _flaws(campaign: Campaign, on_file: RoundOnFile) -> Iterator[str]:
    seal = decode_seal(on_file.raw_seal)
    if seal_hash_of(on_file.raw_seal) != on_file.seal_hash:
        yield "the seal is not the one that was signed"
    if merkle.root_of(encode_entry(row.entry) for row in on_file.entries) != seal.root:
        yield "the entries are not those that were sealed"
    for row in on_file.entries:
        if eligibility_commitment(row.salt, row.decision) != row.entry.elig:
            yield f"entry {row.entry.idx}: the decision is not the one it was let in with"
    leaf = merkle.leaf_hash(on_file.raw_seal + on_file.raw_final)
    if on_file.leaf_hash not in (None, leaf):
        yield "the public log holds another seal or final"
    draw_day = campaign.days.get(seal.day)
    config = None if draw_day is None else draw_day.config_under(seal.cfg_hash)
    if config is None:
        yield "it was drawn under a config that does not rule its day"
        return
    drawn = _draw_again(seal, config, on_file)
    if drawn is None:
        yield "a proof is not the signer's"
        return
    proofs = decode_final(on_file.raw_final)
    final = final_of(on_file.seal_hash, proofs.pi_notary, proofs.pi_auditor, drawn)
    if encode_final(final) != on_file.raw_final or drawn.left_after != on_file.left_after:
        yield "the final does not follow from the proofs"
    yield from _voucher_flaws(campaign, on_file, drawn)


def _draw_again(seal: Seal, config: DrawConfig, on_file: RoundOnFile) -> Drawn | None:
    """Draw the round from both proofs, or None if one does not belong to its signer."""
    final, keys = decode_final(on_file.raw_final), config.keys
    notary = vrf.verify(
        bytes.fromhex(keys.notary), vrf.seal_alpha("N", on_file.seal_hash), final.pi_notary
    )
    auditor = vrf.verify(
        bytes.fromhex(keys.auditor), vrf.seal_alpha("W", on_file.seal_hash), final.pi_auditor
    )
    if notary is None or auditor is None:
        return None
    tables = draw_config.tables_of(config.days[seal.day])
    return draw_round(seal, [row.entry for row in on_file.entries], tables, notary, auditor)


def _voucher_flaws(campaign: Campaign, on_file: RoundOnFile, drawn: Drawn) -> Iterator[str]:
    """Each kept win has the voucher that its rulebook gives, and nobody else has one."""
    issued = {voucher.idx: voucher for voucher in on_file.vouchers}
    for row, outcome in zip(on_file.entries, drawn.outcomes, strict=True):
        voucher = issued.pop(row.entry.idx, None)
        if outcome.kept and voucher is None and not on_file.is_issued:
            continue
        if outcome.kept and voucher is None:
            yield f"entry {row.entry.idx} won tier {outcome.tier} and has no voucher"
        elif voucher is not None and not outcome.kept:
            yield f"entry {row.entry.idx} did not win and has a voucher"
        elif voucher is not None and row.entry.idx in on_file.voided:
            if voucher.state is not State.EXPIRED:
                yield f"entry {row.entry.idx}: its win was voided and its voucher lives"
        elif voucher is not None and _as_issued(voucher) != _due(
            campaign, row, outcome.tier, voucher
        ):
            yield f"entry {row.entry.idx}: its voucher is not the one it won"
    for idx in issued:
        yield f"voucher of entry {idx}: there is no such entry in the round"


def _due(campaign: Campaign, row: EntryRow, tier: int, voucher: Voucher) -> Voucher:
    return issue_to(campaign, row, tier, voucher.issued_at).voucher


def _as_issued(voucher: Voucher) -> Voucher:
    """The voucher as it was when it was issued, whatever has become of it since."""
    return replace(voucher, state=State.HELD, lock_no=0, locked_until=None)
