"""A consumer checks the own draw on the phone; a stranger checks its file on the public page."""

import copy
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from huiquan.domain.fingerprints import fingerprint_of
from huiquan.webui import DIST
from tests.browser.corrupting import corruptions
from tests.browser.making_proofs import a_drawn_round, proof_file, spelled
from tests.domain.draw_days import DAY
from tests.e2e.conftest import Device
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_accessible import findings, overflow

pytestmark = pytest.mark.slow

DRAWN = a_drawn_round()
FILES = {name: proof_file(DRAWN, place) for name, place in DRAWN.places().items()}
STEPS = 12

# A browser that hands things on, and keeps what it was given.
HANDS_ON = """(takesFiles) => {
  navigator.canShare = (what) => takesFiles && Boolean(what.files)
  navigator.share = async ({ title, text, files }) => {
    const [file] = files ?? []
    window.handed = { title, name: file?.name ?? null, text: file ? await file.text() : text }
  }
}"""
# A file that is let go above the box of the public page.
DROP = """(text) => {
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([text], 'dropped.txt', { type: 'text/plain' }))
  const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
  document.querySelector('.drop').dispatchEvent(drop)
}"""

Proof = dict[str, Any]


def nonce_of(file: Proof) -> str:
    """The number that the phone of this entry chose."""
    return str(file["entry_receipt"]["entry"][64:96])


def kept_on(page: Page, file: Proof) -> None:
    """The phone has kept what it received when it entered."""
    kept = {f"receipt:{DAY}": file["entry_receipt"], f"nonce:{DAY}": nonce_of(file)}
    for name, value in kept.items():
        page.evaluate(
            "([n, v]) => localStorage.setItem(n, v)", [f"huiquan:{name}", json.dumps(value)]
        )


def checked_on_the_phone(device: Device, house: MockHouse, file: Proof, **how: Any) -> Page:
    """The consumer's verify screen, when the check has come to its end."""
    house.world.proof = file
    page = device.open("/consumer/#/rules", signed_in="consumer", **how)
    kept_on(page, file)
    page.evaluate(f"location.hash = '#/verify/{DAY}'")
    expect(page.locator(".proof[data-ms]")).to_be_visible()
    return page


def dropped_on_the_public_page(device: Device, text: str, **how: Any) -> Page:
    """The public page, when it has checked a chosen file."""
    page = device.open("/public/", **how)
    choose(page, text)
    return page


def choose(page: Page, text: str) -> None:
    """Choose a file and wait for the verdict."""
    file: Any = {"name": "proof.json", "mimeType": "application/json", "buffer": text.encode()}
    page.set_input_files("#proof-file", file)
    expect(page.locator(".proof[data-ms]")).to_be_visible()


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("name", sorted(FILES))
def test_every_step_gets_its_tick_on_the_phone(device: Device, house: MockHouse, name: str) -> None:
    page = checked_on_the_phone(device, house, FILES[name])
    expect(page.locator(".proof")).to_have_attribute("data-state", "whole")
    expect(page.locator(".proof-steps li.right")).to_have_count(STEPS)
    expect(page.locator(".proof-verdict h2")).to_have_text("核对无误")
    said = page.locator("main").inner_text()
    for part in ("事先承诺了什么", "结果是怎么决定的", "谁签了名", "notary.huiquan"):
        assert part in said
    keys = json.loads(FILES[name]["configs"][0]["text"])["keys"]
    for key in keys.values():
        assert fingerprint_of(bytes.fromhex(key)) in said, "the digits that the signers show"


@pytest.mark.requirement("R1.3")
def test_the_saved_proof_is_accepted_by_the_public_page(
    device: Device, house: MockHouse, tmp_path: Path
) -> None:
    page = checked_on_the_phone(device, house, FILES["cut"])
    with page.expect_download() as saving:
        page.click("#save-proof")
    saved = tmp_path / saving.value.suggested_filename
    saving.value.save_as(saved)
    assert saved.name == f"huiquan-draw-{DAY}.json"
    assert json.loads(saved.read_text()) == FILES["cut"]
    public = dropped_on_the_public_page(device, saved.read_text())
    expect(public.locator(".proof")).to_have_attribute("data-state", "whole")


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("takes_files", [True, False])
def test_a_proof_that_was_handed_on_is_accepted_where_it_is_dropped(
    device: Device, house: MockHouse, takes_files: bool
) -> None:
    """A phone hands on the file, or its text where it hands on no files."""
    house.world.proof = FILES["win"]
    page = device.open("/consumer/#/rules", signed_in="consumer")
    kept_on(page, FILES["win"])
    page.evaluate(HANDS_ON, takes_files)
    page.evaluate(f"location.hash = '#/verify/{DAY}'")
    page.click("#share-proof")
    page.wait_for_function("window.handed")
    handed = page.evaluate("window.handed")
    assert "2026-02-06" in handed["title"]
    assert json.loads(handed["text"]) == FILES["win"]
    assert handed["name"] == (f"huiquan-draw-{DAY}.txt" if takes_files else None)
    public = device.open("/public/")
    public.evaluate(DROP, handed["text"])
    expect(public.locator(".proof[data-ms]")).to_have_attribute("data-state", "whole")
    expect(public.locator(".public-file")).to_contain_text("dropped.txt")


