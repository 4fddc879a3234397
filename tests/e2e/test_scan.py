"""The camera path: a QR code held before a fake camera reaches the amounts page.  扫码"""

from pathlib import Path

import numpy
import pytest
import zxingcpp
from playwright.sync_api import BrowserType, expect

from tests.e2e.conftest import CHROMIUM, QUIET, Device
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


@pytest.mark.requirement("R5.3")
def test_a_code_before_the_camera_is_read(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, object],
    house: MockHouse,
    tmp_path: Path,
) -> None:
    digits = minted_code(house)
    film(tmp_path / "qr.y4m", f"HQ1:{digits}")
    camera = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'qr.y4m'}",
    ]
    browser = browser_type.launch(executable_path=str(CHROMIUM), args=[*QUIET, *camera])
    device = Device(browser, house)
    page = device.open("/merchant/", signed_in="till", permissions=("camera",))
    page.click("#scan")
    expect(page.locator("#order")).to_be_visible(timeout=20_000)
    shown = page.locator(".amounts-code b").inner_text().replace(" ", "")
    breaches = page.evaluate("window.breaches")
    browser.close()
    assert shown == digits
    assert breaches == []
