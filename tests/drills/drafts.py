"""A day in the hands of someone who edits it: files, manifest, and who signs it again.  改稿"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from huiquan.domain import checkpoints, exports, merkle, rounds
from huiquan.domain.exports import KeptRow, RoundRow
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import Purpose, Signer
from huiquan.domain.stock import Account, left_before, topups_of_lane
from tests.domain.draw_days import DAY, SIGNERS, DrawDay, cosigned_note, draw_sealed

Files = dict[str, bytes]

NOBODY: tuple[str, ...] = ()
PLATFORM = ("platform",)
ALL = ("platform", "notary", "auditor")


@dataclass(frozen=True, kw_only=True)
class Case:
    """An honest day, with another day of the campaign and a day of another campaign at hand."""

    day: DrawDay
    files: Files
    other_day: Files
    other_campaign: Files


@dataclass
class Draft:
    """The day as somebody changes it; the manifest's fields are plain values until it is signed."""

    case: Case
    dice: random.Random
    files: Files = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    signers: dict[str, Signer] = field(default_factory=lambda: dict(SIGNERS))

    def __post_init__(self) -> None:
        self.files = {path: raw for path, raw in self.case.files.items() if path != "manifest.json"}
        manifest, self.old = exports.parse_manifest(self.case.files["manifest.json"])
        self.fields = json.loads(exports.manifest_body(manifest))

    @property
    def rows(self) -> list[RoundRow]:
        """The day's rounds as they are now."""
        return exports.parse_rounds(self.files["rounds.ndjson"])

    @rows.setter
    def rows(self, rows: Sequence[RoundRow]) -> None:
        self.files["rounds.ndjson"] = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)

    @property
    def kept(self) -> list[KeptRow]:
        """The day's vouchers as they are now."""
        return exports.parse_kept(self.files["kept.ndjson"])

    @kept.setter
    def kept(self, rows: Sequence[KeptRow]) -> None:
        self.files["kept.ndjson"] = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)

    def entries(self, lane: int) -> list[bytes]:
        """A lane's entries, 80 bytes each."""
        return rounds.split_entries(self.files[exports.entries_file(lane)])

    def put_entries(self, lane: int, entries: Sequence[bytes]) -> None:
        """Other entries for a lane."""
        self.files[exports.entries_file(lane)] = b"".join(entries)

    def put_seal(self, number: int, **changes: Any) -> None:
        """Change the seal of one round, all else as it was."""
        rows = self.rows
        seal = rounds.decode_seal(bytes.fromhex(rows[number].seal))
        raw = rounds.encode_seal(replace(seal, **changes))
        rows[number] = replace(rows[number], seal=raw.hex())
        self.rows = rows

    def put_final(self, number: int, **changes: Any) -> None:
        """Change the final of one round, and its line with it."""
        rows = self.rows
        final = replace(rounds.decode_final(bytes.fromhex(rows[number].final)), **changes)
        rows[number] = replace(
            rows[number],
            final=rounds.encode_final(final).hex(),
            pi_notary=final.pi_notary.hex(),
            pi_auditor=final.pi_auditor.hex(),
        )
        self.rows = rows

    def add_up(self) -> None:
        """Make the totals fit the rounds again."""
        tiers = len(self.case.day.config.tiers)
        self.fields["totals"] = msgspec.to_builtins(exports.totals_of(self.rows, tiers))

    def draw_again(self, lane: int, entries: Sequence[Entry]) -> None:
        """Seal, prove and draw a lane's rounds again with other entries, with everybody's keys.

        Vouchers and totals follow; the log stays as the witnesses saw it.
        """
        config, day = self.case.day.config, self.case.day
        topups = topups_of_lane(config.days[DAY].topups, lane)
        rows, account, prev, at = [], None, None, 0
        kept = [row for row in self.kept if row.lane != lane]
        for row in self.rows:
            if row.lane != lane:
                rows.append(row)
                continue
            old = rounds.decode_seal(bytes.fromhex(row.seal))
            taken = list(entries[at : at + old.count])
            at += len(taken)
            seal = replace(
                old,
                root=merkle.root_of(map(rounds.encode_entry, taken)),
                prev_seal_hash=old.prev_seal_hash if prev is None else prev,
                left_before=left_before(account, DAY, old.slot, topups, len(config.tiers)),
            )
            final, drawn = draw_sealed(seal, taken, day.tables)
            rows.append(exports.round_row(rounds.encode_seal(seal), rounds.encode_final(final)))
            account = Account(day=DAY, slot=seal.slot, left_after=drawn.left_after)
            prev = final.seal_hash
            kept += [
                KeptRow(lane=lane, idx=entry.idx, tier=tier, voucher=f"N{lane}-{entry.idx}")
                for entry, (tier, is_kept) in zip(taken, drawn.outcomes, strict=True)
                if is_kept
            ]
        self.put_entries(lane, [rounds.encode_entry(entry) for entry in entries])
        self.rows = rows
        self.files["kept.ndjson"] = exports.build_kept(kept)
        self.add_up()

    def log_again(self) -> None:
        """Make the log fit the rounds again, with every signature of platform and witnesses."""
        part, config = self.fields["log"], self.case.day.config
        rows = {(row.lane, row.seq): row for row in self.rows}
        sizes = [
            checkpoints.parse_checkpoint(checkpoints.parse_note(note).text).size
            for note in checkpoints.split_notes(self.files["checkpoints.txt"].decode())
        ]
        frontier = merkle.Frontier(
            size=part["size_before"], hashes=tuple(map(bytes.fromhex, part["frontier"]))
        )
        notes = []
        for leaf in part["leaves"]:
            if isinstance(leaf, str):
                frontier = frontier.append(bytes.fromhex(leaf))
            else:
                row = rows[leaf[0], leaf[1]]
                raw = rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final))
                frontier = frontier.append(merkle.leaf_hash(raw))
            if frontier.size in sizes:
                notes.append(cosigned_note(config, frontier))
        self.files["checkpoints.txt"] = checkpoints.join_notes(notes).encode()

    def signed_by(self, parties: Sequence[str]) -> Files:
        """The folder with its marks made anew, signed again by these; the others' are the old."""
        self.fields["files"] = msgspec.to_builtins(exports.marks_of(self.files))
        manifest = msgspec.convert(self.fields, exports.Manifest)
        body = exports.manifest_body(manifest)
        again = {party: self.signers[party].sign(Purpose.MANIFEST, body).hex() for party in parties}
        return self.files | {"manifest.json": exports.build_manifest(
            manifest, replace(self.old, **again))}  # fmt: skip
