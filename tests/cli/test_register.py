"""The register as a folder: whole, signed, added up by another program, and no edit goes unseen."""

import csv
import hashlib
import io
import json
import random
import shutil
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from huiquan.cli.register_verify import verify
from huiquan.domain.book_heads import BookHead, BookHeads
from huiquan.domain.register_files import (
    RegisterManifest,
    TableMark,
    build_manifest,
    manifest_body,
    parse_manifest,
)
from huiquan.domain.register_reading import HEADS
from huiquan.domain.register_verification import RegisterVerdict, verify_register
from huiquan.domain.signing import Purpose, signer_from
from huiquan.gateways.keys import make_keys
from tests.cli.conftest import Command

SIGNER = signer_from(hashlib.sha256(b"the platform of this test").digest())
EDITS = 300

Files = dict[str, bytes]


@pytest.fixture
def register(
    huiquan: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Files]:
    """The season's register, written by the command and signed."""
    make_keys(tmp_path / "keys", ("2026-mashangyouli",), lambda size: b"k" * size)
    monkeypatch.setenv("HUIQUAN_KEYS_DIR", str(tmp_path / "keys"))
    said = huiquan("ledger", "export", "--dir", str(tmp_path / "register"))
    assert said.status == 0, said.err
    folder = tmp_path / "register"
    return folder, {path.name: path.read_bytes() for path in folder.iterdir()}


def verified(files: Files, **more: object) -> RegisterVerdict:
    def lines(name: str) -> Iterator[bytes]:
        return iter(io.BytesIO(files[name]))

    return verify_register(sorted(files), lines, **more)  # type: ignore[arg-type]


def marked(files: Files, signed: bool = True) -> Files:
    """The same files under a manifest that fits them, as whoever edits the folder would make it."""
    old, _ = parse_manifest(files["manifest.json"])
    marks = {
        name: TableMark(
            sha256=hashlib.sha256(raw).hexdigest(),
            bytes=len(raw),
            lines=sum(1 for _ in io.BytesIO(raw)),
        )
        for name, raw in files.items()
        if name != "manifest.json"
    }
    manifest = RegisterManifest(
        campaign=old.campaign,
        campaign_id=old.campaign_id,
        platform=old.platform,
        made_at=old.made_at,
        files=marks,
    )
    signature = SIGNER.sign(Purpose.REGISTER, manifest_body(manifest)) if signed else None
    return files | {"manifest.json": build_manifest(manifest, signature)}


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.8")
def test_a_true_register_adds_up_and_says_what_nobody_checked(
    huiquan: Command, register: tuple[Path, Files]
) -> None:
    folder, files = register
    assert {f"{name}.csv" for name in HEADS} | {"manifest.json", "register.xlsx"} == set(files)
    said = huiquan("ledger", "verify", str(folder))
    assert said.status == 0, said.err
    count = len(files["transfers.csv"].splitlines()) - 1
    assert f"✓ {count:,} movements" in said.out
    assert "nobody checked by whom" in said.out
    assert "no published day was given" in said.out
    verdict = verified(files)
    assert verdict.mistake is None
    assert verdict.unlinked == 0
    assert verdict.totals["bank"] == sum(
        verdict.totals.get(name, 0)
        for name in ("pool", "released", "reserved", "returned", "payable", "settling")
    )


def test_no_pseudonym_and_no_phone_is_in_a_register(register: tuple[Path, Files]) -> None:
    _, files = register
    assert "pid" not in {word for head in HEADS.values() for word in head.split(",")}
    assert b"138000" not in b"".join(files.values())


@cache
def _rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode())))


