"""What the bank says: each answer counts once, a contradiction moves nothing, files read or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.approvals import Approval, Given, Standing, decide_approval
from huiquan.domain.bank_answers import (
    Answer,
    Deed,
    LineFact,
    LineState,
    Outcome,
    Verdict,
    decide_answer,
    read_answers,
)
from huiquan.domain.payment_files import PayeeAccount, read_account
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from tests.tables import rows

# A line of 100 fen, paid (where it was) under B1. What the bank says, and what comes of it.
ANSWERS = rows("""
    line       says      amount  number  taken  deed      verdict
    waiting    paid      100     B1      no     pay       booked
    waiting    paid      99      B1      no     nothing   other_amount
    waiting    paid      100     B1      yes    nothing   bank_ref_used
    waiting    failed    100     -       no     bounce    booked
    waiting    returned  100     R1      no     bounce    booked
    waiting    failed    101     -       no     nothing   other_amount
    paid       paid      100     B1      no     nothing   booked
    paid       paid      100     B2      no     nothing   other_bank_ref
    paid       failed    100     -       no     nothing   failed_after_payment
    paid       returned  100     R1      no     pay_back  booked
    paid       returned  99      R1      no     nothing   other_amount
    bounced    failed    100     -       no     nothing   booked
    bounced    returned  100     R1      no     nothing   booked
    bounced    paid      100     B1      no     nothing   booked
    bounced    paid      100     B2      no     nothing   paid_after_bounce
    withdrawn  paid      100     B1      no     nothing   unknown_line
    none       paid      100     B1      no     nothing   unknown_line
""")

# Who approved before, who approves now; one of the two has to be of the department.
APPROVALS = rows("""
    before                    now              outcome
    -                         1:operator       one_more
    -                         1:supervisor     one_more
    1:operator                2:supervisor     complete
    1:supervisor              2:operator       complete
    1:supervisor              2:supervisor     complete
    1:operator                1:operator       already_approved_by_you
    1:supervisor              1:supervisor     already_approved_by_you
    1:operator                2:operator       supervisor_needed
    -                         3:city_supervisor  forbidden
    1:operator                3:city_supervisor  forbidden
