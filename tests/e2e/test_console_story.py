"""An official reads the day: figures, trend, map, table, fund; live, and as a file."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Device
from tests.e2e.mock_house.server import MockHouse

pytestmark = pytest.mark.slow

NINE = [
    "发放张数",
    "发放金额",
    "领券用户数",
    "用券用户数",
    "核券数量",
    "核销金额",
    "订单金额",
    "核销退款金额",
    "核销商户数",
]


def at_the_desk(device: Device, width: int = 1440, lang: str = "zh") -> Page:
    """Sign in and wait until the charts are drawn."""
    page = device.open("/console/", width=width, height=900, lang=lang)
    page.fill("#login", "wang")
    page.fill("#password", "supervise")
    page.click(".door-go")
    expect(page.locator("canvas")).to_have_count(2)
    expect(page.locator(".figures-table tbody tr").first).to_be_visible()
    return page


@pytest.mark.requirement("R2.8")
def test_the_nine_figures_of_the_announcement_are_there_by_name(device: Device) -> None:
    page = at_the_desk(device)
    cards = page.locator(".nine")
    for name in NINE:
        expect(cards).to_contain_text(name)


@pytest.mark.requirement("R2.8")
def test_all_seventeen_cities_stand_in_the_table_beside_the_map(device: Device) -> None:
    page = at_the_desk(device)
    rows = page.locator("#cities tbody tr")
    expect(rows).to_have_count(17)
    expect(page.locator("[role=img][aria-label*='17 个市州']")).to_have_count(1)
    column = page.locator("#cities thead th", has_text="核券数量")
    column.get_by_role("button").click()
    expect(column).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_contain_text("武汉市")
    column.get_by_role("button").click()
    expect(column).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("神农架")


def test_figures_move_while_somebody_looks(device: Device) -> None:
    page = at_the_desk(device)
    entered = page.locator(".nine-card.draw .nine-lead b")
    before = entered.inner_text()
    expect(entered).not_to_have_text(before, timeout=12_000)


def test_when_the_house_was_never_there_the_page_says_so_and_asks_again(device: Device) -> None:
    page = device.open("/console/", width=1440, height=900)
    page.route("**/console/figures*", lambda route: route.abort())
    page.fill("#login", "wang")
    page.fill("#password", "supervise")
    page.click(".door-go")
    expect(page.locator("#away")).to_contain_text("每 5 秒自动再试")
    page.unroute("**/console/figures*")
    expect(page.locator(".nine").first).to_be_visible()


def test_when_the_house_is_gone_the_page_says_whose_figures_these_are(device: Device) -> None:
    page = at_the_desk(device)
    page.route("**/console/figures*", lambda route: route.abort())
    expect(page.locator("#updated")).to_contain_text("暂时取不到新数据", timeout=12_000)


@pytest.mark.requirement("R5.8")
def test_the_table_can_be_taken_away_as_a_file_exact_to_the_fen(device: Device) -> None:
    page = at_the_desk(device)
    with page.expect_download() as coming:
        page.click("#export")
    text = coming.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 18
    sums = [round(float(row["发放金额"]) * 100) for row in rows]
    assert sum(sums[:-1]) == sums[-1]


@pytest.mark.requirement("R2.4")
def test_the_fund_says_whether_its_parts_add_up(device: Device) -> None:
    page = at_the_desk(device)
    expect(page.locator(".fund-sum")).to_contain_text("各项合计等于拨款金额")


def test_a_wrong_password_is_answered_in_one_sentence(device: Device, house: MockHouse) -> None:
    page = device.open("/console/", width=1280)
    page.fill("#login", "wang")
    page.fill("#password", "guess")
    page.click(".door-go")
    expect(page.locator(".summary")).to_contain_text("账号或密码不正确")


@pytest.mark.parametrize("width", [1280, 1440])
def test_no_figure_is_cut_off(device: Device, width: int) -> None:
    page = at_the_desk(device, width)
    cut = page.evaluate(
        "[...document.querySelectorAll('.nine dd')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"
    )
    assert cut == []


ROOMS = ["", "fund", "settlement", "reconciliation", "orders", "register", "objections"]
# What is pressed or chosen and smaller than a thumb: its size and its words.
SMALL = """[...document.querySelectorAll('button, select, input, summary, a.plain-btn')]
  .filter(e => e.getClientRects().length && !e.closest('.hidden-text')
    && !['radio', 'checkbox'].includes(e.type))
  .map(e => [e.getBoundingClientRect(), e.innerText || e.id])
  .filter(([box]) => box.height < 44 || box.width < 44)
  .map(([box, words]) => `${box.width} x ${box.height} ${words}`)"""
SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('.wide-table')]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText.slice(0, 40))"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_every_control_takes_a_thumb_and_no_table_scrolls_sideways(
    device: Device, house: MockHouse, lang: str
) -> None:
    page = at_the_desk(device, 320, lang)
    for room in ROOMS:
        page.goto(f"{house.url}/console/#/{room}")
        device.rest(page)
        assert page.evaluate(SMALL) == [], room
        assert page.evaluate(SIDEWAYS) == [], room
    page.goto(f"{house.url}/console/#/orders")
    lacks = page.locator("#orders tbody tr").first.locator("td").nth(2)
    expect(lacks).to_have_attribute("data-label", "缺什么" if lang == "zh" else "What is missing")
    expect(page.locator("#orders [role=rowheader]").first).to_be_visible()