def written(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


# The columns that arithmetic, chain or order hold; the others (who typed it, when, where) are held
# by the signature over the manifest alone.
HELD = {
    "transfers": set(range(14)),
    "links": set(range(6)),
    "books": set(range(4)),
    "balances": {0, 1, 2, 3},
    "tranches": {7, 8},
    "settlements": {0, 1, 3, 4, 5, 6, 10},
    "vouchers": {0, 1, 6, 9},
    "redemptions": {0, 1, 2, 8, 9, 10, 11, 12, 13, 14},
    "refunds": {0, 1, 2, 4, 5, 6, 7},
}


def edited(files: Files, dice: random.Random) -> tuple[str, Files]:
    """One edit of one table: a value, a line dropped, doubled, moved, or two swapped."""
    name = dice.choice(sorted(HELD))
    head, *body = [list(row) for row in _rows(files[f"{name}.csv"])]
    what = dice.choice(("value", "value", "value", "drop", "double", "move", "swap"))
    at = dice.randrange(len(body))
    if what == "value":
        column = dice.choice(sorted(HELD[name]))
        old = body[at][column]
        body[at][column] = dice.choice(
            [str(int(old) + dice.choice((-1, 1, 100)))]
            if old.lstrip("-").isdecimal()
            else [old + "0", old[::-1] + "x", ""]
            if old
            else ["7"]
        )
        if body[at][column] == old:
            body[at][column] += "9"
    elif what == "drop":
        del body[at]
    elif what == "double":
        body.insert(at, list(body[at]))
    else:
        other = dice.randrange(len(body))
        if what == "swap":
            body[at], body[other] = body[other], body[at]
        else:
            body.insert(other, body.pop(at))
    return f"{name} {what} {at}", files | {f"{name}.csv": written([head, *body])}


ORDER_IS_FREE = ("tranches", "settlements", "balances", "books")


@pytest.mark.requirement("R5.8")
def test_hundreds_of_edits_are_all_found_even_when_the_manifest_is_made_anew(
    register: tuple[Path, Files],
) -> None:
    _, files = register
    dice = random.Random(20260206)
    missed, tried = [], 0
    while tried < EDITS:
        what, changed = edited(files, dice)
        name, kind, _ = what.split(" ")
        if changed == files or (kind in ("move", "swap") and name in ORDER_IS_FREE):
            continue
        tried += 1
        # As it lies there, the fingerprint gives it away; with a new manifest the counting does.
        if tried % 10 == 0:
            assert verified(changed).mistake is not None, what
        if verified(marked(changed)).mistake is None:
            missed.append(what)
    assert missed == []


def test_who_makes_a_new_manifest_has_to_sign_it(register: tuple[Path, Files]) -> None:
    folder, files = register
    _, signature = parse_manifest(files["manifest.json"])
    assert signature is not None
    ours = bytes.fromhex(_platform_key(folder))
    assert verified(files, key=ours).key_is_known
    edited = [
        marked(files | {f"{name}.csv": files[f"{name}.csv"] + b"\n"}) for name in sorted(HEADS)
    ]
    for forged in (*edited, marked(files, signed=False), marked(files)):
        mistake = verified(forged, key=ours).mistake
        assert mistake is not None
        assert (mistake.file, mistake.en) == ("manifest.json", "the platform did not sign this")


def _platform_key(folder: Path) -> str:
    seed = (folder.parent / "keys" / "platform.key").read_text()
    return signer_from(bytes.fromhex(seed.strip())).key.hex()


@pytest.mark.requirement("R5.8")
def test_a_history_rewritten_whole_is_found_by_any_published_head(
    register: tuple[Path, Files],
) -> None:
    """Whoever holds the platform's key and rewrites books, links and balances alike."""
    _, files = register
    links = _rows(files["links.csv"])[1:]
    day = BookHeads(
        campaign="2026-mashangyouli",
        heads=tuple(
            BookHead(lane=int(row[0]), next_no=int(row[3]), link_hash=row[5]) for row in links[:3]
        ),
    )
    true = verified(files, published=[day])
    assert (true.mistake, true.heads) == (None, 3)
    rewritten = marked(rewrite(files))
    assert verified(rewritten).mistake is None
    found = verified(rewritten, published=[day]).mistake
    assert found is not None
    assert "history was edited" in found.en


def rewrite(files: Files) -> Files:
    """A payer's reference becomes another, in the books, the tranche and every link after it."""
    transfers = _rows(files["transfers.csv"])
    head, body = transfers[0], [list(row) for row in transfers[1:]]
    for row in body:
        if row[2] == "appropriate":
            row[10] = "appropriation 9"
    tranches = [list(row) for row in _rows(files["tranches.csv"])]
    tranches[1][7] = "appropriation 9"
    links = [list(row) for row in _rows(files["links.csv"])]
    prev = "0" * 64
    for link in links[1:]:
        if link[0] != "-1":
            continue
        digest = hashlib.sha256(b"\x04link" + bytes.fromhex(prev))
        for row in body:
            if row[0] == "-1" and int(link[2]) <= int(row[1]) < int(link[3]):
                plain = {
                    "campaign_id": 1,
                    "lane": -1,
                    "no": int(row[1]),
                    "kind": row[2],
                    "debit": [row[3], int(row[4]), row[5]],
                    "credit": [row[6], int(row[7]), row[8]],
                    "amount_fen": int(row[9]),
                    "ref": row[10],
                    "idx": int(row[11]) if row[11] else None,
                    "day": int(row[12]),
                    "booked_at": row[13],
                }
                raw = json.dumps(
                    plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
                ).encode()
                digest.update(len(raw).to_bytes(4, "big") + raw)
        link[4], link[5] = prev, digest.hexdigest()
        prev = link[5]
    books = [list(row) for row in _rows(files["books.csv"])]
    books[1][3] = prev
    return files | {
        "transfers.csv": written([head, *body]),
        "tranches.csv": written(tranches),
        "links.csv": written(links),
        "books.csv": written(books),
    }


def test_the_zip_from_the_console_is_added_up_without_unpacking_it(
    huiquan: Command, register: tuple[Path, Files], tmp_path: Path
) -> None:
    _, files = register
    rows = [list(row) for row in _rows(files["transfers.csv"])]
    rows[5][9] = str(int(rows[5][9]) + 1)
    for place, kept in enumerate((files, marked(files | {"transfers.csv": written(rows)}))):
        archive = tmp_path / f"register-{place}.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            for name, raw in kept.items():
                packed.writestr(f"register/{name}", raw)
        said = huiquan("ledger", "verify", str(archive))
        assert said.status == place, said.err
    assert "a transfer or the link was changed" in said.err
    (tmp_path / "none.zip").write_bytes(b"PK")
    assert huiquan("ledger", "verify", str(tmp_path / "none.zip")).status == 1


def test_a_zip_that_is_damaged_encrypted_or_packed_strangely_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is read so far that it would have to be a register."""
    monkeypatch.setenv("COLUMNS", "300")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("register/manifest.json", b"".join(b"%d\n" % n for n in range(5000)))
    good, heads = whole.getvalue(), whole.getvalue().index(b"PK\x01\x02")
    flipped = [(place, good[place] ^ 1) for place in range(60, heads, 200)]
    for place, value in (*flipped, (heads, 0), (heads + 8, 1), (heads + 10, 99)):
        damaged = bytearray(good)
        damaged[place] = value
        archive = tmp_path / "register.zip"
        archive.write_bytes(damaged)
        with pytest.raises(typer.Exit):
            verify(archive)
        assert "cannot be read" in capsys.readouterr().err, place


def test_a_wrong_file_is_named_with_its_line(
    huiquan: Command, register: tuple[Path, Files], tmp_path: Path
) -> None:
    folder, files = register
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    rows = [list(row) for row in _rows(files["transfers.csv"])]
    rows[5][9] = str(int(rows[5][9]) + 1)
    changed = marked(files | {"transfers.csv": written(rows)})
    for name in ("transfers.csv", "manifest.json"):
        (copy / name).write_bytes(changed[name])
    said = huiquan("ledger", "verify", str(copy))
    assert said.status == 1
    assert "a transfer or the link was changed" in said.err
    again = huiquan("ledger", "export", "--dir", str(folder))
    assert (again.status, "is there already" in again.err) == (1, True)
