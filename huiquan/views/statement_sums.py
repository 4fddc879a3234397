"""How the sum of a statement comes about, line by line, as a shopkeeper reads it.  结算说明"""

from huiquan.domain.acquirers import rail_name
from huiquan.domain.days import SHANGHAI
from huiquan.domain.money import yuan
from huiquan.domain.settlement import DIRECT
from huiquan.views.statements import Statement

STATES_ZH = {
    "settled": "已清算，待付款",
    "in_file": "付款中",
    "paid": "已付款",
    "bounced": "退汇，转入下一张结算单",
}
KEPT_HEADERS = (
    "扣款事由",
    "门店",
    "付款单号",
    "发生时间",
    "退货金额",
    "应退回专用账户",
    "本次扣回",
)


def rail_zh(rail: str) -> str:
    """A rail as shopkeepers call it."""
    return "收银员核销" if rail == DIRECT else rail_name(rail)[0]


def kept_rows(one: Statement) -> list[tuple[str, ...]]:
    """Each debt that was kept from this payment, as `KEPT_HEADERS` names its cells."""
    return [
        (
            "清算后退货" if debt.goods_fen is not None else "重复付款",
            debt.store or "–",
            debt.payment_ref or debt.ref,
            debt.arose_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            yuan(debt.goods_fen) if debt.goods_fen is not None else "–",
            yuan(debt.owed_fen),
            yuan(debt.kept_fen),
        )
        for debt in one.kept
    ]


def sum_lines(one: Statement) -> list[tuple[str, str, int]]:
    """Each step from the vouchers to the payment: zh, en, fen; what is taken off below zero."""
    settlement = one.settlement
    redeemed_fen = sum(order.discount_fen for order in one.orders)
    returned_fen = sum(order.returned_fen for order in one.orders)
    count = len(one.orders)
    orders = "1 order" if count == 1 else f"{count} orders"
    again = f"（{'、'.join(one.carried_refs)}）" if one.carried_refs else ""
    return [
        (f"本单核销 {count} 笔，立减金合计", f"Vouchers of {orders}", redeemed_fen),
        (
            "减：清算前顾客退货，退回专用账户",
            "less goods returned before settlement",
            -returned_fen,
        ),
        ("本单应付", "due for these orders", settlement.payable_fen),
        (
            f"加：此前退汇、未付到账的款项{again}",
            "plus earlier payments that came back",
            settlement.carried_fen,
        ),
        (
            "减：清算后退货等应退款项，从本次付款中扣回",
            "less what was owed to the fund",
            -settlement.recovered_fen,
        ),
        ("本次付款金额", "This payment", settlement.amount_fen),
    ]


def facts(one: Statement) -> list[tuple[str, str]]:
    """What stands at the head of a statement: name and value."""
    settlement = one.settlement
    account = f"尾号 {one.account_end}" if one.account_end else "未登记或未付款"
    return [
        ("结算单号", settlement.ref),
        ("商户", settlement.merchant),
        ("统一社会信用代码", one.uscc),
        ("支付通道", rail_zh(settlement.rail)),
        ("状态", STATES_ZH[settlement.state]),
        ("收款账户", account),
        ("银行流水号", settlement.bank_ref or "–"),
    ]


NOTES = (
    "每张立减金由专用账户承担的金额就是“立减金”一列；顾客实付部分已在收银时收取，不在本单中。",
    "清算前的退货已从该笔核销中减去；清算后的退货从以后的付款中扣回，逐笔列明，不足部分下次再扣。",
    "对任何一笔有疑问，请在商户端的“结算单”页面对该笔提出异议，答复会显示在同一页面。",
)
