"""Anyone reads a day's figures, and a person sees why they did not win.  公开日页与历次摇号"""

import pytest
from playwright.sync_api import Page, expect

from huiquan.domain.refusals import Refusal
from tests.e2e.conftest import Device
from tests.e2e.many_draws import DAYS, ManyDraws
from tests.e2e.mock_house import days
from tests.e2e.mock_house.server import MockHouse
from tests.e2e.test_accessible import LANGS, SIZES, findings, overflow

pytestmark = pytest.mark.slow

ADDRESSES = ["days", *(f"days/{day}" for day in days.STATES)]


@pytest.fixture(scope="module")
def many() -> ManyDraws:
    """Six days of one person, with real proofs."""
    return ManyDraws.played()


@pytest.fixture
def history(device: Device, house: MockHouse, many: ManyDraws) -> Page:
    """The person's history on a phone, every day checked."""
    return opened_history(device, house, many)


def opened_history(
    device: Device, house: MockHouse, many: ManyDraws, asked: str = "", **how: object
) -> Page:
    page = device.open(f"/consumer/{asked}", signed_in="consumer", **how)  # type: ignore[arg-type]
    many.serve(page)
    page.goto(f"{house.url}/consumer/{asked}#/history")
    expect(page.locator("#history-odds")).to_be_visible()
    return page


def opened(device: Device, address: str, **how: object) -> Page:
    page = device.open(f"/public/#/{address}", **how)  # type: ignore[arg-type]
    page.wait_for_selector("main .card + .card, .days-list")
    return page


@pytest.mark.requirement("R5.1")
def test_anyone_goes_from_the_list_to_a_day_and_reads_its_figures(device: Device) -> None:
    page = opened(device, "days")
    expect(page.locator(".days-list li")).to_have_count(len(days.STATES))
    page.get_by_role("link", name="2026-02-04").click()
    expect(page.locator("h1")).to_have_text("2026-02-04 的摇号")
    shown = days.show_day(days.CLOSED)
    assert isinstance(shown, dict)
    for name in ("entered", "won", "cut", "left", "rounds"):
        expect(page.locator(".day-sums")).to_contain_text(f"{shown[name]:,}")
    expect(page.locator("#fetch-all")).to_contain_text("manifest.json; do curl")
    expect(page.locator(".files-line").last).to_have_text("huiquan verify 20260204")
    page.locator("summary", has_text="个文件").click()
    first = page.locator(".files-list li").first
    expect(first).to_contain_text(shown["files"][0]["sha256"])
    expect(first.locator("a")).to_have_attribute(
        "href", f"/log/{days.CODE}/days/20260204/checkpoints.txt"
    )


@pytest.mark.requirement("R5.8")
def test_what_went_wrong_stands_there_with_its_evidence_word_for_word(device: Device) -> None:
    page = opened(device, "days")
    told = days.log_notices()
    lines = page.locator("#log-notices li")
    expect(lines).to_have_count(len(told))
    first = lines.first
    expect(first).to_contain_text("同一轮签了两份封存")
    expect(first).to_contain_text("lane 3, round 118 · 2026-02-06 12:00")
    expect(first).to_have_attribute("data-open", "true")
    first.locator("summary").click()
    expect(first.locator("pre")).to_contain_text("01" * 60)
    expect(lines.nth(1)).to_contain_text("至")
    expect(lines.nth(1)).to_have_attribute("data-open", "false")
    expect(lines.last).to_be_hidden()
    page.locator("#log-notices > details > summary").click()
    expect(lines.last).to_be_visible()
    expect(page.locator(".log-notices-all")).to_have_attribute("href", f"/log/{days.CODE}/notices")