""")

GOOD = "客户流水号,金额,处理结果,银行流水号,失败原因\r\n"
FILES = (
    (GOOD + "20260220-17-direct,100.00,成功,B1,\r\n", [("paid", 10_000)]),
    ("批次,HQ1\r\n" + GOOD + "a,0.01,失败,,户名不符\r\n", [("failed", 1)]),
    (GOOD + "a,1,成功,B1,\r\nb,1,退汇,R1,\r\n", [("paid", 100), ("returned", 100)]),
    ("处理结果,金额,客户流水号,失败原因,银行流水号,备注\r\n成功,5,a,,B1,x\r\n", [("paid", 500)]),
    (GOOD + "\r\na,1,成功,B1,\r\n,,,,\r\n", [("paid", 100)]),
    (GOOD, None),
    ("", None),
    ("客户流水号,金额\r\na,1\r\n", None),
    (GOOD + "a,1,也许,B1,\r\n", None),
    (GOOD + "a,1,成功,,\r\n", None),
    (GOOD + ",1,成功,B1,\r\n", None),
    (GOOD + "a,-1,成功,B1,\r\n", None),
    (GOOD + "a,1.001,成功,B1,\r\n", None),
    (GOOD + "a,1,成功," + "B" * 65 + ",\r\n", None),
    (GOOD + 'a,1,成功,"B\n1",\r\n', None),
)  # fmt: skip


def fact(case: dict[str, str]) -> LineFact | None:
    if case["line"] == "none":
        return None
    was_paid = case["line"] == "paid" or (case["line"] == "bounced" and case["says"] == "paid")
    return LineFact(
        state=LineState(case["line"]),
        amount_fen=100,
        bank_ref="B1" if was_paid else None,
        is_ref_taken=case["taken"] == "yes",
    )


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: " ".join(case.values()))
def test_an_answer_does_to_its_line_what_the_table_says(case: dict[str, str]) -> None:
    answer = Answer(
        ref="x",
        outcome=Outcome(case["says"]),
        amount_fen=int(case["amount"]),
        bank_ref=case["number"],
        reason="x",
    )
    deed, verdict = decide_answer(fact(case), answer)
    assert (deed.value, verdict.value) == (case["deed"], case["verdict"])


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.sampled_from("AB")), max_size=30))
def test_whatever_the_bank_says_in_whatever_order_money_leaves_once_and_comes_back_once(
    said: list[tuple[Outcome, str]],
) -> None:
    line = LineFact(state=LineState.WAITING, amount_fen=100, bank_ref=None)
    out, back = 0, 0
    for outcome, number in said:
        answer = Answer(ref="x", outcome=outcome, amount_fen=100, bank_ref=number, reason="x")
        deed, verdict = decide_answer(line, answer)
        assert deed is Deed.NOTHING or verdict is Verdict.BOOKED
        if deed is Deed.PAY:
            out += 1
            line = LineFact(state=LineState.PAID, amount_fen=100, bank_ref=number)
        elif deed is not Deed.NOTHING:
            back += deed is Deed.PAY_BACK
            line = LineFact(state=LineState.BOUNCED, amount_fen=100, bank_ref=line.bank_ref)
    assert 0 <= back <= out <= 1
    assert (out - back == 1) == (line.state is LineState.PAID)


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", APPROVALS, ids=lambda case: " ".join(case.values()))
def test_two_different_people_approve_and_one_is_of_the_department(case: dict[str, str]) -> None:
    before, now = case["before"].split(","), approval(case["now"])
    given_now = decide_approval(
        Standing(
            earlier=[approval(one) for one in before if one],
            staff_id=now.staff_id,
            role=now.role,
        )
    )
    if isinstance(given_now, Given):
        assert ("complete" if given_now.is_complete else "one_more") == case["outcome"]
    else:
        assert given_now.value == case["outcome"]


def test_nobody_at_the_console_approves() -> None:
    stranger = Standing(earlier=[], staff_id=7, role=None)
    assert decide_approval(stranger) is Refusal.FORBIDDEN


def approval(text: str) -> Approval:
    staff_id, role = text.split(":")
    return Approval(staff_id=int(staff_id), role=Role(role))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("text", "expected"), FILES)
def test_an_answer_file_is_read_whole_or_not_at_all(
    text: str, expected: list[tuple[str, int]] | None, codec: str
) -> None:
    answers = read_answers(text.encode(codec))
    if expected is None:
        assert answers is Refusal.BAD_BANK_FILE
    else:
        assert not isinstance(answers, Refusal)
        assert [(one.outcome.value, one.amount_fen) for one in answers] == expected


@given(st.binary(max_size=400))
def test_any_bytes_are_answered_without_a_fault(raw: bytes) -> None:
    assert read_answers(raw) is Refusal.BAD_BANK_FILE or isinstance(read_answers(raw), list)


ACCOUNT = PayeeAccount(
    account_no="42001234567890",
    account_name="武汉某餐饮有限公司",
    bank_name="中国银行武汉分行",
    bank_code="104521000017",
)
WRONG_FIELDS = (
    ("account_no", "1234"),
    ("account_no", "4200123456789X"),
    ("bank_code", "10452100001"),
    ("account_name", ""),
    ("account_name", "=1+1"),
    ("account_name", "甲,乙"),
    ("account_name", "甲\n乙"),
    ("bank_name", " 中国银行"),
    ("bank_name", "行" * 61),
)


@pytest.mark.parametrize(("name", "value"), WRONG_FIELDS)
def test_an_account_that_cannot_stand_in_a_banks_file_is_refused(name: str, value: str) -> None:
    fields = {key: getattr(ACCOUNT, key) for key in PayeeAccount.__dataclass_fields__}
    assert read_account(ACCOUNT) is ACCOUNT
    assert read_account(PayeeAccount(**{**fields, name: value})) is Refusal.BAD_ACCOUNT
