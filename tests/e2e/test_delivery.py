"""How the pages travel: headers, compressed twins, first paint without script.  页面交付"""

import urllib.request

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.mock_house.server import MockHouse

pytestmark = pytest.mark.slow


def headers(address: str, accept: str = "br, gzip") -> dict[str, str]:
    """The headers a browser would be told."""
    asked = urllib.request.Request(address, headers={"Accept-Encoding": accept})
    with urllib.request.urlopen(asked) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}


@pytest.mark.parametrize("path", ["/", "/consumer/", "/merchant/", "/console/"])
def test_every_face_forbids_inline_script_and_framing(house: MockHouse, path: str) -> None:
    policy = headers(house.url + path)["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_only_the_cashier_may_use_the_camera(house: MockHouse) -> None:
    allowed = {
        face: "camera=(self)" in headers(f"{house.url}/{face}/")["permissions-policy"]
        for face in ("consumer", "merchant", "console")
    }
    assert allowed == {"consumer": False, "merchant": True, "console": False}


@pytest.mark.parametrize(
    ("accept", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)]
)
def test_the_smallest_twin_the_browser_takes_is_sent(
    house: MockHouse, accept: str, encoding: str | None
) -> None:
    assert headers(f"{house.url}/consumer/", accept).get("content-encoding") == encoding


def test_pages_are_brief_in_caches_and_assets_are_for_ever(house: MockHouse) -> None:
    assert "max-age=60" in headers(f"{house.url}/")["cache-control"]
    asset = next(path for path in house.site.files if path.startswith("/assets/consumer/index"))
    assert "immutable" in headers(house.url + asset)["cache-control"]


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/csp.json", "/.fingerprint", "/assets/"])
def test_no_address_leads_out_of_the_pages(house: MockHouse, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        headers(house.url + path)


def test_the_first_picture_needs_no_script(browser: Browser, house: MockHouse) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.url)
    expect(page.locator("h1")).to_contain_text("乐购湖北")
    expect(page.locator("#draw")).to_be_visible()
    context.close()


def test_the_first_page_takes_three_requests_before_the_house_is_asked(
    browser: Browser, house: MockHouse
) -> None:
    context = browser.new_context()
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url.removeprefix(house.url)))
    page.goto(house.url)
    expect(page.locator("#draw")).to_be_enabled()
    context.close()
    before_asking = seen[: seen.index("/api/v1/now")]
    assert len(before_asking) <= 4
