"""Signing a day's manifest: only if its numbers are those of this signer's own book.  清单签名"""

from huiquan.domain import exports
from huiquan.domain.days import day_from_number, ends_at
from huiquan.domain.exports import BadExportError, Manifest, round_row
from huiquan.domain.rounds import decode_seal
from huiquan.domain.signing import Purpose, is_signed
from notary.book import SignedRound
from notary.configs import Accepted
from notary.desk import Desk
from notary.refusals import No, Refused

ROUNDS = "rounds.ndjson"


def sign_manifest(desk: Desk, body: bytes, platform_signature: bytes) -> bytes | Refused:
    """The signature over a manifest's canonical bytes, or the reason why there is none.

    The day is over, every round of it in the book has its final, and the totals and the whole file
    of rounds are what this book gives. A day has one manifest.
    """
    try:
        manifest = exports.parse_manifest_body(body)
    except BadExportError as error:
        return Refused(no=No.MALFORMED, detail={"why": str(error)})
    accepted = _config_of(desk, manifest)
    if accepted is None:
        return Refused(no=No.CONFIG_UNKNOWN)
    platform = bytes.fromhex(accepted.config.keys.platform)
    if not is_signed(platform, Purpose.MANIFEST, body, platform_signature):
        return Refused(no=No.NOTE_UNSIGNED)
    with desk.book.writing():
        if desk.book.stop_in_force() is not None:
            return Refused(no=No.STOPPED)
        signed = desk.book.manifest_of(accepted.series, manifest.day)
        # Keys were changed before all had signed: the day's manifest is made once more.
        if signed is None or exports.parse_manifest_body(signed).epoch < manifest.epoch:
            refused = _decide_numbers(desk, manifest, accepted)
            if refused is not None:
                return refused
            desk.book.record_manifest(accepted.series, manifest.day, body)
        elif signed != body:
            return Refused(no=No.MANIFEST_CHANGED)
    return desk.key.signer.sign(Purpose.MANIFEST, body)


def _config_of(desk: Desk, manifest: Manifest) -> Accepted | None:
    """The accepted config that the manifest names; every config it names must be accepted."""
    named = [desk.register.get(bytes.fromhex(one.cfg_hash)) for one in manifest.configs]
    series = f"{manifest.campaign}/{manifest.platform}"
    declared = desk.declared(series)
    if manifest.epoch != (0 if declared is None else declared.declaration.epoch):
        return None
    for accepted in named:
        if accepted is None or accepted.series != series:
            return None
        if manifest.day not in accepted.config.days or accepted.config.epoch > manifest.epoch:
            return None
    return named[0] if named else None


def _decide_numbers(desk: Desk, manifest: Manifest, accepted: Accepted) -> Refused | None:
    """Compare the manifest with the book."""
    if desk.role == "witness":
        return Refused(no=No.NOT_A_SIGNER)
    if desk.clock() < ends_at(day_from_number(manifest.day)):
        return Refused(no=No.DAY_NOT_OVER)
    declared = desk.declared(accepted.series)
    voided = () if declared is None else declared.declaration.voided
    never_drawn = {one.seal_hash for one in voided}
    rows = desk.book.rounds_of_day(accepted.series, manifest.day)
    lines = []
    for row in rows:
        if row.seal_hash.hex() in never_drawn:
            continue
        final = _final_of(desk, row)
        if final is None:
            return Refused(no=No.NOT_SETTLED, detail={"lane": row.lane, "seq": row.seq})
        lines.append(round_row(row.seal, final))
    totals = exports.totals_of(lines, len(accepted.config.tiers))
    mark = exports.mark_of(exports.build_rounds(lines))
    if manifest.totals != totals or manifest.files.get(ROUNDS) != mark:
        return Refused(
            no=No.WRONG_TOTALS, detail={"rounds": totals.rounds, "entries": totals.entries}
        )
    return None


def _final_of(desk: Desk, row: SignedRound) -> bytes | None:
    """A round's final from the book, drawn now if the book holds both proofs."""
    accepted = desk.register.get(decode_seal(row.seal).cfg_hash)
    assert accepted is not None, "a signed round has an accepted config"
    if row.final is None and isinstance(desk.settling.account_after(row, accepted, None), No):
        return None
    settled = desk.book.round_sealed(row.seal_hash)
    return None if settled is None else settled.final
