"""Everybody can use the pages: WCAG 2.2 AA, large type, narrow phones.  无障碍与适老化"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Device
from tests.e2e.mock_house import consumer, till
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_console_story import at_the_desk
from tests.e2e.test_till_story import at_payment

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "frontends/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

CONSUMER_PAGES = [
    "home",
    "register",
    "sign-in",
    "wallet",
    "rules",
    "stores",
    "me",
    "code",
    "voucher",
]
LANGS = ["zh", "en"]
SIZES = ["standard", "large", "extra"]


def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands, one line each."""
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci in frontends/")
    page.evaluate(AXE.read_text())
    found: Any = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def opened(device: Device, house: MockHouse, name: str, **how: Any) -> Page:
    """A consumer's page, with a filled wallet, when it has come to rest."""
    if not house.world.vouchers:
        consumer.fill_wallet(house.world)
    serial = next(iter(house.world.vouchers))
    path = f"{name}/{serial}" if name in {"code", "voucher"} else name
    page = device.open(f"/consumer/#/{path}", signed_in="consumer", **how)
    page.wait_for_selector("main .card")
    device.rest(page)
    return page


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CONSUMER_PAGES)
def test_axe_finds_nothing_on_the_consumers_pages(
    device: Device, house: MockHouse, name: str, lang: str
) -> None:
    house.world.demo = True
    assert findings(opened(device, house, name, lang=lang)) == []


@pytest.mark.parametrize("name", ["home", "wallet", "code"])
def test_axe_finds_nothing_in_large_type(device: Device, house: MockHouse, name: str) -> None:
    assert findings(opened(device, house, name, size="large")) == []


@pytest.mark.parametrize("outcome", ["won", "missed"])
def test_axe_finds_nothing_in_the_result(device: Device, house: MockHouse, outcome: str) -> None:
    house.world.outcome = outcome
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    expect(page.locator(".paper, .kind")).to_be_visible()
    assert findings(page) == []


def test_axe_finds_nothing_on_a_form_with_faults(device: Device) -> None:
    page = device.open("/consumer/#/register")
    page.click("form button.btn")
    expect(page.locator(".summary")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing_on_the_cashiers_pages(
    device: Device, house: MockHouse, lang: str
) -> None:
    till.fill_day(house.world)
    page = device.open("/merchant/", lang=lang)
    assert findings(page) == []
    page = device.open("/merchant/", signed_in="till", lang=lang)
    page.wait_for_selector(".redemption-row")
    assert findings(page) == []


def test_axe_finds_nothing_while_paying_and_refunding(device: Device, house: MockHouse) -> None:
    page = at_payment(device, house)
    assert findings(page) == []
    page.click("#redeem")
    expect(page.locator(".sale-done")).to_be_visible()
    assert findings(page) == []
    page.goto(f"{house.url}/merchant/#/today")
    page.click(".redemption-row a")
    page.fill("#refund", "100")
    expect(page.locator(".refund-lines")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing_on_the_console(device: Device, lang: str) -> None:
    door = device.open("/console/", width=1280, lang=lang)
    assert findings(door) == []
    page = at_the_desk(device, 1280, lang)
    page.wait_for_timeout(500)
    assert findings(page) == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CONSUMER_PAGES)
def test_nothing_runs_over_the_edge_at_320_pixels(
    device: Device, house: MockHouse, name: str, lang: str
) -> None:
    house.world.demo = True
    page = opened(device, house, name, width=320, height=568, lang=lang, size=SIZES[0])
    drawn = set()
    for size in SIZES:
        page.evaluate("size => localStorage.setItem('huiquan:type-size', size)", size)
        page.reload()
        page.wait_for_selector("main .card")
        device.rest(page)
        assert overflow(page) <= 0, size
        drawn.add(page.evaluate("getComputedStyle(document.querySelector('main')).fontSize"))
    assert len(drawn) == len(SIZES), "each size of type was really tried"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGS)
def test_the_till_fits_320_pixels(device: Device, house: MockHouse, lang: str, size: str) -> None:
    till.fill_day(house.world)
    page = device.open("/merchant/", signed_in="till", width=320, height=568, lang=lang, size=size)
    page.wait_for_selector(".redemption-row")
    assert overflow(page) <= 0


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("size", SIZES)
def test_the_draw_button_is_on_the_first_screen(
    device: Device, house: MockHouse, width: int, size: str
) -> None:
    height = 568 if width == 320 else 844
    page = device.open("/consumer/", width=width, height=height, size=size)
    expect(page.locator("#draw")).to_be_enabled()
    button = page.locator("#draw").bounding_box()
    tabs = page.locator(".tabs").bounding_box()
    assert button is not None
    assert tabs is not None
    assert button["y"] + button["height"] <= tabs["y"] + 1


@pytest.mark.parametrize("name", ["home", "wallet", "code", "me"])
def test_elders_get_18_pixels_of_text_and_60_of_button(
    device: Device, house: MockHouse, name: str
) -> None:
    page = opened(device, house, name, size="large")
    small = page.evaluate(
        "[...document.querySelectorAll('#app *')].filter(e => e.getClientRects().length"
        " && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())"
        " && !e.closest('.hidden-text, svg')"
        " && parseFloat(getComputedStyle(e).fontSize) < 18).map(e => e.outerHTML.slice(0, 90))"
    )
    low = page.evaluate(
        "[...document.querySelectorAll('#app button, #app .btn, #app .tabs a')]"
        ".filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 60)"
        ".map(e => e.outerHTML.slice(0, 90))"
    )
    assert small == []
    assert low == []


def test_a_dialog_holds_the_focus_and_gives_it_back(device: Device, house: MockHouse) -> None:
    page = opened(device, house, "me")
    button = page.locator(".consents button").first
    button.click()
    expect(page.locator("#dialog-title")).to_be_focused()
    inside = "document.querySelector('[role=dialog]').contains(document.activeElement)"
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_language_is_told_to_the_browser_and_kept(device: Device) -> None:
    page = device.open("/consumer/")
    page.click("#lang")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#draw")).to_have_text("Draw now")
    page.reload()
    expect(page.locator("#draw")).to_have_text("Draw now")


@pytest.mark.parametrize("face", ["consumer", "merchant", "console"])
def test_the_skip_link_leads_to_the_main_content(
    device: Device, face: str, asked: Callable[[str], Any]
) -> None:
    page = device.open(f"/{face}/")
    page.wait_for_selector("main")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
