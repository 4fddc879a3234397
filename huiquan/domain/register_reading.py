"""Reading the files of a register, strictly: one head, one spelling of a number.  读取台账文件"""

import csv
from collections.abc import Callable, Iterator

Lines = Callable[[str], Iterator[bytes]]
"""Gives the raw lines of a file by its name, each with its line break."""

HEADS = {
    "transfers": "lane,no,kind,debit,debit_lane,debit_holder,credit,credit_lane,credit_holder,"
    "amount_fen,ref,idx,day,booked_at",
    "links": "lane,link_no,first_no,next_no,prev_hash,link_hash,closed_at",
    "books": "lane,next_no,linked_no,link_hash",
    "balances": "lane,account,holder,amount_fen",
    "tranches": "tranche_no,planned_fen,due_on,payer,payer_account,planned_by,planned_at,bank_ref,"
    "received_fen,received_by,received_at",
    "compensations": "bank_ref,amount_fen,payer,reason,redemption,booked_by,booked_at",
    "repayments": "bank_ref,merchant_id,amount_fen,booked_by,booked_at",
    "shares": "closing_no,state,tranche_no,amount_fen,bank_ref,returned_by,returned_at",
    "pledges": "pledge_id,funder,merchant_id,pledged_fen,document,recorded_by,recorded_at",
    "merchants": "merchant_id,name,uscc",
    "settlements": "settlement_id,merchant_id,day,payable_fen,recovered_fen,amount_fen,state,"
    "settled_at,bank_ref,paid_at,carried_fen",
    "vouchers": "lane,idx,serial,day,pack,tier,face_fen,threshold_fen,city,state,issued_at,"
    "valid_until",
    "redemptions": "lane,idx,lock_no,day,store_id,merchant_id,city,payment_ref,order_fen,"
    "platform_offer_fen,merchant_offer_fen,net_fen,discount_fen,refunded_fen,returned_fen,"
    "settlement_id,redeemed_at",
    "refunds": "lane,idx,lock_no,refund_no,amount_fen,to_consumer_fen,to_fund_fen,late,day,"
    "refunded_at",
}


class MistakeError(Exception):
    """What is wrong with a register: the file, the line counted from 1 (0: the file), and why."""

    def __init__(self, file: str, line: int, zh: str, en: str) -> None:
        super().__init__(f"{file}:{line}: {en}")
        self.file, self.line, self.zh, self.en = file, line, zh, en


def table(lines: Lines, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with their line numbers. Raises MistakeError for another form."""
    file = f"{name}.csv"
    try:
        reader = csv.reader((line.decode() for line in lines(file)), strict=True)
        head = next(reader, [])
        if ",".join(head) != HEADS[name]:
            raise MistakeError(file, 1, "表头不对", "not the head of this table")
        for row in reader:
            if len(row) != len(head):
                raise MistakeError(
                    file, reader.line_num, "列数不对", "not as many columns as the head"
                )
            yield reader.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise MistakeError(file, 0, "不是规定的 CSV 格式", str(error)) from error


def number(text: str, name: str, line: int) -> int:
    """A whole number in its one spelling. Raises MistakeError for any other."""
    value = int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None
    if value is None or str(value) != text:
        raise MistakeError(
            f"{name}.csv", line, f"不是整数：{text}", f"not a whole number: {text!r}"
        )
    return value
