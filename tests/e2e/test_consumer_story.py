"""A consumer registers, draws, and uses what they won; and what happens when things go wrong."""

import re
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from huiquan.domain.refusals import Refusal
from tests.e2e import people
from tests.e2e.conftest import Device
from tests.e2e.mock_house import consumer
from tests.e2e.mock_house.server import MockHouse

pytestmark = pytest.mark.slow


@pytest.mark.requirement("R1.1")
def test_a_visitor_registers_in_three_steps_and_sees_a_number_and_what_comes_next(
    device: Device, asked: Any
) -> None:
    page = device.open("/consumer/#/register")
    people.fill_phone(page)
    people.fill_identity(page)
    people.consent_and_submit(page)
    expect(page.locator(".done-number")).to_have_text("HB26-0042-7713-9F3A")
    expect(page.locator(".next-list li")).to_have_count(3)
    expect(page.locator(".next-list")).to_contain_text("每个摇号日 10:00 起可以摇号一次")
    sent = asked("/registrations")[0]
    assert sent["consents"] == {"identity": True, "location": True, "version": "2026-01"}
    assert sent["location"]["datum"] == "wgs84"
    assert abs(sent["location"]["lat"] - 30.5434) < 0.001


def test_without_separate_consents_nothing_is_sent(device: Device, asked: Any) -> None:
    page = device.open("/consumer/#/register")
    people.fill_phone(page)
    people.fill_identity(page)
    page.click("#submit")
    expect(page.locator(".summary li")).to_have_count(2)
    assert asked("/registrations") == []


def test_faults_stand_in_a_summary_that_takes_the_focus_and_leads_to_the_field(
    device: Device,
) -> None:
    page = device.open("/consumer/#/register")
    page.click("form button.btn")
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator(".summary li")).to_have_count(2)
    page.click(".summary li:nth-child(2) a")
    expect(page.locator("#sms-code")).to_be_focused()
    expect(page.locator("#sms-code")).to_have_attribute("aria-invalid", "true")


def test_a_refusal_leads_back_to_the_step_that_can_mend_it(
    device: Device, house: MockHouse
) -> None:
    house.world.register_refusal = Refusal.SMS_CODE_WRONG
    page = device.open("/consumer/#/register")
    people.fill_phone(page)
    people.fill_identity(page)
    people.consent_and_submit(page)
    expect(page.locator("#sms-code")).to_be_visible()
    expect(page.locator(".summary")).to_contain_text(Refusal.SMS_CODE_WRONG.zh)


def test_a_notice_that_changed_meanwhile_is_asked_about_anew(
    device: Device, house: MockHouse
) -> None:
    house.world.register_refusal = Refusal.CONSENT_OUTDATED
    page = device.open("/consumer/#/register")
    people.fill_phone(page)
    people.fill_identity(page)
    people.consent_and_submit(page)
    expect(page.locator(".summary")).to_contain_text(Refusal.CONSENT_OUTDATED.zh)
    expect(page.locator("#consent-identity")).not_to_be_checked()
    asked = [path for method, path, _ in house.world.requests if method == "GET"]
    assert asked.count("/now") == 2, "the notice that is in force now"


@pytest.mark.requirement("R1.3")
def test_a_win_is_shown_at_once_and_its_code_can_be_scanned(
    device: Device, house: MockHouse
) -> None:
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    expect(page.locator(".wheel")).to_be_visible()
    expect(page.locator(".paper-worth")).to_have_text("¥50")
    page.click(".btn.gold")
    qr = page.locator(".code-qr")
    expect(qr).to_be_visible()
    digits = page.locator(".code-digits").inner_text().replace(" ", "")
    assert digits in house.world.codes
    qr.screenshot(path="/tmp/huiquan-e2e-qr.png")
    read = zxingcpp.read_barcodes(Image.open("/tmp/huiquan-e2e-qr.png").convert("L"))
    assert [code.text for code in read] == [f"HQ1:{digits}"]