@pytest.mark.requirement("R2.1")
def test_each_rate_stands_beside_its_chance_in_words_and_not_in_colour_alone(
    device: Device,
) -> None:
    page = opened(device, f"days/{days.STRANGE}")
    shown = days.show_day(days.STRANGE)
    assert isinstance(shown, dict)
    words = {"usual": "常见", "rare": "少见", "unlikely": "极少见"}
    seen = set()
    for rates in shown["rates"]:
        body = page.locator(f".rates[data-by={rates['by']}] tbody tr")
        expect(body).to_have_count(len(rates["rows"]))
        for place, row in enumerate(rates["rows"]):
            said = body.nth(place).inner_text() if rates["by"] != "lane" else ""
            if said:
                assert f"{row['won']:,}" in said
                assert f"{row['rate_ppb'] / 10**7:.3f}%" in said
                assert words.get(row["standing"], "人数少") in said
                seen.add(row["standing"])
    assert {"usual", "rare", "unlikely"} <= seen
    expect(page.locator(".rates[data-by=city] .strip-unlikely")).to_have_count(1)
    expect(page.locator(".rates[data-by=digit] h3")).to_contain_text("参与序号末位")


def test_the_chances_stand_with_their_formula_and_every_number_that_went_in(
    device: Device,
) -> None:
    page = opened(device, f"days/{days.UPCOMING}")
    expect(page.locator("#day-state")).to_contain_text("还没有开始")
    expect(page.locator(".day-sums")).to_have_count(0)
    card = page.locator("section[aria-labelledby=chances-title]")
    expect(card).to_contain_text("0.310%")
    card.locator("summary").click()
    expect(card).to_contain_text("units(tier) * 100")
    expect(card.locator("tr", has_text="余量")).to_contain_text("110")


def test_a_running_day_says_so_and_who_did_not_cosign_is_named(device: Device) -> None:
    page = opened(device, f"days/{days.RUNNING}")
    expect(page.locator("#day-state")).to_contain_text("截至 2026-02-06 12:41:08")
    witnesses = page.locator("section[aria-labelledby=log-title] .day-mark")
    expect(witnesses).to_have_text(["已联署最新检查点", "已联署最新检查点", "没有联署最新检查点"])
    expect(page.locator("section[aria-labelledby=files-title]")).to_contain_text("这一天结束")


def test_a_day_without_a_draw_is_said_and_can_be_left(device: Device) -> None:
    page = device.open("/public/#/days/20250101")
    expect(page.locator("#no-draw")).to_contain_text("这一天没有摇号")
    page.locator(".day-back a").click()
    expect(page.locator(".days-list")).to_be_visible()


def test_the_verify_page_and_the_days_lead_to_each_other(device: Device) -> None:
    page = device.open("/public/")
    page.click("#to-days")
    expect(page.locator(".days-list")).to_be_visible()
    page.locator(".public-menu a").first.click()
    expect(page.locator("#proof-file")).to_be_attached()


@pytest.mark.requirement("R1.3")
def test_a_person_sees_each_days_chance_and_number_checked_on_the_phone(
    history: Page, many: ManyDraws
) -> None:
    expect(history.locator(".drawn")).to_have_count(len(DAYS))
    assert {"miss", "win", "cut"} <= set(many.outcomes.values())
    for place, day in enumerate(sorted(DAYS, reverse=True)):
        card = history.locator(".drawn").nth(place)
        word = {"miss": "未中签", "win": "中签 15 元", "cut": "已截断"}[many.outcomes[day]]
        expect(card.locator(".drawn-head")).to_contain_text(word)
        assert card.get_attribute("data-check") in ("whole", "partly")
        expect(card).to_contain_text("30%" if many.packs[day] == 1 else "25%")
        expect(card.locator(".drawn-links a").last).to_have_attribute(
            "href", f"/public/#/days/{day}"
        )
        if day in days.STATES:
            all_of_them = days.ENTRIES[day]
            said = f"参与 {all_of_them:,}，中签 {all_of_them // 24:,}"
            expect(card.locator(".drawn-everyone")).to_contain_text(said)


