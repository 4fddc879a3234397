"""A cashier redeems, cancels and refunds; also when the network dies in the middle."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from huiquan.domain.refusals import Refusal
from tests.e2e import people
from tests.e2e.conftest import Device
from tests.e2e.mock_house import consumer, till
from tests.e2e.mock_house.server import MockHouse

pytestmark = pytest.mark.slow


def minted_code(house: MockHouse) -> str:
    """A customer stands at the till with a dining voucher of 50 off 200."""
    voucher = consumer.add_voucher(house.world, 3, 1, consumer.clock.now())
    answer = consumer.mint(house.world, voucher["serial"])
    assert isinstance(answer, tuple)
    return str(answer[1]["digits"])


def at_payment(device: Device, house: MockHouse) -> Page:
    """Scan, amounts, lock: the customer is about to pay 218 yuan."""
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, minted_code(house))
    page.fill("#order", "288")
    page.fill("#merchant", "20")
    expect(page.locator(".amounts-pay")).to_contain_text("¥218.00")
    page.click("#lock")
    expect(page.locator(".sum-large")).to_have_text("¥218.00")
    return page


@pytest.mark.requirement("R1.2")
@pytest.mark.requirement("R5.3")
def test_offers_come_off_first_then_the_voucher_then_the_customer_pays(
    device: Device, house: MockHouse, asked: Any
) -> None:
    page = at_payment(device, house)
    page.click("#redeem")
    expect(page.locator("main")).to_contain_text("已向顾客收款")
    assert asked("/locks")[0]["offers"] == [
        {"funder": "merchant", "name": "商户优惠", "amount_fen": 2_000}
    ]
    assert next(iter(house.world.redemptions.values()))["to_pay_fen"] == 21_800
    page.click("#scan-next")
    expect(page.get_by_role("dialog")).to_contain_text("对准顾客手机上的二维码")


def test_the_lock_is_kept_until_a_time_of_the_house_not_of_the_phone(
    device: Device, house: MockHouse
) -> None:
    page = at_payment(device, house)
    expect(page.locator(".pay")).to_contain_text("这张券为您保留到 10:")


def test_the_order_can_be_typed_at_once(device: Device, house: MockHouse) -> None:
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, minted_code(house))
    expect(page.locator("#order")).to_be_focused()


@pytest.mark.requirement("R2.8")
def test_goods_of_an_earlier_day_are_found_by_the_number_on_the_customers_voucher(
    device: Device, house: MockHouse
) -> None:
    till.fill_day(house.world)
    told, number = list(house.world.redemptions)[1], "R001-0000-000000024-01-G"
    house.world.redemptions[number] = {**house.world.redemptions[told], "redemption": number}
    page = device.open("/merchant/#/today", signed_in="till")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#earlier-fault")).to_be_visible()
    for typed in (f" {number.lower()} ", "001 0000 000000024 01 g"):
        page.goto(f"{house.url}/merchant/#/today")
        page.fill("#earlier", typed)
        page.press("#earlier", "Enter")
        expect(page.locator(".whole")).to_contain_text(number)
    expect(page.locator("#refund")).to_be_visible()


def test_a_code_that_ran_out_is_typed_anew_and_the_amounts_stay(
    device: Device, house: MockHouse
) -> None:
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, "111111111111")
    page.fill("#order", "268")
    expect(page.locator(".refused")).to_contain_text(Refusal.CODE_UNKNOWN.zh)
    page.fill("#digits", minted_code(house))
    page.press("#digits", "Enter")
    expect(page.locator(".amounts-pay")).to_contain_text("¥218.00")
    expect(page.locator("#digits")).to_have_count(0)


def test_a_refusal_is_one_large_sentence(device: Device, house: MockHouse) -> None:
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, minted_code(house))
    page.fill("#order", "199.99")
    expect(page.locator(".refused")).to_contain_text(Refusal.BELOW_THRESHOLD.zh)
    expect(page.locator("#lock")).to_be_disabled()


def test_a_busy_lock_counts_the_seconds_down_and_is_asked_again_with_the_same_key(
    device: Device, house: MockHouse, asked: Any
) -> None:
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, minted_code(house))
    page.fill("#order", "288")
    expect(page.locator(".amounts-pay")).to_be_visible()
    house.world.busy_answers = 3
    page.click("#lock")
    expect(page.locator(".next-try")).to_contain_text("2 秒后自动再试")
    expect(page.locator(".unknown")).to_contain_text(Refusal.BUSY.zh)
    expect(page.locator(".ask-again")).to_contain_text("秒后自动再问一次")
    expect(page.locator(".sum-large")).to_be_visible()
    sent = asked("/locks")
    assert len(sent) == 4
    assert all(body == sent[0] for body in sent)


@pytest.mark.requirement("R3.2")
def test_a_lost_answer_is_asked_again_and_redeems_once(
    device: Device, house: MockHouse, asked: Any
) -> None:
    page = at_payment(device, house)
    house.world.lost_answers = 1_000
    page.click("#redeem")
    expect(page.locator(".unknown")).to_contain_text("还不知道有没有核销成功")
    expect(page.locator("#give-back")).to_have_count(0)
    page.reload()
    expect(page.locator(".unknown")).to_contain_text("请不要再次收款")
    house.world.lost_answers = 0
    page.click(".unknown .btn")
    expect(page.locator("main")).to_contain_text("已向顾客收款")
    assert len(house.world.redemptions) == 1
    assert len({body["request_key"] for body in asked("/redeem")}) == 1


def test_cancelling_gives_the_voucher_back(device: Device, house: MockHouse) -> None:
    page = at_payment(device, house)
    page.click("#give-back")
    expect(page.locator("#given-back")).to_be_visible()
    expect(page.locator("#scan")).to_be_visible()
    assert [voucher["state"] for voucher in house.world.vouchers.values()] == ["held"]


def test_an_unfinished_sale_is_found_again_on_the_first_page_and_after_signing_in_again(
    device: Device, house: MockHouse, asked: Any
) -> None:
    page = at_payment(device, house)
    page.goto(f"{house.url}/merchant/#/home")
    expect(page.locator(".till-open")).to_contain_text("¥218.00")
    page.get_by_role("link", name="继续这一笔").click()
    page.fill("#payment-ref", "POS-4711")
    house.world.expired = True
    page.click("#redeem")
    expect(page.locator("#expired")).to_contain_text("登录已过期")
    house.world.expired = False
    page.fill("#login", "limin")
    page.fill("#pin", "135790")
    page.press("#pin", "Enter")
    page.click(".unknown .btn")
    expect(page.locator("main")).to_contain_text("已向顾客收款")
    assert {body["payment_ref"] for body in asked("/redeem")} == {"POS-4711"}
    assert len({body["request_key"] for body in asked("/redeem")}) == 1


REFUNDS = [
    # goods back, to the fund, to the customer: of 268 after offers, 50 were public money
    ("100", "¥18.66", "¥81.34"),
    ("268", "¥50.00", "¥218.00"),
    ("0.01", "¥0.00", "¥0.01"),
]


@pytest.mark.requirement("R2.8")
@pytest.mark.parametrize(("goods", "fund", "customer"), REFUNDS, ids=[row[0] for row in REFUNDS])
def test_a_refund_is_shared_pro_rata_and_the_page_says_the_same_as_the_house(
    device: Device, house: MockHouse, goods: str, fund: str, customer: str
) -> None:
    page = at_payment(device, house)
    page.click("#redeem")
    expect(page.locator("main")).to_contain_text("已向顾客收款")
    page.goto(f"{house.url}/merchant/#/today")
    page.click(".redemption-row a")
    page.fill("#refund", goods)
    lines = page.locator(".refund-lines")
    expect(lines).to_contain_text(fund)
    expect(lines).to_contain_text(customer)
    page.click("#refund-go")
    expect(page.locator(".refund-done")).to_contain_text(customer)
    expect(page.locator(".refund-row")).to_contain_text(fund)


def test_what_was_handed_out_before_is_not_said_beside_the_next_refund(
    device: Device, house: MockHouse
) -> None:
    till.fill_day(house.world)
    page = device.open("/merchant/#/today", signed_in="till")
    page.locator(".redemption-row a").first.click()
    page.fill("#refund", "100")
    page.click("#refund-go")
    expect(page.locator(".refund-done")).to_contain_text("¥81.34")
    page.fill("#refund", "50")
    expect(page.locator(".refund-lines")).to_be_visible()
    expect(page.locator(".refund-done")).to_have_count(0)


AMOUNTS = [
    ("268", True),
    ("268.5", True),
    ("1,268.50", True),
    ("268.505", False),
    ("-5", False),
    ("abc", False),
]


@pytest.mark.parametrize(("text", "holds"), AMOUNTS, ids=[row[0] for row in AMOUNTS])
def test_only_whole_fen_are_taken_as_an_amount(
    device: Device, house: MockHouse, text: str, holds: bool
) -> None:
    page = device.open("/merchant/", signed_in="till")
    people.type_code(page, minted_code(house))
    page.fill("#order", text)
    if holds:
        expect(page.locator(".amounts-pay")).to_be_visible()
    else:
        expect(page.locator("#order")).to_have_attribute("aria-invalid", "true")