def test_a_miss_says_when_to_come_again(device: Device, house: MockHouse) -> None:
    house.world.outcome = "missed"
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    dialog = page.locator("[role=dialog]")
    expect(dialog).to_contain_text("今天没有中签")
    expect(dialog).to_contain_text("明天 10:00")
    dialog.get_by_text("知道了").click()
    expect(page.locator(".result")).to_contain_text("今天没有中签")


@pytest.mark.parametrize(
    ("days", "told"),
    [(10, "2026-02-16 10:00 可以再来"), (0, "这是最后一次摇号")],
    ids=["later", "last"],
)
def test_a_miss_does_not_send_people_to_a_day_without_a_draw(
    device: Device, house: MockHouse, days: int, told: str
) -> None:
    house.world.outcome, house.world.again_in_days = "missed", days
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    expect(page.locator("[role=dialog]")).to_contain_text(told)


def test_who_entered_already_sees_the_result_again_and_cannot_press_twice(
    device: Device, house: MockHouse
) -> None:
    consumer.enter(house.world, {"pack": 3, "client_nonce": "0" * 32})
    house.world.looks_until_outcome = 0
    page = device.open("/consumer/", signed_in="consumer")
    expect(page.locator(".result.won")).to_contain_text("50")
    expect(page.locator("#draw")).to_have_count(0)


def test_a_page_left_open_overnight_does_not_show_yesterday(
    device: Device, house: MockHouse
) -> None:
    consumer.enter(house.world, {"pack": 3, "client_nonce": "0" * 32})
    house.world.looks_until_outcome = 0
    page = device.open("/consumer/", signed_in="consumer")
    expect(page.locator(".result.won")).to_be_visible()
    page.clock.install()
    house.world.draw = None
    page.clock.fast_forward("24:00:00")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#draw")).to_have_text("立即摇号")


def test_a_late_outcome_is_promised_and_then_found(device: Device, house: MockHouse) -> None:
    house.world.looks_until_outcome = 10_000
    page = device.open("/consumer/", signed_in="consumer")
    page.clock.install()
    people.press_draw(page)
    expect(page.locator(".wheel")).to_be_visible()
    for _ in range(30):
        page.clock.run_for(1000)
        page.wait_for_timeout(30)
    expect(page.locator("[role=dialog]")).to_contain_text("已参与，结果稍后揭晓")
    house.world.looks_until_outcome = 0
    page.locator("[role=dialog]").get_by_text("知道了").click()
    page.clock.run_for(11_000)
    expect(page.locator(".result.won")).to_be_visible()


@pytest.mark.requirement("R3.2")
def test_when_work_is_asked_for_the_page_finds_it_and_is_let_in(
    device: Device, house: MockHouse, asked: Any
) -> None:
    house.world.work = 20_000
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    expect(page.locator(".paper-worth")).to_be_visible()
    first, second = asked("/draws")
    assert "proof" not in first
    assert second.pop("proof")
    assert second == first, "the same press, with the work beside it"


@pytest.mark.requirement("R3.2")
def test_a_busy_house_is_asked_again_with_the_same_key(
    device: Device, house: MockHouse, asked: Any
) -> None:
    house.world.busy_answers = 2
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    waiting = page.locator("[role=dialog] .queue")
    expect(waiting).to_contain_text(re.compile("第 [23] 次，共 5 次"))
    expect(page.locator("[role=dialog]")).to_contain_text("任何一分钟参与，中签机会都一样")
    expect(page.locator(".paper-worth")).to_be_visible()
    sent = asked("/draws")
    assert len(sent) == 3
    assert all(body == sent[0] for body in sent)


def test_a_press_without_an_answer_survives_a_reload_with_the_same_key(
    device: Device, house: MockHouse, asked: Any
) -> None:
    page = device.open("/consumer/", signed_in="consumer")
    expect(page.locator("#draw")).to_be_enabled()
    page.route("**/api/v1/draws", lambda route: route.abort())
    page.click("#draw")
    expect(page.locator("[role=dialog]")).to_contain_text("正在参与")
    kept = page.evaluate("JSON.parse(localStorage.getItem('huiquan:ask:draw')).request_key")
    page.unroute("**/api/v1/draws")
    page.reload()
    people.press_draw(page)
    expect(page.locator(".paper-worth")).to_be_visible()
    assert {body["request_key"] for body in asked("/draws")} == {kept}


