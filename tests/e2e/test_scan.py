"""The camera path: a QR code held before a fake camera reaches the amounts page.  扫码"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy
import pytest
import zxingcpp
from playwright.sync_api import BrowserType, Page, expect

from tests.e2e.conftest import CHROMIUM, QUIET, Device
from tests.e2e.mock_house import till
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_till_story import minted_code

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, FRAMES = 640, 480, 30


def film(path: Path, text: str) -> None:
    """Write a short film of a QR code, in the plain format Chromium's fake camera reads."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    squares = numpy.array(made.to_image(scale=12))
    picture = numpy.full((HEIGHT, WIDTH), 255, dtype=numpy.uint8)
    top, left = (HEIGHT - squares.shape[0]) // 2, (WIDTH - squares.shape[1]) // 2
    picture[top : top + squares.shape[0], left : left + squares.shape[1]] = squares
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    frame = b"FRAME\n" + picture.tobytes() + grey
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + frame * FRAMES)


@contextmanager
def till_that_sees(
    text: str, browser_type: BrowserType, house: MockHouse, tmp_path: Path
) -> Iterator[Page]:
    """A till whose camera looks at a QR code of this text."""
    film(tmp_path / "qr.y4m", text)
    camera = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'qr.y4m'}",
    ]
    browser = browser_type.launch(executable_path=str(CHROMIUM), args=[*QUIET, *camera])
    device = Device(browser, house)
    page = device.open("/merchant/", signed_in="till", permissions=("camera",))
    yield page
    breaches = page.evaluate("window.breaches")
    browser.close()
    assert breaches == []


@pytest.mark.requirement("R5.3")
def test_a_code_before_the_camera_is_read(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, object],
    house: MockHouse,
    tmp_path: Path,
) -> None:
    digits = minted_code(house)
    with till_that_sees(f"HQ1:{digits}", browser_type, house, tmp_path) as page:
        page.click("#scan")
        expect(page.locator("#order")).to_be_visible(timeout=20_000)
        assert page.locator(".amounts-code b").inner_text().replace(" ", "") == digits


@pytest.mark.requirement("R2.8")
def test_goods_that_come_back_are_found_by_the_code_on_the_customers_voucher(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, object],
    house: MockHouse,
    tmp_path: Path,
) -> None:
    till.fill_day(house.world)
    told, number = next(iter(house.world.redemptions)), "R001-0000-000000024-01-G"
    house.world.redemptions[number] = {**house.world.redemptions[told], "redemption": number}
    with till_that_sees(number, browser_type, house, tmp_path) as page:
        page.goto(f"{house.url}/merchant/#/today")
        page.click("#scan-return")
        expect(page.locator(".whole")).to_contain_text(number, timeout=20_000)
