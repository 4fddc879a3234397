"""What people read before they agree."""

from dataclasses import replace

import pytest

from huiquan.domain.notices import personal_information_notice
from tests.domain.campaigns import campaign


@pytest.mark.requirement("R1.1")
def test_the_notice_names_what_is_processed_for_what_and_how_to_revoke() -> None:
    zh, en = personal_information_notice(campaign())
    for words in (
        "姓名、证件号码、手机号",
        "每次摇号时的位置",
        "不保存精确坐标",
        "撤回同意",
        "2026-01",
    ):
        assert words in zh
    for words in ("document number", "each time you draw", "never the exact point", "revoke"):
        assert words in en


def test_a_campaign_that_locates_once_says_so() -> None:
    rulebook = campaign()
    once = replace(rulebook, location=replace(rulebook.location, at_draw=False))
    zh, en = personal_information_notice(once)
    assert "报名时的位置" in zh
    assert "each time" not in en