PHASES = [
    ("before", "开始摇号", False),
    ("morning", "开始摇号", False),
    ("open", "立即摇号", True),
    ("closed", "今天的摇号已结束", False),
    ("ended", "活动已结束", False),
]


@pytest.mark.parametrize(("phase", "words", "may_press"), PHASES, ids=[row[0] for row in PHASES])
def test_the_button_says_what_the_phase_allows(
    device: Device, house: MockHouse, phase: str, words: str, may_press: bool
) -> None:
    house.world.phase = phase
    page = device.open("/consumer/")
    button = page.locator("#draw")
    expect(button).to_contain_text(words)
    assert button.is_enabled() == may_press


@pytest.mark.requirement("R5.1")
def test_a_list_is_signed_up_for_and_what_comes_of_it_is_told_step_by_step(
    device: Device, house: MockHouse
) -> None:
    house.world.mode = "list"
    page = device.open("/consumer/", signed_in="consumer")
    expect(page.locator("#draw")).to_have_text("报名参加摇号")
    expect(page.locator(".hero")).to_contain_text("报名后由公证处集中摇号")
    for daily in ("每天", "每个摇号日"):
        expect(page.locator("#app")).not_to_contain_text(daily)
    consumer.enter(house.world, {"pack": 3, "client_nonce": "0" * 32})
    house.world.looks_until_outcome = 0
    for state, told in (
        ("listed", "名单封存后由公证处和审计方摇号"),
        ("publicity", "公示期满没有异议"),
        ("voided", "经异议裁定"),
        ("missed", "这一轮没有中签"),
    ):
        assert house.world.draw is not None
        house.world.draw["state"] = state
        page.reload()
        expect(page.locator(".result")).to_contain_text(told)


def test_the_countdown_is_silent_to_screen_readers(device: Device, house: MockHouse) -> None:
    house.world.phase = "before"
    page = device.open("/consumer/")
    ticking = page.locator(".draw-wait b")
    expect(ticking).to_contain_text("17:4")
    assert ticking.evaluate("e => e.closest('[aria-hidden=true]') !== null")
    assert ticking.evaluate("e => e.closest('[aria-live]') === null")


@pytest.mark.requirement("R5.3")
def test_the_code_page_notices_the_redemption_and_stops(device: Device, house: MockHouse) -> None:
    consumer.fill_wallet(house.world)
    serial, voucher = next(iter(house.world.vouchers.items()))
    page = device.open(f"/consumer/#/code/{serial}", signed_in="consumer")
    expect(page.locator(".code-qr")).to_be_visible()
    voucher["state"] = "locked"
    expect(page.locator("main")).to_contain_text("收银员正在核对金额")
    voucher |= {"state": "redeemed", "redeemed_at": "2026-02-06T10:45:00+08:00"}
    expect(page.locator("main")).to_contain_text("用券成功")
    minted = len(house.world.codes)
    page.wait_for_timeout(2500)
    assert len(house.world.codes) == minted


def test_a_code_is_renewed_before_it_dies(device: Device, house: MockHouse) -> None:
    consumer.fill_wallet(house.world)
    serial = next(iter(house.world.vouchers))
    page = device.open("/consumer/", signed_in="consumer")
    page.clock.install()
    page.goto(f"{house.url}/consumer/#/code/{serial}")
    expect(page.locator(".code-qr")).to_be_visible()
    first = page.locator(".code-digits").inner_text()
    page.clock.run_for(27_000)
    expect(page.locator(".code-digits")).not_to_have_text(first)


def test_refund_arithmetic_is_shown_line_by_line(device: Device, house: MockHouse) -> None:
    consumer.fill_wallet(house.world)
    serial = next(iter(house.world.vouchers))
    page = device.open(f"/consumer/#/voucher/{serial}", signed_in="consumer")
    example = page.locator("section", has_text="退货时怎么退钱")
    expect(example).to_contain_text("100 × 50 ÷ 200 = ¥25.00")
    expect(example).to_contain_text("¥75.00")


