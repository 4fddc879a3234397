"""The signer's own page in a real browser: seen, stopped, resumed, usable by everyone.  值守页面"""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from notary.overview import SHOWN
from notary.passcode import Passcode
from notary.watchroom import Watchroom, hosts_of
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.test_accessible import findings, overflow
from tests.notary.houses import Pair, answer
from tests.notary.test_desk import rivals
from tests.notary.test_witness import FORK, HASHES, cosign
from tests.signers import free_port

pytestmark = pytest.mark.slow


class Desk:
    """A notary that has worked, its page served, and its console."""

    def __init__(self, home: Path) -> None:
        self.pair = Pair(home=home)
        self.pair.day.enter(80)
        for lane in (0, 0, 1):
            self.pair.draw(lane, 10)
        seal, taken, _ = self.pair.asked[0]
        (rival,) = rivals(self.pair.day, taken, seal, 1)
        answer(self.pair.notary, rival)
        for hashes, old in ((HASHES[:8], 0), (FORK[:8], 8), (HASHES, 8)):
            cosign(self.pair.notary, hashes, old, [])
        self.console: list[str] = []
        self.errors: list[str] = []
        self.port = free_port()
        room = Watchroom(
            desk=self.pair.notary,
            home=home / "notary",
            hosts=hosts_of("127.0.0.1", self.port),
            passcode=Passcode(show=self.console.append),
        )
        config = uvicorn.Config(room, port=self.port, log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def code(self) -> str:
        """The code that stands at the console."""
        deadline = time.monotonic() + 10
        while not self.console:
            assert time.monotonic() < deadline, "no code was printed"
            time.sleep(0.02)
        found = re.search(r"\d{4} \d{4}", self.console.pop())
        assert found is not None
        return found.group()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests here; each leaves it signing."""
    made = Desk(tmp_path_factory.mktemp("signer"))
    made.thread.start()
    deadline = time.monotonic() + 30
    while not made.server.started:
        assert time.monotonic() < deadline, "the desk does not listen"
        time.sleep(0.02)
    yield made
    assert made.errors == []
    made.server.should_exit = True
    made.thread.join(10)


def opened(browser: Browser, desk: Desk, width: int, lang: str = "zh") -> Page:
    """The page on a screen of this width."""
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda said: desk.errors.append(said.text) if said.type == "error" else None)
    page.goto(f"http://127.0.0.1:{desk.port}/")
    if lang == "en":
        page.click("#lang")
    expect(page.locator("#lanes .series")).to_have_count(1)
    expect(page.locator("#lanes tr:not(:has(.series))")).to_have_count(2)
    return page


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, desk: Desk, width: int, lang: str
) -> None:
    page = opened(browser, desk, width, lang)
    assert findings(page) == []
    assert overflow(page) <= 0
    page.click("#wish")
    expect(page.locator("#ask")).to_be_visible()
    assert findings(page) == []
    assert overflow(page) <= 0
    page.context.close()


def test_the_page_speaks_one_language_at_a_time(browser: Browser, desk: Desk) -> None:
    page = opened(browser, desk, 1440, "en")
    page.click("#wish")
    expect(page.locator("#said")).to_have_text("the code is on the signer's console")
    assert not re.search(r"[\u4e00-\u9fff]", page.inner_text("main"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.close()


def test_a_person_stops_the_signer_and_another_resumes_it(browser: Browser, desk: Desk) -> None:
    page = opened(browser, desk, 390)
    expect(page.locator("#state-line")).to_have_text("正在签发")
    desk.console.clear()
    for now, then in (("正在签发", "已停签"), ("已停签", "正在签发")):
        expect(page.locator("#state-line")).to_have_text(now)
        page.click("#wish")
        page.fill("#name", "王公证员")
        page.fill("#reason", "核对名单")
        page.click("#do")
        expect(page.locator("#said")).to_have_text("请填写姓名、理由和口令。")
        page.fill("#code", desk.code())
        page.click("#do")
        expect(page.locator("#state-line")).to_have_text(then)
    told = [line.kind for line in desk.pair.notary.book.stops(2)]
    assert told == ["resume", "stop"]
    page.context.close()


def test_evidence_is_saved_from_the_page(browser: Browser, desk: Desk) -> None:
    page = opened(browser, desk, 1440)
    expect(page.locator("#bad li")).to_have_count(2)
    expect(page.locator("#bad-none")).to_be_hidden()
    names = []
    for number in range(2):
        with page.expect_download() as saved:
            page.locator("#bad a").nth(number).click()
        names.append(saved.value.suggested_filename)
    assert re.fullmatch(r"evidence-log-\d+\.json evidence-\d+\.json", " ".join(names))
    expect(page.locator("#loose")).to_contain_text("拒绝联署")
    page.context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_older_evidence_is_turned_to_and_stays_until_one_turns_back(
    browser: Browser, desk: Desk, lang: str
) -> None:
    for number in range(SHOWN + 3):
        cosign(desk.pair.notary, [*HASHES, *(bytes([number]) * 32 for _ in range(2))], 8, [])
    page = opened(browser, desk, 390, lang)
    rows, turning = page.locator("#loose li"), page.locator("#loose + .buttons")
    expect(rows).to_have_count(SHOWN)
    expect(turning).to_contain_text(
        "共 54 份，此处 50 份" if lang == "zh" else "54 in all, 50 here"
    )
    assert (findings(page), overflow(page) <= 0) == ([], True)
    turning.get_by_role("button").first.click()
    expect(rows).to_have_count(4)
    with page.expect_response("**/overview"):
        pass
    expect(rows).to_have_count(4)
    turning.get_by_role("button").last.click()
    expect(rows).to_have_count(SHOWN)
    page.context.close()
