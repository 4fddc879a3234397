"""The table of errors is one: data, endpoint and page say the same."""

import re

from huiquan.domain.acquirer_errors import ADVICE, Retry
from huiquan.domain.refusals import Refusal
from tests.acquirer.documents import PAGE, error_table, sandbox_table
from tests.houses import make_house, visit


def test_the_page_shows_the_tables_as_they_follow_from_the_data() -> None:
    page = PAGE.read_text()
    assert error_table() in page
    assert sandbox_table() in page


def test_every_advice_is_a_sentence_in_both_languages_and_stands_once() -> None:
    assert len({one.code for one in ADVICE}) == len(ADVICE)
    for one in ADVICE:
        assert one.zh.endswith("。")
        assert re.search(r"[A-Za-z]", one.en)
        assert one.en.endswith(".")
        assert (one.after_s == 0) or one.retry is not Retry.NO
    passing = {Refusal.BUSY, Refusal.TOO_MANY_REQUESTS}
    assert all(one.retry is Retry.SAME for one in ADVICE if one.code in passing)


async def test_the_table_is_given_to_anyone_who_asks(database: object) -> None:
    house = make_house(database)  # type: ignore[arg-type]
    async with visit(house) as client:
        told = (await client.get("/acquirer/v1/errors")).json()["items"]
    assert [one["code"] for one in told] == [one.code.value for one in ADVICE]
    assert all(one["status"] == Refusal(one["code"]).status for one in told)
