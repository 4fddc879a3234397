"""huiquan exclusion: lists of people are read whole or not at all.  排除名单命令"""

from pathlib import Path

import pytest
import typer

from huiquan.cli.exclusion import import_exclusions
from huiquan.db.connection import Database
from huiquan.views.exclusions import exclusion_list_at
from tests.cli.conftest import Command
from tests.houses import CAMPAIGN, make_house, person, publish

GOOD = f"resident_id,{person(1).number},平台工作人员"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["kind,number", "resident_id,1"], "1: the columns reason are missing"),
        (["kind,number,reason", GOOD, "resident_id,123,主管部门"], "(bad_document)"),
        (["kind,number,reason", GOOD, "badge,123,主管部门"], "3: a known kind of document"),
        (["kind,number,reason", f"resident_id,{person(1).number},"], "2: a known kind"),
    ],
)
async def test_a_wrong_line_is_named_and_then_nobody_is_excluded(
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lines: list[str],
    said: str,
) -> None:
    house = make_house(database)
    await publish(house)
    file = tmp_path / "staff.csv"
    file.write_text("\n".join(lines))
    with pytest.raises(typer.Exit):
        await import_exclusions(house.app, CAMPAIGN, file, "personnel")
    assert said in " ".join(capsys.readouterr().err.split())
    assert await exclusion_list_at(house.app, CAMPAIGN, house.clock.now) == b""


def test_the_kept_list_is_written_with_its_hash(huiquan: Command, tmp_path: Path) -> None:
    out = tmp_path / "list.txt"
    said = huiquan("exclusion", "list", str(out), "--campaign", CAMPAIGN)
    assert said.status == 0, said.err
    assert "0 people, SHA-256 e3b0c442" in said.out.replace("\n", "")
    assert out.read_bytes() == b""
    for at, wrong in (("yesterday", "not a time"), ("2026-02-06T10:00:00", "the zone is missing")):
        refused = huiquan("exclusion", "list", str(out), "--at", at)
        assert refused.status == 1
        assert wrong in refused.err
    unknown = huiquan("exclusion", "list", str(out), "--campaign", "nowhere")
    assert "unknown_campaign" in unknown.err
