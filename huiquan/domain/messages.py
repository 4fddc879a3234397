"""Messages: what a consumer's phone is told, in one short Chinese text.  短信内容

A text never carries a code, a link or a full name: what it says can be read over a shoulder.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.domain.days import SHANGHAI
from huiquan.domain.money import yuan


@dataclass(frozen=True, kw_only=True)
class VoucherNews:
    """What a message about a voucher needs: its pack, terms and end; discount once redeemed."""

    pack_zh: str
    face_fen: int
    threshold_fen: int
    valid_until: datetime
    discount_fen: int | None = None
    store: str | None = None


def won_text(news: VoucherNews) -> str:
    """You won: how much, from which amount on, until when."""
    until = news.valid_until.astimezone(SHANGHAI)
    last = f"{until:%m月%d日%H:%M}" if (until.hour, until.minute) != (0, 0) else _midnight(until)
    return (
        f"【惠券】恭喜中签：{news.pack_zh} {yuan(news.face_fen)}元立减金，"
        f"满{yuan(news.threshold_fen)}元可用，{last}前有效，请在活动页面“卡包”中使用。"
    )


def redeemed_text(news: VoucherNews) -> str:
    """Your voucher was redeemed: where and how much; who did not do it learns it at once."""
    assert news.discount_fen is not None, "a redeemed voucher has its discount"
    return (
        f"【惠券】您的立减金已在{news.store}核销，抵扣{yuan(news.discount_fen)}元。"
        "如非本人操作，请立即联系客服。"
    )


def _midnight(until: datetime) -> str:
    """24:00 of the day before, as people say it."""
    last = until.date().fromordinal(until.toordinal() - 1)
    return f"{last:%m月%d日}24:00"
