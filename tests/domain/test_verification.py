"""An exported day: a true one passes, and no change to it stays unseen.  整日验证"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.cli.verify import run_verify
from huiquan.domain import exports, rounds
from huiquan.domain.exports import BadExportError, KeptRow
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_day import verify_day
from tests.domain.draw_days import (
    DAY,
    a_drawn_day,
    published_keys,
    seed_for,
    sign_manifest,
)

PLAYED, FILES = a_drawn_day()
Change = Callable[[dict[str, bytes], dict[str, Any]], None]


@pytest.mark.requirement("R5.1")
def test_a_true_day_passes_every_check() -> None:
    verdict = verify_day(FILES, published_keys())
    assert verdict.finding is None
    assert verdict.unchecked == ()
    assert verdict.checked == (
        *("files", "signatures", "configs", "rounds", "vouchers", "totals", "log"),
        *("counts", "runs"),
    )


def test_without_known_keys_the_verdict_says_so() -> None:
    assert verify_day(FILES).unchecked == ("keys against a known source",)
    stranger = replace(published_keys(), notary="00" * 32)
    assert found(FILES, stranger) is Wrong.KEYS_DIFFER


def found(files: dict[str, bytes], pinned: exports.PublishedKeys | None = None) -> Wrong | None:
    """What is wrong with these files."""
    finding = verify_day(files, pinned).finding
    return None if finding is None else finding.wrong


@settings(max_examples=120, deadline=None)
@given(path=st.sampled_from(sorted(FILES)), data=st.data())
def test_one_flipped_bit_anywhere_is_found(path: str, data: st.DataObject) -> None:
    raw = bytearray(FILES[path])
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert found({**FILES, path: bytes(raw)}) is not None


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_file_that_is_missing_is_found(path: str) -> None:
    assert found({name: raw for name, raw in FILES.items() if name != path}) is Wrong.MISSING_FILE


def test_a_file_that_nobody_signed_is_found() -> None:
    assert found({**FILES, "entries/9.bin": b""}) is Wrong.UNKNOWN_FILE


# From here on, platform, notary and auditor all sign what was changed: the draw itself must speak.


def resigned(change: Change) -> dict[str, bytes]:
    """The day with a change to files and manifest, with new fingerprints and signatures."""
    files = {path: raw for path, raw in FILES.items() if path != "manifest.json"}
    fields = msgspec.to_builtins(PLAYED.unsigned_manifest(files), str_keys=True)
    change(files, fields)
    fields["files"] = msgspec.to_builtins(exports.marks_of(files)) | fields.get("extra", {})
    fields.pop("extra", None)
    manifest = msgspec.convert(fields, exports.Manifest)
    return files | {"manifest.json": sign_manifest(manifest)}


def change_row(number: int, **changes: Any) -> Change:
    """Change one line of rounds.ndjson."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        rows = exports.parse_rounds(files["rounds.ndjson"])
        rows[number] = replace(rows[number], **changes)
        files["rounds.ndjson"] = exports.build_rounds(rows)

    return change


def change_seal(number: int, **changes: Any) -> Change:
    """Change the seal of one round, proofs and all else as they were."""
    seal = rounds.decode_seal(bytes.fromhex(row(number).seal))
    return change_row(number, seal=rounds.encode_seal(replace(seal, **changes)).hex())


def change_final(number: int, **changes: Any) -> Change:
    """Change the final of one round."""
    final = rounds.decode_final(bytes.fromhex(row(number).final))
    return change_row(number, final=rounds.encode_final(replace(final, **changes)).hex())


def row(number: int) -> exports.RoundRow:
    """A line of rounds.ndjson."""
    return exports.parse_rounds(FILES["rounds.ndjson"])[number]