def test_another_phones_receipt_is_not_taken_for_ones_own(device: Device, house: MockHouse) -> None:
    file = copy.deepcopy(FILES["win"])
    house.world.proof = file
    page = device.open("/consumer/#/rules", signed_in="consumer")
    kept_on(page, file)
    page.evaluate(f"localStorage.setItem('huiquan:nonce:{DAY}', '\"{'0' * 32}\"')")
    page.evaluate(f"location.hash = '#/verify/{DAY}'")
    expect(page.locator(".proof")).to_have_attribute("data-state", "wrong")
    expect(page.locator(".proof-steps li.wrong")).to_contain_text("随机数不是您手机生成的")


def test_a_receipt_without_an_outcome_after_the_promise_is_evidence_to_save(
    device: Device, house: MockHouse
) -> None:
    alone = FILES["win"] | {"outcome_receipt": None}
    page = checked_on_the_phone(device, house, alone)
    expect(page.locator(".proof")).to_have_attribute("data-state", "partly")
    with page.expect_download() as saving:
        page.click("#save-evidence")
    assert json.loads(Path(saving.value.path()).read_text()) == alone


def test_the_public_page_asks_nobody_while_it_checks(device: Device, house: MockHouse) -> None:
    page = device.open("/public/")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, spelled(FILES["miss"]))
    expect(page.locator(".proof")).to_have_attribute("data-state", "whole")
    assert [url for url in asked if "/assets/public/" not in url] == []
    assert house.world.requests == []


@pytest.mark.requirement("R2.1")
def test_a_handful_of_corrupted_files_is_refused_in_the_browser(device: Device) -> None:
    page = device.open("/public/")
    for _, _, file in corruptions(FILES, 12, seed=1):
        choose(page, spelled(file))
        expect(page.locator(".proof")).to_have_attribute("data-state", "wrong")
        expect(page.locator(".proof-verdict")).to_contain_text("发现问题")
        page.click("#another")


def test_a_pasted_proof_is_checked_too(device: Device) -> None:
    page = device.open("/public/", lang="en")
    page.click(".paste summary")
    page.fill("#pasted", spelled(FILES["win"]))
    page.click("#check-pasted")
    expect(page.locator(".proof-verdict h2")).to_have_text("Everything holds")


def test_it_says_whose_keys_were_used(device: Device) -> None:
    page = dropped_on_the_public_page(device, spelled(FILES["win"]))
    expect(page.locator(".proof-steps li.missing").first).to_contain_text("没有另外提供公钥")
    page.click("#keys-fetch")
    expect(page.locator("#keys-source")).to_contain_text("127.0.0.1")
    expect(page.locator(".proof-steps li.right")).to_have_count(STEPS - 1)
    other = json.dumps({"notary": "00" * 32, "auditor": "11" * 32}).encode()
    file: Any = {"name": "keys.json", "mimeType": "application/json", "buffer": other}
    page.set_input_files("#keys-file", file)
    expect(page.locator(".proof")).to_have_attribute("data-state", "wrong")


def test_the_page_shows_the_fingerprints_of_its_own_program(device: Device) -> None:
    page = dropped_on_the_public_page(device, spelled(FILES["win"]))
    page.click("#show-scripts")
    expect(page.locator("#scripts dd").first).to_be_visible()
    shown = dict(
        zip(
            page.locator("#scripts dt").all_inner_texts(),
            page.locator("#scripts dd").all_inner_texts(),
            strict=True,
        )
    )
    built = {path.name: path for path in (DIST / "assets/public").glob("*.js")}
    assert len(shown) >= 3
    for name, fingerprint in shown.items():
        assert fingerprint == hashlib.sha256(built[name].read_bytes()).hexdigest()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The same files on a host of its own, in a folder, without any house behind them."""
    (tmp_path / "copy").symlink_to(DIST)
    serve = partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/copy/public/index.html"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def test_it_works_from_the_auditors_own_host(browser: Browser, elsewhere: str) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(elsewhere)
    choose(page, spelled(FILES["win"]))
    expect(page.locator(".proof")).to_have_attribute("data-state", "whole")
    page.click("#keys-fetch")
    expect(page.locator(".whose-keys .fault")).to_be_visible()
    context.close()


def test_a_browser_without_big_numbers_says_so(device: Device, house: MockHouse) -> None:
    house.world.proof = FILES["win"]
    page = device.open("/public/")
    page.context.add_init_script("delete window.BigInt")
    page.goto(f"{house.url}/public/")
    expect(page.locator(".note.bad h2")).to_have_text("这台设备不能核对")
    page = device.open("/consumer/#/rules", signed_in="consumer")
    page.context.add_init_script("delete window.BigInt")
    page.goto(f"{house.url}/consumer/#/verify/{DAY}")
    page.reload()
    expect(page.locator(".note.bad h2")).to_have_text("这台设备不能核对")
    expect(page.locator("#save-proof")).to_be_visible()


@pytest.mark.parametrize("size", ["standard", "large", "extra"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_pages_fit_320_pixels_and_axe_finds_nothing(
    device: Device, house: MockHouse, lang: str, size: str
) -> None:
    how: Any = {"width": 320, "height": 568, "lang": lang, "size": size}
    mine = checked_on_the_phone(device, house, FILES["cut"], **how)
    public = dropped_on_the_public_page(device, spelled(FILES["cut"]), **how)
    empty = device.open("/public/", **how)
    for page in (mine, public, empty):
        assert overflow(page) <= 0
        assert findings(page) == []


def test_axe_finds_nothing_in_a_refusal(device: Device) -> None:
    _, _, file = next(corruptions(FILES, 1, seed=1))
    assert findings(dropped_on_the_public_page(device, spelled(file))) == []
