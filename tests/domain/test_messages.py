"""What a phone is told, word for word."""

from dataclasses import replace
from datetime import datetime

from huiquan.domain.days import SHANGHAI
from huiquan.domain.messages import VoucherNews, redeemed_text, won_text

NEWS = VoucherNews(
    pack_zh="餐饮大礼包",
    face_fen=20_000,
    threshold_fen=100_000,
    valid_until=datetime(2026, 2, 13, tzinfo=SHANGHAI),
)


def test_a_winner_learns_how_much_from_which_amount_on_and_until_when() -> None:
    assert won_text(NEWS) == (
        "【惠券】恭喜中签：餐饮大礼包 200.00元立减金，满1,000.00元可用，"
        "02月12日24:00前有效，请在活动页面“卡包”中使用。"
    )


def test_an_end_within_a_day_is_told_by_the_clock() -> None:
    at_eight = replace(NEWS, valid_until=datetime(2026, 2, 13, 20, 0, tzinfo=SHANGHAI))
    assert "02月13日20:00前有效" in won_text(at_eight)


def test_the_holder_of_a_redeemed_voucher_learns_where_and_how_much() -> None:
    redeemed = replace(NEWS, discount_fen=20_000, store="户部巷热干面")
    assert redeemed_text(redeemed) == (
        "【惠券】您的立减金已在户部巷热干面核销，抵扣200.00元。如非本人操作，请立即联系客服。"
    )
