"""Facts written down as payment companies and banks write them: every published shape.  账单样式

The totals that a shape carries are those of the lines it holds, lies included: a bill that is torn
is another matter than a bill that is wrong.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter

from huiquan.domain.bills import COLUMNS
from simulation.bill_facts import Fact

_WECHAT = (
    "交易时间",
    "公众账号ID",
    "商户号",
    "特约商户号",
    "设备号",
    "微信订单号",
    "商户订单号",
    "用户标识",
    "交易类型",
    "交易状态",
    "付款银行",
    "货币种类",
    "应结订单金额",
    "代金券金额",
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款类型",
    "退款状态",
    "商品名称",
    "商户数据包",
    "手续费",
    "费率",
    "订单金额",
    "申请退款金额",
    "费率备注",
)
_WECHAT_TOTALS = (
    "总交易单数",
    "应结订单总金额",
    "退款总金额",
    "充值券退款总金额",
    "手续费总金额",
    "订单总金额",
    "申请退款总金额",
)
_ALIPAY = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "商品名称",
    "创建时间",
    "完成时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "订单金额（元）",
    "商家实收（元）",
    "支付宝红包（元）",
    "集分宝（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "券核销金额（元）",
    "券名称",
    "商家红包消费金额（元）",
    "卡消费金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
    "分润（元）",
    "备注",
)
_UNIONPAY = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1),
    *(21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98),
)
_BANK = (
    *(
        "凭证号",
        "本方账号",
        "对方账号",
        "交易时间",
        "借/贷",
        "借方发生额",
        "贷方发生额",
        "对方行号",
    ),
    *("摘要", "用途", "对方单位名称", "余额", "个性化信息"),
)
OPENING_FEN = 10_000_000_00


def yuan(fen: int) -> str:
    """An amount as a bill writes it, without separators."""
    return f"{Decimal(fen).scaleb(-2):.2f}"


def _text(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def wechat(facts: Sequence[Fact]) -> bytes:
    """WeChat Pay's trade bill: UTF-8 with a mark at its head, a backtick before each value."""
    rows: list[list[str]] = [[*_WECHAT]]
    for fact in facts:
        cells = dict.fromkeys(_WECHAT, "")
        is_refund = fact.kind == "refund"
        order_fen = 0 if is_refund else fact.amount_fen + fact.paid_fen
        back_fen = -fact.amount_fen - fact.paid_fen if is_refund else 0
        cells |= {
            "交易时间": f"{fact.local:%Y-%m-%d %H:%M:%S}",
            "微信订单号": fact.serial,
            "商户订单号": fact.ref,
            "特约商户号": fact.place,
            "交易状态": "REFUND" if is_refund else "SUCCESS",
            "应结订单金额": yuan(order_fen),
            "代金券金额": yuan(0 if is_refund else fact.amount_fen),
            "商户退款单号": fact.sub,
            "退款金额": yuan(back_fen),
            "充值券退款金额": yuan(-fact.amount_fen if is_refund else 0),
            "商品名称": "年货,礼盒",
            "订单金额": yuan(order_fen),
            "申请退款金额": yuan(back_fen),
        }
        rows.append([f"`{cells[name]}" for name in _WECHAT])
    columns = {name: place for place, name in enumerate(_WECHAT)}

    def total(name: str) -> str:
        return f"`{sum((Decimal(row[columns[name]][1:]) for row in rows[1:]), Decimal(0)):.2f}"

    refunded = [total("退款金额"), total("充值券退款金额")]
    sums = [f"`{len(facts)}", total("应结订单金额"), *refunded, "`0.00", total("订单金额")]
    rows += [[*_WECHAT_TOTALS], [*sums, total("申请退款金额")]]
    return b"\xef\xbb\xbf" + _text(rows).encode()


def alipay(facts: Sequence[Fact]) -> bytes:
    """Alipay's business detail: GBK, comments around the lines, a tab after each value."""
    day = min((fact.day for fact in facts), default=date(2026, 2, 6))
    rule = (
        "#-----------------------------------------业务明细列表{}----------------------------------"
    )
    rows = []
    for fact in facts:
        cells = dict.fromkeys(_ALIPAY, "")
        cells |= {
            "支付宝交易号": fact.serial,
            "商户订单号": fact.ref,
            "业务类型": "退款" if fact.kind == "refund" else "交易",
            "商品名称": "年货",
            "创建时间": f"{fact.local:%Y-%m-%d %H:%M:%S}",
            "完成时间": f"{fact.local:%Y-%m-%d %H:%M:%S}",
            "门店编号": fact.place,
            "订单金额（元）": yuan(fact.amount_fen + fact.paid_fen),
            "商家实收（元）": yuan(fact.amount_fen + fact.paid_fen),
            "券核销金额（元）": yuan(fact.amount_fen),
            "退款批次号/请求号": fact.sub,
        }
        rows.append([f"{cells[name]}\t" for name in _ALIPAY])
    sums = {
        kind: (
            sum(fact.kind == kind for fact in facts),
            yuan(sum(fact.amount_fen + fact.paid_fen for fact in facts if fact.kind == kind)),
        )
        for kind in ("redeem", "refund")
    }
    text = "\r\n".join(
        (
            *("#支付宝业务明细查询", "#账号：[20880000000000000156]"),
            f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{day:%Y年%m月%d日} 24:00:00]",
            *(rule.format(""), ",".join(_ALIPAY), _text(rows).rstrip("\r\n"), rule.format("结束")),
            "#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元".format(*sums["redeem"]),
            "#退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元".format(*sums["refund"]),
            f"#导出时间：[{day:%Y年%m月%d日} 09:00:00]",
        )
    )
    return (text + "\r\n").encode("gb18030")


