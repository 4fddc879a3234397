"""A real browser in front of the built pages.  端到端测试

`house` is the seam: here it is the mock house; a fixture of the same name that answers `url`
and `world` puts the real house in its place. The browser is the system's Chromium.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from huiquan.webui import DIST
from tests.e2e.mock_house import consumer, till
from tests.e2e.mock_house.server import MockHouse

CHROMIUM = Path("/usr/lib/chromium/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
]
WUHAN = {"latitude": 30.5434, "longitude": 114.3022, "accuracy": 20}
PATIENCE_MS = 10_000
REST_MS, LOOK_MS = 100, 25

# Every breach of the content security policy, as the page itself hears of it.
_NOTE_BREACHES = """
window.breaches = [];
document.addEventListener('securitypolicyviolation', (e) =>
  window.breaches.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the system's Chromium; without it these tests have nothing to drive."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk")
    return {"executable_path": str(CHROMIUM), "args": QUIET}


@pytest.fixture(scope="session")
def running_house() -> Iterator[MockHouse]:
    """One mock house for all tests."""
    if not (DIST / "csp.json").exists():
        pytest.skip("no pages: python -m huiquan.webui.build")
    house = MockHouse()
    house.start()
    yield house
    house.shutdown()


@pytest.fixture
def house(running_house: MockHouse) -> MockHouse:
    """The house, as if nothing had happened yet."""
    running_house.begin_again()
    return running_house


class Device:
    """A phone or a desk: its width, language and size of type, and who is signed in on it."""

    def __init__(self, browser: Browser, house: MockHouse) -> None:
        self._browser = browser
        self._house = house
        self.pages: list[Page] = []
        self._under_way: Counter[Page] = Counter()

    def open(
        self,
        path: str,
        *,
        width: int = 390,
        height: int = 844,
        lang: str = "zh",
        size: str = "standard",
        signed_in: str = "",
        permissions: tuple[str, ...] = ("geolocation",),
    ) -> Page:
        """Open an address of the house on a fresh device."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            geolocation=WUHAN,
            permissions=list(permissions),
            reduced_motion="reduce",
        )
        kept = {"lang": lang, "type-size": size, **self._session(signed_in)}
        # Only once: what the page itself keeps later must outlive a reload.
        for name, value in kept.items():
            key = json.dumps(f"huiquan:{name}")
            context.add_init_script(
                f"if (localStorage.getItem({key}) === null)"
                f" localStorage.setItem({key}, {json.dumps(value)})"
            )
        context.add_init_script(_NOTE_BREACHES)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda _: self._under_way.update({page: 1}))
        for over in ("requestfinished", "requestfailed"):
            page.on(over, lambda _: self._under_way.subtract({page: 1}))  # type: ignore[call-overload]
        page.goto(self._house.url + path)
        self.pages.append(page)
        return page

    def rest(self, page: Page) -> None:
        """Wait until a page has asked for nothing during a tenth of a second."""
        quiet_ms, waited_ms = 0, 0
        while quiet_ms < REST_MS:
            assert waited_ms < PATIENCE_MS, "the page asks and asks"
            page.wait_for_timeout(LOOK_MS)
            waited_ms += LOOK_MS
            quiet_ms = 0 if self._under_way[page] > 0 else quiet_ms + LOOK_MS

    def _session(self, who: str) -> dict[str, str]:
        if who == "consumer":
            body = {"sms_code": consumer.SMS_CODE, "phone": "13800138000"}
            answer = consumer.sign_in(self._house.world, body)
        elif who == "till":
            answer = till.open_till({"pin": "135790"})
        else:
            return {}
        assert isinstance(answer, tuple)
        return {f"{who}-session": json.dumps(answer[1])}


@pytest.fixture
def device(browser: Browser, house: MockHouse) -> Iterator[Device]:
    """Open pages; after the test no page may have met the security policy's refusal."""
    expect.set_options(timeout=PATIENCE_MS)
    made = Device(browser, house)
    yield made
    breaches = [breach for page in made.pages for breach in page.evaluate("window.breaches || []")]
    for page in made.pages:
        page.context.close()
    assert breaches == []


@pytest.fixture
def asked(house: MockHouse) -> Callable[[str], list[dict[str, Any]]]:
    """The bodies of all writing requests whose address matches."""

    def bodies(path: str) -> list[dict[str, Any]]:
        return [
            body for method, at, body in house.world.requests if method == "POST" and path in at
        ]

    return bodies