def test_beside_my_number_stand_the_sums_of_the_campaign_the_address_names(
    device: Device, house: MockHouse, many: ManyDraws
) -> None:
    page = opened_history(device, house, many, "?campaign=2")
    its = {line["day"]: line for line in days.list_days(2)["days"]}
    said = [f"参与 {its[day]['entered']:,}，中签 {its[day]['won']:,}" for day in DAYS if day in its]
    assert said
    for sums in said:
        expect(page.locator(".drawn-everyone", has_text=sums)).to_have_count(1)


@pytest.mark.requirement("R1.3")
def test_the_chance_of_winning_nothing_is_that_of_exact_fractions(
    history: Page, many: ManyDraws
) -> None:
    said = history.locator("#history-odds")
    expect(said).to_contain_text(f"约有 {many.none_of_100()} 人一次也不中")
    expect(said).to_contain_text("不会让明天的机会变大或变小")


def test_a_day_whose_proof_does_not_hold_is_named_and_not_counted(
    device: Device, house: MockHouse
) -> None:
    many = ManyDraws.played()
    many.files[DAYS[0]]["outcome_receipt"] = many.files[DAYS[1]]["outcome_receipt"]
    page = opened_history(device, house, many)
    last = page.locator(".drawn").last
    expect(last).to_have_attribute("data-check", "wrong")
    expect(page.locator(".note.bad")).to_contain_text("1 天核对不通过")
    expect(page.locator("#history-odds")).to_contain_text(f"参与 {len(DAYS) - 1} 天")


def test_me_leads_to_the_history_and_the_rules_to_the_days(device: Device) -> None:
    page = device.open("/consumer/#/me", signed_in="consumer")
    expect(page.locator("#to-history")).to_have_attribute("href", "#/history")
    page = device.open("/consumer/#/rules")
    expect(page.locator("#to-days")).to_have_attribute("href", "/public/#/days")


def test_the_public_days_are_those_of_the_campaign_the_address_names(device: Device) -> None:
    page = device.open("/public/?campaign=2#/days")
    (line,) = [each for each in days.list_days(2)["days"] if each["day"] == days.CLOSED]
    assert line["entered"] != days.ENTRIES[days.CLOSED]
    expect(page.locator(".days-list")).to_contain_text(f"参与 {line['entered']:,}")
    with page.expect_request("**/api/v1/public/days/*") as asked:
        page.get_by_role("link", name="2026-02-04").click()
    assert asked.value.url.endswith(f"/{days.CLOSED}?campaign=2")


def test_a_campaign_that_does_not_exist_is_called_that(device: Device) -> None:
    page = device.open("/public/?campaign=9#/days")
    expect(page.locator("main")).to_contain_text(Refusal.UNKNOWN_CAMPAIGN.zh)


def test_whoever_looks_at_one_campaign_is_led_to_its_public_days(device: Device) -> None:
    page = device.open("/consumer/?campaign=2#/rules")
    expect(page.locator("#to-days")).to_have_attribute("href", "/public/?campaign=2#/days")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_on_the_days(device: Device, address: str, lang: str) -> None:
    page = opened(device, address, lang=lang)
    for summary in page.locator("summary").all():
        summary.click()
    assert findings(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing_on_the_history(
    device: Device, house: MockHouse, many: ManyDraws, lang: str
) -> None:
    page = opened_history(device, house, many, lang=lang)
    assert findings(page) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("address", ["days", f"days/{days.STRANGE}"])
def test_no_day_runs_over_the_edge_at_320_pixels(
    device: Device, address: str, lang: str, size: str
) -> None:
    page = opened(device, address, width=320, height=568, lang=lang, size=size)
    assert overflow(page) <= 0


@pytest.mark.parametrize("size", SIZES)
def test_no_history_runs_over_the_edge_at_320_pixels(
    device: Device, house: MockHouse, many: ManyDraws, size: str
) -> None:
    page = opened_history(device, house, many, width=320, height=568, size=size)
    assert overflow(page) <= 0
