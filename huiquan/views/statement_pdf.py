"""A statement as a page to print and file.  结算单打印页

The letters are set in STSong-Light, the Song face that every PDF reader knows by name (Adobe's
Asian fonts), so no font file travels with the house or with the page.
"""

from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from huiquan.domain.money import yuan
from huiquan.views.statement_sums import KEPT_HEADERS, NOTES, facts, kept_rows, sum_lines
from huiquan.views.statement_workbook import moment
from huiquan.views.statements import Statement

FONT = "STSong-Light"
GRID = colors.HexColor("#9AA5B1")
HEAD = colors.HexColor("#DCE6F1")
ORDERS = ("序号", "核销时间", "付款单号", "门店", "订单金额", "立减金", "清算前退回", "应付")
ORDER_WIDTHS = (10, 32, 36, 30, 19, 15, 19, 19)
KEPT_WIDTHS = (26, 31, 36, 28, 19, 24, 16)
STORE_LETTERS, REF_LETTERS = 9, 22


def statement_pdf(one: Statement) -> bytes:
    """The page: head, how the sum comes about, every order, notes. Two bytes alike are one page."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=18 * mm,
        title=f"结算单 {one.settlement.ref}",
        author="惠券 huiquan",
        invariant=1,
    )
    title = ParagraphStyle("title", fontName=FONT, fontSize=15, leading=22, wordWrap="CJK")
    note = ParagraphStyle("note", fontName=FONT, fontSize=8.5, leading=13, wordWrap="CJK")
    parts: list[Flowable] = [
        Paragraph(_text(f"{one.campaign_zh} 结算单"), title),
        Spacer(1, 3 * mm),
        _table(list(facts(one)), (40, 140), head=False),
        Spacer(1, 4 * mm),
        _table(
            [(_short(name, 44), yuan(amount_fen)) for name, _, amount_fen in sum_lines(one)],
            (140, 40),
            head=False,
            is_sum=True,
        ),
        Spacer(1, 4 * mm),
        _table([ORDERS, *_orders(one)], ORDER_WIDTHS, head=True),
        Spacer(1, 4 * mm),
        *_kept(one),
        *[Paragraph(_text(line), note) for line in NOTES],
    ]
    page.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _orders(one: Statement) -> list[tuple[str, ...]]:
    rows = [
        (
            str(number),
            moment(order.redeemed_at),
            _end(order.payment_ref),
            _short(order.store, STORE_LETTERS),
            yuan(order.order_fen),
            yuan(order.discount_fen),
            yuan(order.returned_fen),
            yuan(order.due_fen),
        )
        for number, order in enumerate(one.orders, start=1)
    ]
    return [*rows, ("", "", "", "", "", "", "合计", yuan(one.settlement.payable_fen))]


def _kept(one: Statement) -> list[Flowable]:
    """What was kept for earlier debts, one a line; nothing where nothing was."""
    if not one.kept:
        return []
    rows = [
        (_short(why, STORE_LETTERS), _short(store, STORE_LETTERS), _end(ref), *rest)
        for why, store, ref, *rest in kept_rows(one)
    ]
    return [_table([KEPT_HEADERS, *rows], KEPT_WIDTHS, head=True), Spacer(1, 4 * mm)]


def _table(
    rows: list[tuple[str, ...]], widths: tuple[int, ...], *, head: bool, is_sum: bool = False
) -> Table:
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), FONT, 9),
        ("GRID", (0, 0), (-1, -1), 0.4, GRID),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    if head:
        style += [("BACKGROUND", (0, 0), (-1, 0), HEAD), ("ALIGN", (4, 1), (-1, -1), "RIGHT")]
        style += [("FONT", (0, 0), (-1, -1), FONT, 8)]
    if is_sum:
        style += [("ALIGN", (1, 0), (1, -1), "RIGHT"), ("BACKGROUND", (0, -1), (-1, -1), HEAD)]
    columns = [width * mm for width in widths]
    return Table(rows, columns, repeatRows=1 if head else 0, style=TableStyle(style))


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _end(ref: str) -> str:
    """A payment's number; of a long one its end, by which shopkeepers tell them apart."""
    return ref if len(ref) <= REF_LETTERS else f"…{ref[1 - REF_LETTERS :]}"


def _text(text: str) -> str:
    """A paragraph reads marks of its own; a name may not."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _foot(canvas: Any, page: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - 15 * mm, 10 * mm, f"第 {page.page} 页")
