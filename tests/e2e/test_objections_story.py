"""An official reads the objections to a list and decides one, as one of two people.  异议裁定"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Device
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_accessible import findings, overflow
from tests.e2e.test_console_story import at_the_desk

pytestmark = pytest.mark.slow


def at_objections(device: Device, width: int = 1440, lang: str = "zh") -> Page:
    """From the desk to the objections, by the way that this width shows."""
    page = at_the_desk(device, width, lang)
    page.click("a[href='#/objections']:visible")
    expect(page.locator(".objection")).to_have_count(3)
    return page


@pytest.mark.requirement("R5.1")
def test_who_decides_reads_grounds_deadline_and_who_decided_before(device: Device) -> None:
    page = at_objections(device)
    expect(page.locator("#waiting")).to_contain_text("待裁定 2 件，共 3 件")
    new, second, done = (page.locator(".objection").nth(n) for n in range(3))
    expect(new).to_contain_text("同一证件疑似重复报名")
    expect(new).to_contain_text("2026-02-07 24:00")
    expect(second).to_contain_text("待第二人裁定")
    expect(second).to_contain_text("省商务厅 · 李监管 2026-02-06 09:10")
    expect(done).to_contain_text("运营平台 · 赵经办 2026-02-06 09:40")
    expect(done.locator("form")).to_have_count(0)


@pytest.mark.requirement("R5.1")
def test_a_decision_needs_verdict_and_reason_and_is_then_kept(
    device: Device, house: MockHouse
) -> None:
    page = at_objections(device)
    new = page.locator(".objection").first
    new.locator("button").click()
    expect(new.locator(".summary a")).to_have_count(2)
    new.get_by_label("异议不成立").check()
    new.get_by_label("裁定理由").fill("经核实，系两人两证")
    new.locator("button").click()
    expect(new).to_contain_text("待第二人裁定")
    expect(new).to_contain_text("省商务厅 · 王监管")
    sent = [body for method, path, body in house.world.requests if path.endswith("/3/decisions")]
    assert sent == [{"verdict": "dismissed", "reason": "经核实，系两人两证"}]


def test_the_same_person_twice_is_told_so_in_one_sentence(device: Device) -> None:
    page = at_objections(device)
    second = page.locator(".objection").nth(1)
    second.get_by_label("异议成立").check()
    second.get_by_label("裁定理由").fill("属实")
    second.locator("button").click()
    expect(second.locator(".summary")).to_contain_text("另一")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_the_page(device: Device, tmp_path: Path, lang: str, width: int) -> None:
    page = at_objections(device, width, lang)
    assert findings(page) == []
    assert overflow(page) <= 0
    page.screenshot(path=tmp_path / "objections.png", full_page=True)


def test_a_session_that_ended_leads_back_here_and_the_way_back_to_the_figures(
    device: Device, house: MockHouse
) -> None:
    page = at_objections(device)
    house.world.expired = True
    page.get_by_role("button", name="刷新").click()
    expect(page.locator("#expired")).to_contain_text("登录已过期")
    house.world.expired = False
    page.fill("#login", "wang")
    page.fill("#password", "supervise")
    page.click(".door-go")
    expect(page.locator(".objection")).to_have_count(3)
    page.go_back()
    expect(page.locator(".figures-table tbody tr").first).to_be_visible()