def unionpay(facts: Sequence[Fact]) -> bytes:
    """UnionPay's merchant file: columns of fixed width in GBK, amounts in fen without a sign."""
    lines = []
    for fact in facts:
        is_refund = fact.kind == "refund"
        sign = -1 if is_refund else 1
        cells = {
            1: "S30" if is_refund else "S22",
            5: f"{fact.local:%m%d%H%M%S}",
            7: _padded(sign * (fact.amount_fen + fact.paid_fen), 12),
            10: fact.serial if is_refund else fact.ref,
            12: fact.sub,
            27: fact.ref if is_refund else "",
            28: fact.place,
            36: _padded(sign * fact.amount_fen, 13),
        }
        raw = [
            cells.get(number, "").encode("gb18030").ljust(width)
            for number, width in enumerate(_UNIONPAY, start=1)
        ]
        lines.append(b" ".join(raw))
    return b"".join(line + b"\r\n" for line in lines)


def _padded(fen: int, width: int) -> str:
    """Fen as UnionPay writes them: C and zeros; a lie about the sign shows as one."""
    digits = str(abs(fen))
    if fen < 0:
        return "-" + digits.rjust(width - 1, "0")
    return digits.rjust(width, "0") if width == 12 else "C" + digits.rjust(width - 1, "0")


def house(facts: Sequence[Fact]) -> bytes:
    """The daily bill in our own shape: a refund's amounts are what came back, without a sign."""
    rows: list[Sequence[str]] = [COLUMNS]
    for fact in facts:
        sign = -1 if fact.kind == "refund" else 1
        sums = (fact.amount_fen + fact.paid_fen, fact.amount_fen, fact.paid_fen)
        rows.append(
            (
                *(fact.kind, fact.ref, fact.sub, fact.place, ""),
                *(str(sign * fen) for fen in sums),
                fact.local.isoformat(),
            )
        )
    return _text(rows).encode()


def bank_rows(facts: Sequence[Fact]) -> list[list[str | Decimal]]:
    """A statement of an account, oldest first, with running balance and totals."""
    rows: list[list[str | Decimal]] = [["账户明细"], [*_BANK]]
    balance_fen, spent_fen, got_fen = OPENING_FEN, 0, 0
    for fact in sorted(facts, key=lambda one: one.at):
        balance_fen += fact.amount_fen
        spent_fen += max(0, -fact.amount_fen)
        got_fen += max(0, fact.amount_fen)
        note = {"fee": "对公账户手续费", "interest": "季度结息"}.get(fact.kind, "转账")
        rows.append(
            [
                *(fact.serial, "4200000001", "", f"{fact.local:%Y-%m-%d %H:%M:%S}"),
                "借" if fact.kind in ("out", "fee") else "贷",
                *(_cell(max(0, -fact.amount_fen)), _cell(max(0, fact.amount_fen)), "", note),
                *(f"消费券清算 {fact.ref}" if fact.ref else "", fact.place, _cell(balance_fen), ""),
            ]
        )
    rows.append(["合计", "", "", "", "", _cell(spent_fen), _cell(got_fen), "", "", "", "", "", ""])
    return rows


def _cell(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def icbc(facts: Sequence[Fact]) -> bytes:
    """A bank's statement as a workbook: amounts are numbers, times are text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("明细")
    for number, row in enumerate(bank_rows(facts)):
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, cell)
    book.close()
    return out.getvalue()


def icbc_csv(facts: Sequence[Fact]) -> bytes:
    """The same statement as text in GBK, with thousands separators and tabs."""
    rows = [
        [f"{cell:,.2f}\t" if isinstance(cell, Decimal) else f"{cell}\t" for cell in row]
        for row in bank_rows(facts)
    ]
    return _text(rows).encode("gb18030")


SHAPES: Mapping[str, Callable[[Sequence[Fact]], bytes]] = {
    "wechat": wechat,
    "alipay": alipay,
    "unionpay": unionpay,
    "house": house,
    "icbc": icbc,
    "icbc-csv": icbc_csv,
}
"""How to write facts, by the code of the mapping that reads them."""
