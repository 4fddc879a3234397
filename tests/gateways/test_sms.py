"""SMS: a text is handed over once, and a newcomer can read it."""

from collections.abc import AsyncIterator

import pytest

from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.sms import HttpSms, Text, connect_sms
from tests.gateways.conftest import get, post, set_mood

pytestmark = pytest.mark.slow


@pytest.fixture
async def sms(sms_url: str) -> AsyncIterator[HttpSms]:
    connected = connect_sms(sms_url, timeout_s=1.0)
    yield connected
    await connected.close()


def inbox(sms_url: str, phone: str) -> list[str]:
    return [item["text"] for item in get(sms_url + "/inbox", phone=phone).json()["items"]]


async def test_a_text_arrives_newest_first(sms: HttpSms, sms_url: str) -> None:
    await sms.send("13800000001", "验证码 042117，5 分钟内有效。")
    await sms.send("13800000001", "验证码 731954，5 分钟内有效。")
    assert inbox(sms_url, "13800000001") == [
        "验证码 731954，5 分钟内有效。",
        "验证码 042117，5 分钟内有效。",
    ]
    assert inbox(sms_url, "13800000009") == []


async def test_a_newcomer_reads_his_code_on_a_page(sms: HttpSms, sms_url: str) -> None:
    await sms.send("13800000002", "验证码 <b>117</b>")
    page = get(sms_url, phone="13800000002")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "13800000002" in page.text
    assert "验证码 &lt;b&gt;117&lt;/b&gt;" in page.text
    assert "13800000001" not in page.text


def test_a_text_handed_over_twice_arrives_once(sms_url: str) -> None:
    body = {"message": "m1", "phone": "13800000003", "text": "一次"}
    for _ in range(2):
        post(sms_url + "/messages", body).raise_for_status()
    assert inbox(sms_url, "13800000003") == ["一次"]


async def test_many_texts_are_handed_over_at_once_each_under_its_number(
    sms: HttpSms, sms_url: str
) -> None:
    texts = [Text(number=f"n{at}", phone=f"1380000010{at}", text_zh=f"第{at}条") for at in range(3)]
    for _ in range(2):
        assert await sms.send_all(texts) == {"n0", "n1", "n2"}
    for at in range(3):
        assert inbox(sms_url, f"1380000010{at}") == [f"第{at}条"]


@pytest.mark.parametrize("mood", [{"outage_rate": 1}, {"wrong_rate": 1}])
async def test_nobody_guesses_which_of_many_texts_were_taken(
    sms: HttpSms, sms_url: str, mood: dict[str, float]
) -> None:
    set_mood(sms_url, **mood)
    with pytest.raises(OutsiderFault):
        await sms.send_all([Text(number="lost", phone="13800000005", text_zh="没有送到")])
    assert inbox(sms_url, "13800000005") == []


async def test_a_text_that_was_not_taken_is_a_fault(sms: HttpSms, sms_url: str) -> None:
    set_mood(sms_url, outage_rate=1)
    with pytest.raises(OutsiderFault, match="sms: status 503"):
        await sms.send("13800000004", "没有送到")
    set_mood(sms_url, wrong_rate=1)
    with pytest.raises(OutsiderFault, match="unreadable"):
        await sms.send("13800000004", "没有送到")
    assert inbox(sms_url, "13800000004") == []


def test_the_outsider_says_what_it_does_not_understand(sms_url: str) -> None:
    assert post(sms_url + "/messages", {"phone": 1}).status_code == 400
    assert post(sms_url + "/control", {"mood": 1}).status_code == 400
    assert get(sms_url + "/nowhere").status_code == 404


def test_the_faults_in_force_can_be_read(sms_url: str) -> None:
    post(sms_url + "/control", {"latency_ms": 5})
    post(sms_url + "/control", {"wrong_rate": 0.5})
    mood = get(sms_url + "/control").json()
    assert mood == {"latency_ms": 5, "outage_rate": 0, "wrong_rate": 0.5}
