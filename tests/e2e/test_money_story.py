"""Money on the pages: fund, settlement, three books, register; a shop's disputes; a voucher's sums.

Each story goes through one page as a person does, and ends with what has to be true of the page
for everybody: nothing runs over its edge, and axe finds nothing.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Device
from tests.e2e.mock_house import accounts, consumer, money, till
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_accessible import findings, overflow

pytestmark = pytest.mark.slow

Asked = Callable[[str], list[dict[str, Any]]]
NARROW, DESK = 390, 1280


def at_room(device: Device, room: str, width: int = DESK, lang: str = "zh") -> Page:
    """Signed in, in one room of the console."""
    page = device.open(f"/console/#/{room}", width=width, height=900, lang=lang)
    page.fill("#login", "wang")
    page.fill("#password", "supervise")
    page.click(".door-go")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main .panel").first).to_be_visible()
    return page


def is_sound(page: Page) -> None:
    """For everybody: no finding, and the page as wide as its window, on a desk and on a phone."""
    assert findings(page) == []
    for width in (DESK, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) <= 0


@pytest.mark.requirement("R2.4")
def test_a_tranche_is_planned_looked_at_and_received_under_the_banks_reference(
    device: Device, house: MockHouse, asked: Asked
) -> None:
    page = at_room(device, "fund")
    form = page.locator(".money-details", has=page.locator("#plan-tranche"))
    page.click("#plan-tranche")
    form.locator("button.btn").click()
    expect(form.locator(".summary a")).to_have_count(3)
    form.get_by_label("金额（元）").fill("1,250,000,000.50")
    form.get_by_label("计划到账日").fill("2026-02-20")
    form.get_by_label("拨款单位").fill("襄阳市商务局")
    form.locator("button.btn").click()
    expect(form.locator(".order-check")).to_contain_text("¥1,250,000,000.50")
    assert asked("/fund/tranches") == []
    form.get_by_role("button", name="确认办理").click()
    expect(form.locator(".money-told")).to_contain_text("第 3 批")
    assert asked("/fund/tranches")[0]["planned_fen"] == 125_000_000_050

    form = page.locator(".money-details", has=page.locator("#receive-tranche"))
    page.click("#receive-tranche")
    form.get_by_label("批次").select_option("3")
    form.get_by_label("到账金额（元）").fill("1250000000.50")
    form.get_by_label("银行流水号").fill("R-17")
    form.locator("button.btn").click()
    form.get_by_role("button", name="确认办理").click()
    expect(page.locator(".fund-table").first).to_contain_text("R-17")
    expect(page.locator(".fund-sum")).to_contain_text("专户 =")
    is_sound(page)


@pytest.mark.requirement("R2.4")
def test_a_merchant_repays_no_more_than_it_owes(device: Device) -> None:
    page = at_room(device, "fund", lang="en")
    form = page.locator(".money-details", has=page.locator("#repay"))
    page.click("#repay")
    for amount, said in (("42100.01", ".money-alert"), ("100", ".money-told")):
        page.select_option("#repay-merchant", "77")
        form.get_by_label("Amount (yuan)").fill(amount)
        form.get_by_label("Bank's reference").fill("R-18")
        form.locator("button.btn").click()
        form.get_by_role("button", name="Book it").click()
        expect(form.locator(said)).to_be_visible()
    expect(form.locator(".money-told")).to_contain_text("¥42,000.00")


@pytest.mark.requirement("R2.4")
def test_a_payment_file_is_approved_and_a_contradiction_says_what_to_do(
    device: Device, house: MockHouse
) -> None:
    page = at_room(device, "settlement")
    page.get_by_role("button", name="复核通过").click()
    expect(page.locator(".money-table").first).to_contain_text(money.MINE)
    expect(page.locator(".money-told")).to_contain_text("还需另一位复核")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    again = page.get_by_role("button", name="复核通过")
    expect(again).to_be_enabled()  # not while the page still reads what has changed
    again.dispatch_event("click")
    expect(page.locator(".money-alert").first).to_be_in_viewport()
    page.get_by_role("button", name="查看明细").nth(1).click()
    expect(page.locator(".money-steps li")).to_have_count(3)
    dispute = page.locator(".money-list li", has=page.locator("textarea"))
    dispute.locator("textarea").fill("已核对，不应扣回，下次补付。")
    dispute.get_by_role("button", name="异议成立").click()
    expect(page.locator(".mark.upheld")).to_be_visible()
    expect(page.locator("#said")).to_have_text("答复已发给商户")
    is_sound(page)


@pytest.mark.requirement("R2.4")
def test_an_account_is_confirmed_with_its_number_and_seen_before_a_file_is_approved(
    device: Device, house: MockHouse, asked: Asked
) -> None:
    made = money.books(house.world)
    made["files"][0]["changed_count"] = 1
    made["changes"] = [accounts.change("4417"), accounts.change(None)]
    page = at_room(device, "settlement")
    expect(page.get_by_role("button", name="复核通过")).to_have_count(0)
    page.get_by_role("button", name="先看账户变更").click()
    expect(page.locator(".account-changes li")).to_contain_text("···4417 → ···7734")
    page.locator(".account-changes").get_by_role("button", name="复核通过").click()
    expect(page.locator(".money-told")).to_contain_text("还需另一位复核")

    waits = page.locator("#accounts-waiting li")
    expect(waits).to_contain_text("···4417 →")
    for number, said in (("4417", ".money-alert#said"), (accounts.NUMBER, ".money-told")):
        waits.get_by_label("完整收款账号").fill(number)
        waits.get_by_role("button", name="确认账户").click()
        expect(page.locator(said)).to_be_visible()
    expect(waits).to_have_count(0)

    page.click("#ask-account")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".accounts .summary a")).to_have_count(5)
    page.fill("#account-bank_code", "12345")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".accounts .summary")).to_contain_text("请输入 12 位数字")
    for label, text in (
        ("统一社会信用代码", "91420100MA4KXXXX0A"),
        ("收款账号", "6222 0200 0000 0019 999"),
        ("收款户名", "武汉江汉百货有限公司"),
        ("收款行名称", "中国工商银行武汉江汉支行"),
        ("收款行联行号", "102521000101"),
    ):
        page.locator(".accounts form").get_by_label(label).fill(text)
    page.get_by_role("button", name="提交申请").click()
    expect(waits).to_contain_text("···9999")
    assert asked("/account-requests")[-1]["account_no"] == "6222020000000019999"
    waits.get_by_label("完整收款账号").fill("6222020000000019999")
    waits.get_by_role("button", name="确认账户").click()
    expect(page.locator("#said")).to_contain_text("须由另一人复核")
    waits.get_by_label("不同意或撤回的原因").fill("填错了")
    waits.get_by_role("button", name="不同意 / 撤回").click()
    expect(waits).to_have_count(0)
    page.click("#accounts-answered")
    expect(page.locator(".accounts .mark").first).to_have_text("已撤回")
    is_sound(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) <= 0
    made["accounts"][0]["state"] = "open"
    page.reload()
    for control in page.locator(".accounts button:visible, .accounts input:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44


@pytest.mark.requirement("R2.4")
def test_a_case_shows_its_lines_and_the_correction_and_waits_for_a_second_person(
    device: Device, asked: Asked
) -> None:
    page = at_room(device, "reconciliation")
    expect(page.locator("main h1")).to_have_text("三账对账")
    expect(page.locator("#bill-format option").first).to_have_text("请选择")
    expect(page.locator("#bill-sources option")).to_have_count(2)
    page.get_by_role("button", name="处理 1").click()
    lines = page.locator(".case-lines tbody tr")
    expect(lines).to_have_count(3)
    expect(lines.nth(2)).to_contain_text("50.00")
    expect(lines.nth(2)).to_contain_text("wechat-20260205-更正.csv")
    lines.nth(2).get_by_role("button").click()
    expect(page.locator("#case-title")).to_contain_text("差错 2")
    page.select_option("#cause", "correction")
    page.fill("#reason", "与收单机构来函一致")
    page.locator(".case-forms form").nth(1).locator("button").click()
    expect(page.locator(".case-note")).to_contain_text("请另一位核实")
    assert asked("/cases/2/closing")[0]["cause"] == "correction"
    is_sound(page)


@pytest.mark.requirement("R5.8")
def test_the_register_is_written_taken_away_and_says_how_to_check_it(device: Device) -> None:
    page = at_room(device, "register")
    expect(page.locator("#no-archives")).to_be_visible()
    page.click("#make-register")
    expect(page.locator("#make-register")).to_be_disabled()
    expect(page.locator(".archives .mark")).to_have_text("平台已签名")
    expect(page.locator(".money-told")).to_contain_text("台账已导出")
    with page.expect_download() as coming:
        page.locator(".archives button", has_text="下载").click()
    assert coming.value.suggested_filename == "register-20260206T021000Z.zip"
    page.locator(".archives summary").first.click()
    expect(page.locator(".archives table").first).to_contain_text("资金流水")
    steps = page.locator(".register-steps li")
    expect(steps).to_have_count(2)
    expect(steps.last).to_contain_text("huiquan ledger verify register-….zip --keys keys.json")
    expect(page.locator("main")).to_contain_text("这一天公布时还没有链头")
    page.fill("#span-first", "2026-02-01")
    with page.expect_download() as coming:
        page.click("#take-span")
    assert coming.value.suggested_filename == "register-1-20260201-20260206.csv"
    is_sound(page)


@pytest.mark.requirement("R2.4")
def test_a_shop_disputes_an_order_and_reads_the_answer(device: Device, house: MockHouse) -> None:
    page = device.open("/merchant/#/statements", signed_in="till")
    expect(page.locator("#late-refunds")).to_contain_text("¥60.00")
    page.locator(".statements a").nth(2).click()
    expect(page.locator("#kept")).to_contain_text("−¥4,210.00")
    expect(page.locator(".statement-no", has_text="POS-0206-0002")).to_be_visible()
    page.locator(".statement-orders .link").nth(1).click()
    expect(page.locator("#dispute-words")).to_be_focused()
    page.fill("#dispute-words", "这一笔没有退货")
    page.locator(".statement-dispute .btn").first.click()
    new = page.locator("#disputes li").first
    expect(new).to_contain_text("等待答复")
    expect(new).to_contain_text("R20260206-7713-0002")
    told = {"verdict": "upheld", "words": "核对后属实，下次补付。"}
    money.answer(house.world, 3, told)
    page.reload()
    expect(new).to_contain_text("异议成立")
    expect(new).to_contain_text("核对后属实，下次补付。")
    is_sound(page)


@pytest.mark.requirement("R5.3")
def test_the_holder_reads_every_sum_and_tries_a_return_out(
    device: Device, house: MockHouse
) -> None:
    consumer.fill_wallet(house.world)
    spent = next(one for one in house.world.vouchers.values() if one["state"] == "redeemed")
    spent["refunded_fen"] = 1_600
    page = device.open(f"/consumer/#/voucher/{spent['serial']}", signed_in="consumer")
    order = page.locator(".money-sums").first
    for amount in ("¥200.00", "−¥40.00", "¥160.00", "−¥20.00", "¥140.00"):
        expect(order).to_contain_text(amount)
    expect(order.locator("xpath=..")).to_contain_text("核销流水号")
    expect(page.locator(".refund-told")).to_contain_text("¥2.00")
    page.fill("#goods", "80")
    expect(page.locator("#my-quote")).to_contain_text("¥70.00")
    page.fill("#goods", "1000")
    expect(page.locator(".fault")).to_be_visible()
    is_sound(page)


@pytest.mark.requirement("R3.8")
@pytest.mark.parametrize("face", ["consumer", "merchant"])
def test_before_paying_both_sides_are_told_what_the_store_takes_and_where_the_next_one_is(
    device: Device, house: MockHouse, face: str
) -> None:
    if face == "consumer":
        page = device.open("/consumer/#/stores")
        page.locator(".stores li").nth(1).get_by_role("button").click()
        page.select_option(".rails-here select", "alipay")
    else:
        till.fill_day(house.world)
        page = device.open("/merchant/#/amounts", signed_in="till")
        page.select_option("#rail", "unionpay")
    said = page.locator(".rails-here .note")
    if face == "consumer":
        expect(said).to_contain_text("本店可用：微信支付；不支持支付宝。")
        expect(said).to_contain_text("户部巷老字号热干面（中华路店）")
    else:
        expect(said).to_contain_text("本店可用：支付宝、微信支付；不支持云闪付。")
        expect(said).to_contain_text("没有可用云闪付的门店")
    is_sound(page)


def test_what_is_wrong_with_the_draw_is_said_on_the_first_page(
    device: Device, house: MockHouse
) -> None:
    house.world.notices = [
        {"kind": "signer_away", "subject": "notary", "began_at": money.AT},
        {"kind": "of tomorrow", "subject": "lane 3", "began_at": money.AT},
    ]
    page = device.open("/consumer/")
    notices = page.locator("#notices .note")
    expect(notices).to_have_count(2)
    expect(notices.first).to_contain_text("2026-02-06 09:12 起")
    expect(notices.last).to_contain_text("详情见公开页")
    is_sound(page)
