"""The record of a list's draw: what it names is what was drawn.  摇号笔录"""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from huiquan.db.connection import Database
from huiquan.domain import list_files, rounds
from notary.listdraw import draw, read_folder
from notary.listrecord import Hall
from notary.program import program_mark
from tests.lists import ListHouse, list_house
from tests.tidy.source import ROOT

PEOPLE = 30
HALL = Hall(place="武汉市江岸区某路 1 号", people=("王公证员 <公证处>", "李审计员"))


def held(standing: ListHouse, role: str, folder: Path, hall: Hall) -> str:
    """The record of a signer's ceremony."""
    desk = standing.desk(role)
    desk.ready = True
    draw(desk, folder, lambda _: str(PEOPLE), standing.said.append, hall)
    desk.book.close()
    return (folder / f"record-{role}.html").read_text()


def named(page: str, name: str) -> str:
    """The hex that a record gives under a name."""
    (found,) = re.findall(rf'<code id="{name}">([0-9a-f]+)</code>', page)
    return str(found)


@pytest.mark.requirement("R5.1")
async def test_a_record_names_list_config_randomness_and_wins(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        first = held(standing, "notary", folder, HALL)
        assert "尚未摇号" in first
        assert "data-tier" not in first
        held(standing, "auditor", folder, Hall())
        page = held(standing, "notary", folder, HALL)
        sealed = read_folder(folder)
        assert named(page, "seal") == sealed.seal_hash.hex()
        assert named(page, "config") == sealed.seal.cfg_hash.hex()
        assert hashlib.sha256(sealed.raw_entries).hexdigest() in page
        published = await standing.publish(folder)
        async with database.reading() as tx:
            final = rounds.decode_final(await tx.fetchval("select final from rounds"))
        assert published is not None
        assert named(page, "seed") == final.seed.hex()
        proofs = [
            list_files.read_answer(
                (folder / list_files.answer_name(role)).read_bytes(), role, sealed
            )
            for role in ("notary", "auditor")
        ]
        drawn, _ = list_files.draw_list(sealed, *proofs)
        told = dict(re.findall(r'data-tier="(\d+)">(\d+)<', page))
        assert {int(tier): int(kept) for tier, kept in told.items()} == dict(
            enumerate(drawn.kept, start=1)
        )
        assert sum(drawn.kept) == sum(final.kept) > 0


async def test_a_record_says_who_was_there_and_leaves_lines_for_others(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        page = held(standing, "notary", folder, HALL)
        assert "武汉市江岸区某路 1 号" in page
        assert page.count("王公证员 &lt;公证处&gt;") == 2, "once present, once to sign"
        alone = held(standing, "auditor", folder, Hall())
        assert alone.count("<tr><td></td><td></td><td></td></tr>") == 3


def test_the_mark_of_the_program_is_what_the_page_says_anyone_can_work_out() -> None:
    line = re.search(r"`(find notary .*?)`", (ROOT / "docs/operating/signers.md").read_text())
    assert line is not None
    said = subprocess.run(
        line.group(1), shell=True, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert said.split()[0] == program_mark()
