"""An official finds the order in doubt, reads its whole chain, and approves a warehouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Device

pytestmark = pytest.mark.slow


def at_the_orders(device: Device, width: int = 1280, lang: str = "zh") -> Page:
    """Sign in and go to the orders."""
    page = device.open("/console/#/orders", width=width, height=900, lang=lang)
    page.fill("#login", "wang")
    page.fill("#password", "supervise")
    page.click(".door-go")
    expect(page.locator("#orders tbody tr").first).to_be_visible()
    return page


@pytest.mark.requirement("R5.4")
def test_the_order_in_doubt_stands_first_and_its_chain_says_who_said_what(device: Device) -> None:
    page = at_the_orders(device)
    first = page.locator("#orders tbody tr").first
    expect(first).to_contain_text("存疑")
    expect(first).to_contain_text("在湖北省外签收")
    expect(page.locator("#orders tbody tr")).to_have_count(4)
    page.get_by_label("只看存疑和超时").check()
    expect(page.locator("#orders tbody tr")).to_have_count(2)
    first.get_by_role("button").click()
    expect(page.locator("#order-verdict")).to_contain_text("凭证不齐，款项暂缓")
    expect(page.locator("#parcels tbody tr")).to_have_count(2)
    words = page.locator("#words tbody tr")
    expect(words).to_have_count(7)
    expect(words.last).to_contain_text("湖北省外")
    expect(words.last).to_contain_text("验签通过")
    expect(page.locator("#words")).to_contain_text("前后矛盾，不采信")
    expect(page.locator("#order")).to_contain_text("仍在暂缓")
    expect(page.locator("#order-cases")).to_contain_text("凭证矛盾")
    expect(page.locator("#order-cases")).to_contain_text("已 4 天 · 尚无经办人")


@pytest.mark.requirement("R3.7")
def test_a_warehouse_is_approved_after_its_proof_was_read(device: Device) -> None:
    page = at_the_orders(device, width=390, lang="en")
    waiting = page.locator(".warehouse-list li").first
    expect(waiting).to_contain_text("waits for approval")
    expect(waiting).to_contain_text("told in gcj02")
    expect(page.locator("#orders tbody tr").first).to_contain_text("Hongshan District")
    waiting.get_by_role("button", name="Approve").click()
    expect(page.locator("#warehouse-told")).to_contain_text("orders may ship from there")
    expect(waiting).to_contain_text("approved")


def test_a_citys_official_is_told_that_the_page_is_the_provinces(device: Device) -> None:
    page = at_the_orders(device)
    page.evaluate(
        "sessionStorage.setItem('huiquan:console-session', JSON.stringify({"
        "...JSON.parse(sessionStorage.getItem('huiquan:console-session')),"
        " role: 'city_supervisor', city: '420100'}))"
    )
    page.reload()
    expect(page.locator("#closed")).to_contain_text("只对省级账号开放")
    expect(page.locator("#cities tbody tr").first).to_be_visible()