def test_a_demonstration_says_so_and_lends_a_place_to_stand(
    device: Device, house: MockHouse, asked: Any
) -> None:
    house.world.demo = True
    page = device.open("/consumer/", signed_in="consumer", permissions=())
    expect(page.locator(".demo")).to_contain_text("演示环境，不是真实活动")
    page.click("#demo-place")
    people.press_draw(page)
    expect(page.locator(".paper-worth")).to_be_visible()
    assert asked("/draws")[0]["location"]["accuracy_m"] == 20


def test_without_permission_to_locate_the_page_says_how_to_allow_it(device: Device) -> None:
    page = device.open("/consumer/", signed_in="consumer", permissions=())
    people.press_draw(page)
    expect(page.locator("[role=dialog]")).to_contain_text("允许定位")


@pytest.mark.requirement("R1.1")
def test_a_consent_can_be_taken_back_and_given_again(device: Device, house: MockHouse) -> None:
    page = device.open("/consumer/#/me", signed_in="consumer")
    page.locator(".consents button").nth(1).click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.locator(".consents")).to_contain_text("已撤回")
    assert house.world.revoked == {"location"}
    page.get_by_role("button", name="重新同意").click()
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator(".consents")).not_to_contain_text("已撤回")
    assert house.world.revoked == set()


def test_whoever_took_a_consent_back_is_led_to_where_it_is_given_again(
    device: Device, house: MockHouse
) -> None:
    house.world.revoked = {"location"}
    page = device.open("/consumer/", signed_in="consumer")
    people.press_draw(page)
    expect(page.locator("[role=dialog]")).to_contain_text(Refusal.CONSENT_REVOKED.zh)
    page.get_by_role("button", name="去“我的”重新同意").click()
    expect(page.locator(".consents")).to_contain_text("已撤回")


def test_a_code_is_for_whoever_is_signed_in(device: Device, house: MockHouse) -> None:
    consumer.fill_wallet(house.world)
    serial = next(iter(house.world.vouchers))
    page = device.open(f"/consumer/#/code/{serial}")
    page.get_by_role("link", name="登录", exact=True).click()
    people.fill_phone(page)
    expect(page.locator(".code-qr")).to_be_visible()


def test_without_a_network_the_page_says_what_still_works_and_goes_on_when_it_is_back(
    device: Device, house: MockHouse
) -> None:
    consumer.fill_wallet(house.world)
    page = device.open("/consumer/", signed_in="consumer")
    expect(page.locator(".ticket").first).to_be_visible()
    page.route("**/api/**", lambda route: route.abort())
    page.reload()
    expect(page.locator(".draw-card .note.bad")).to_contain_text("已存在手机里的券可以照看")
    expect(page.locator("#draw")).to_have_text("没有网络")
    expect(page.locator(".ticket")).to_have_count(2)
    page.click(".tabs a[href='#/wallet']")
    expect(page.locator("#kept")).to_contain_text("存在手机里的券")
    expect(page.locator(".ticket")).to_have_count(3)
    page.unroute("**/api/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#kept")).to_have_count(0)
    page.click(".tabs a[href='#/home']")
    expect(page.locator("#draw")).to_be_enabled()


def test_a_session_that_ended_says_so_and_leads_back_to_where_the_person_was(
    device: Device, house: MockHouse
) -> None:
    consumer.fill_wallet(house.world)
    serial = next(iter(house.world.vouchers))
    page = device.open("/consumer/#/wallet", signed_in="consumer")
    expect(page.locator(".ticket").first).to_be_visible()
    house.world.expired = True
    page.locator(".ticket h3 a").first.click()
    expect(page.locator("#expired")).to_contain_text("登录已过期")
    house.world.expired = False
    people.fill_phone(page)
    expect(page.locator(".voucher-top")).to_be_visible()
    assert page.url.endswith(f"#/voucher/{serial}")
    page.wait_for_function("localStorage.getItem('huiquan:vouchers') !== null")
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.includes('vouchers'))")
    assert kept == ["huiquan:vouchers"]
    page.goto(f"{house.url}/consumer/#/me")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("#draw")).to_be_visible()
    assert page.evaluate("localStorage.getItem('huiquan:vouchers')") is None