def change_entries(edit: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Change the entries of lane 0."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        files["entries/0.bin"] = b"".join(edit(rounds.split_entries(files["entries/0.bin"])))

    return change


def change_kept(edit: Callable[[list[KeptRow]], list[KeptRow]]) -> Change:
    """Change the list of vouchers."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        files["kept.ndjson"] = exports.build_kept(edit(exports.parse_kept(files["kept.ndjson"])))

    return change


def change_manifest(path: str, edit: Callable[[Any], Any]) -> Change:
    """Change one field of the manifest, named with dots."""

    def change(_: dict[str, bytes], fields: dict[str, Any]) -> None:
        *above, last = path.split(".")
        for name in above:
            fields = fields[name]
        fields[last] = edit(fields[last])

    return change


def change_notes(edit: Callable[[str], str]) -> Change:
    """Change the checkpoints."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        files["checkpoints.txt"] = edit(files["checkpoints.txt"].decode()).encode()

    return change


def drop_round(number: int) -> Change:
    """Leave out one round."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        rows = exports.parse_rounds(files["rounds.ndjson"])
        files["rounds.ndjson"] = exports.build_rounds(rows[:number] + rows[number + 1 :])

    return change


def rename(old: str, new: str) -> Change:
    """Move a file."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        files[new] = files.pop(old)

    return change


def write(path: str, raw: bytes) -> Change:
    """Put other bytes into a file."""

    def change(files: dict[str, bytes], _: dict[str, Any]) -> None:
        files[path] = raw

    return change


SECOND = rounds.decode_seal(bytes.fromhex(row(1).seal))
WON = exports.parse_kept(FILES["kept.ndjson"])
LAST_NOTE = PLAYED.notes[-1]

CHANGES: dict[str, tuple[Change, Wrong]] = {
    "nothing parses": (write("rounds.ndjson", b"{}\n"), Wrong.UNREADABLE),
    "rows in another order": (
        write("rounds.ndjson", b"".join(FILES["rounds.ndjson"].splitlines(True)[::-1])),
        Wrong.UNREADABLE,
    ),
    "half a row at the end": (
        write("rounds.ndjson", FILES["rounds.ndjson"] + b"{"),
        Wrong.UNREADABLE,
    ),
    "keys that are none": (write("keys.json", b"[]"), Wrong.UNREADABLE),
    "a config nobody can read": (write("config.json", b"{}"), Wrong.UNREADABLE),
    "no config": (change_manifest("configs", lambda _: []), Wrong.CONFIG_UNKNOWN),
    "a config file that is not there": (
        change_manifest("configs", lambda all_: [all_[0] | {"file": "other.json"}]),
        Wrong.UNREADABLE,
    ),
    "another config hash": (
        change_manifest("configs", lambda all_: [all_[0] | {"cfg_hash": "00" * 32}]),
        Wrong.FILE_CHANGED,
    ),
    "a config only the platform signed": (
        change_manifest("configs", lambda all_: [all_[0] | {"approver": all_[0]["platform"]}]),
        Wrong.BAD_SIGNATURE,
    ),
    "another campaign": (change_manifest("campaign", lambda _: "other"), Wrong.CONFIG_UNKNOWN),
    "another day": (change_manifest("day", lambda day: day + 1), Wrong.CONFIG_UNKNOWN),
    "a dropped first round": (drop_round(0), Wrong.WRONG_ROOT),
    "a dropped round in between": (drop_round(1), Wrong.CHAIN_BROKEN),
    "a dropped last round of lane 0": (drop_round(4), Wrong.WRONG_COUNT),
    "a row that says another round": (change_row(1, pi_notary="00" * 80), Wrong.CHAIN_BROKEN),
    "half a seal": (change_row(1, seal=row(1).seal[:-2]), Wrong.UNREADABLE),
    "an unknown config": (change_seal(1, cfg_hash=bytes(32)), Wrong.CONFIG_UNKNOWN),
    "another epoch": (change_seal(1, epoch=1), Wrong.WRONG_ENTRY),
    "another day in a seal": (change_seal(1, day=DAY + 1), Wrong.WRONG_ENTRY),
    "a falling hour": (change_seal(1, slot=9), Wrong.WRONG_SLOT),
    "hour 24": (change_seal(4, slot=24), Wrong.WRONG_SLOT),
    "a broken link": (change_seal(1, prev_seal_hash=bytes(32)), Wrong.CHAIN_BROKEN),
    "a link before the first": (change_seal(0, prev_seal_hash=b"x" * 32), Wrong.CHAIN_BROKEN),
    "a first entry that is not the first": (change_seal(0, first_idx=1), Wrong.IDX_GAP),
    "a gap between rounds": (
        change_seal(1, first_idx=SECOND.first_idx + 1),
        Wrong.IDX_GAP,
    ),
    "a shorter round": (change_seal(0, count=19), Wrong.WRONG_ROOT),
    "an empty round": (change_seal(0, count=0), Wrong.WRONG_COUNT),
    "more than a round may hold": (change_seal(0, count=51), Wrong.WRONG_COUNT),
    "more stock than was released": (change_seal(1, left_before=(9, 9, 9)), Wrong.WRONG_STOCK),
    "another root": (change_seal(1, root=bytes(32)), Wrong.WRONG_ROOT),
    "a dropped entry": (change_entries(lambda all_: all_[1:]), Wrong.WRONG_ROOT),
    "a dropped last entry": (change_entries(lambda all_: all_[:-1]), Wrong.WRONG_COUNT),
    "an added entry": (change_entries(lambda all_: [*all_, all_[0]]), Wrong.WRONG_COUNT),
    "swapped entries": (change_entries(lambda all_: [*all_[1::-1], *all_[2:]]), Wrong.WRONG_ROOT),
    "entries cut in half": (change_entries(lambda all_: [*all_[:-1], b"half"]), Wrong.UNREADABLE),
    "entries of another version": (
        change_entries(lambda all_: [b"\x02" + all_[0][1:], *all_[1:]]),
        Wrong.UNREADABLE,
    ),
    "another seed": (change_final(1, seed=bytes(32)), Wrong.WRONG_DRAW),
    "other counts": (change_final(1, kept=(0, 0, 0)), Wrong.WRONG_DRAW),
    "another last rank": (change_final(1, last_kept_rank=(b"x" * 32,) * 3), Wrong.WRONG_DRAW),
    "another round's final": (change_final(1, seal_hash=bytes(32)), Wrong.WRONG_DRAW),
    "a file of entries too few": (rename("entries/1.bin", "entries/7.bin"), Wrong.MISSING_FILE),
    "a file of entries too many": (write("entries/7.bin", b""), Wrong.UNKNOWN_FILE),
    "a voucher too few": (change_kept(lambda all_: all_[1:]), Wrong.WRONG_VOUCHERS),
    "a voucher for a miss": (
        change_kept(lambda all_: [*all_, KeptRow(lane=0, idx=999, tier=1, voucher="X")]),
        Wrong.WRONG_VOUCHERS,
    ),
    "a voucher of a better tier": (
        change_kept(lambda all_: [replace(all_[0], tier=all_[0].tier % 3 + 1), *all_[1:]]),
        Wrong.WRONG_VOUCHERS,
    ),
    "one voucher for two wins": (
        change_kept(lambda all_: [replace(all_[0], voucher=all_[1].voucher), *all_[1:]]),
        Wrong.WRONG_VOUCHERS,
    ),
    "a win moved to another person": (
        change_kept(lambda all_: [replace(all_[0], idx=all_[0].idx + 1), *all_[1:]]),
        Wrong.WRONG_VOUCHERS,
    ),
    "other totals": (
        change_manifest("totals.entries", lambda entries: entries + 1),
        Wrong.WRONG_TOTALS,
    ),
    "a round not in the log": (
        change_manifest("log.leaves", lambda leaves: leaves[:-1]),
        Wrong.NOT_LOGGED,
    ),
    "a round twice in the log": (
        change_manifest("log.leaves", lambda leaves: [*leaves, leaves[0]]),
        Wrong.LOG_BROKEN,
    ),
    "rounds logged out of order": (
        change_manifest("log.leaves", lambda all_: [all_[2], *all_[:2], *all_[3:]]),
        Wrong.LOG_BROKEN,
    ),
    "a leaf nobody saw": (
        change_manifest("log.leaves", lambda leaves: [*leaves, "00" * 32]),
        Wrong.NOT_LOGGED,
    ),
    "another history before": (
        change_manifest("log", lambda log: log | {"size_before": 1, "frontier": ["00" * 32]}),
        Wrong.LOG_BROKEN,
    ),
    "a frontier that fits no size": (
        change_manifest("log", lambda log: log | {"size_before": 1}),
        Wrong.LOG_BROKEN,
    ),
    "no checkpoint": (write("checkpoints.txt", b""), Wrong.NOT_LOGGED),
    "checkpoints nobody can read": (write("checkpoints.txt", b"\xff"), Wrong.UNREADABLE),
    "the last checkpoint left out": (
        change_notes(lambda text: text.removesuffix("\n" + LAST_NOTE)),
        Wrong.NOT_LOGGED,
    ),
    "checkpoints going back": (
        change_notes(lambda text: text + "\n" + PLAYED.notes[0]),
        Wrong.LOG_BROKEN,
    ),
    "one witness only": (
        change_notes(lambda text: text[: text.rindex("—")]),
        Wrong.NO_QUORUM,
    ),
    "a checkpoint of nobody": (
        change_notes(lambda text: text.replace("— huiquan", "— huiqian")),
        Wrong.BAD_SIGNATURE,
    ),
}  # fmt: skip


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("name", CHANGES)
def test_even_if_all_three_sign_it_a_changed_day_is_found_out(name: str) -> None:
    change, wrong = CHANGES[name]
    assert found(resigned(change)) is wrong


def test_a_day_resigned_without_a_change_passes() -> None:
    assert found(resigned(lambda *_: None)) is None


def test_a_proof_of_another_seal_is_found_out() -> None:
    final = rounds.decode_final(bytes.fromhex(row(1).final))
    other = rounds.decode_final(bytes.fromhex(row(2).final))
    forged = rounds.encode_final(replace(final, pi_auditor=other.pi_auditor)).hex()
    change = change_row(1, final=forged, pi_auditor=other.pi_auditor.hex())
    assert found(resigned(change)) is Wrong.BAD_PROOF


def test_a_folder_is_verified_from_its_files_alone(tmp_path: Path) -> None:
    for path, raw in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(raw)
    assert run_verify(tmp_path).is_right
    assert run_verify(tmp_path, published_keys()).unchecked == ()
    (tmp_path / "extra.txt").write_text("hello")
    finding = run_verify(tmp_path).finding
    assert finding is not None
    assert finding.wrong is Wrong.UNKNOWN_FILE


def test_a_manifest_in_another_form_is_no_manifest() -> None:
    raw = FILES["manifest.json"]
    for broken in (b"{}", b"[]", raw + b" ", raw.replace(b'"day"', b'"dey"')):
        with pytest.raises(BadExportError):
            exports.parse_manifest(broken)
    manifest, _ = exports.parse_manifest(raw)
    body = exports.manifest_body(manifest)
    assert exports.parse_manifest_body(body) == manifest
    with pytest.raises(BadExportError):
        exports.parse_manifest_body(body + b" ")
    assert len(seed_for("notary")) == 32
