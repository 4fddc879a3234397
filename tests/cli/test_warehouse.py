"""huiquan warehouse: register one with its paper, look, close it."""

from pathlib import Path

from tests.cli.conftest import Command

PLACE = ("--address", "湖北省武汉市江汉区江汉路1号", "--lat", "30.5806", "--lng", "114.2867")
PAPER = ("--name", "江汉一号仓", "--proof", "仓库租赁合同 2025-118")


def test_a_warehouse_is_registered_with_its_paper_and_closed_with_a_reason(
    huiquan: Command, tmp_path: Path
) -> None:
    scan = tmp_path / "deed.pdf"
    scan.write_bytes(b"a scan")
    names = ("--name-zh", "江夏仓储", "--name-en", "Jiangxia Storage", "--rail", "none")
    added = huiquan("acquirer", "add", "keeper", *names, "--kind", "warehouse")
    assert "warehouse keeper added" in added.out
    who = ("--store", "jianghan", "--operator", "keeper", "--scan", str(scan))
    asked = ("warehouse", "register", "wh-1", *who, *PLACE, *PAPER, "--datum")
    told = huiquan(*asked, "wgs84")
    assert told.status == 0, told.err
    assert "registered in 420103, waits for two people's approval" in told.out
    assert "warehouse_known" in huiquan(*asked, "wgs84").err
    elsewhere = [one.replace("江汉区江汉路", "洪山区珞喻路") for one in asked]
    assert "warehouse_place_differs" in huiquan(*elsewhere, "wgs84").err
    shown = huiquan("warehouse", "list").out
    assert "wh-1" in shown
    assert "proposed" in shown
    closed = huiquan("warehouse", "close", "wh-1", "--reason", "退租")
    assert "wh-1 is closed" in closed.out
    again = huiquan("warehouse", "close", "wh-1", "--reason", "退租")
    assert "wh-1 was closed before" in again.out
    assert (
        "there is no warehouse wh-9" in huiquan("warehouse", "close", "wh-9", "--reason", "x").err
    )
