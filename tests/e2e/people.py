"""What a person does on the pages, step by step.  用户操作"""

from playwright.sync_api import Page, expect

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_number(body: str = "42010619900307002") -> str:
    """A made-up resident identity number whose check character is right."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def fill_phone(page: Page, code: str = "246810") -> None:
    page.fill("#phone", "13800138000")
    page.click("#send-code")
    expect(page.locator("#send-code")).to_be_disabled()
    page.fill("#sms-code", code)
    page.click("form button.btn")


def fill_identity(page: Page) -> None:
    page.fill("#name", "张丽丽")
    page.fill("#number", resident_number())
    page.click("form button.btn")


def consent_and_submit(page: Page) -> None:
    page.check("#consent-identity")
    page.check("#consent-location")
    page.click("#submit")


def press_draw(page: Page) -> None:
    expect(page.locator("#draw")).to_be_enabled()
    page.click("#draw")


def type_code(page: Page, digits: str) -> None:
    page.fill("#digits", digits)
    page.press("#digits", "Enter")
    page.wait_for_selector("#order")
