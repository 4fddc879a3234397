"""Drills behind the till: settlement, payment files, the fund, the draw, the register.  资金演练"""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.ask_account import ask_account
from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.count_fund import count_fund
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.link_ledger import link_ledger
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.actions.plan_tranche import TrancheAsked, plan_tranche
from huiquan.actions.release_day import release_day
from huiquan.actions.repay_debt import repay_debt
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.db.payment_files import FileRow
from huiquan.domain.account_requests import AccountRequest
from huiquan.domain.bank_answers import Answer, Outcome
from huiquan.domain.days import day_number, day_of
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.register_verification import verify_register
from huiquan.gateways.faults import OutsiderFault
from huiquan.views.account_requests import request_of
from huiquan.views.register_folder import write_folder
from huiquan.views.register_tables import open_tables
from simulation.paying import not_paid, paid, payments_in, send_file
from tests.bugs.drills_till import bought, brought_back
from tests.bugs.stage import Stage
from tests.draining import let_enter
from tests.drawn import draw_for, night, tell_everyone, wind_up


async def settled(stage: Stage) -> DaySettled:
    """Settle today."""
    done = await stage.do(settle_day(stage.app, stage.code))
    assert isinstance(done, DaySettled), done
    return done


async def sent(stage: Stage) -> FileRow:
    """Everything settled goes to the bank in a file that two people approved."""
    file = await stage.do(send_file(stage.app, stage.code, stage.place.drawn.payers))
    assert file is not None, "nothing to pay"
    return file


async def answered(stage: Stage, file: FileRow, answer: Answer) -> AnswersTaken:
    """The bank says one thing."""
    taken = await stage.do(take_bank_answers(stage.app, file.file_id, [answer], "bank"))
    assert isinstance(taken, AnswersTaken), taken
    return taken


async def two_settlements(stage: Stage) -> None:
    """Two days of settlements: refunds before and after, a payment that bounces, all asked twice.

    The first merchant is paid and then owes for goods that came back; the second one's payment
    does not arrive and is carried over. Another redemption of the same lane waits meanwhile.
    """
    place = stage.place
    one_lane = sorted(place.of_one_lane(4), key=lambda one: one.voucher.face_fen)
    first = await bought(stage, one_lane[0], "p-1")
    await brought_back(stage, first, first.quote.net_fen // 4)
    second = await bought(stage, stage.winner(), "p-2", at=place.there)
    await stage.do(night(place))
    await bought(stage, one_lane[1], "p-3")
    await bought(stage, one_lane[2], "p-4")
    await settled(stage)
    rerun = await settled(stage)
    stage.expect(rerun.merchant_count == 0, "history a day was settled twice")
    file = await sent(stage)
    mine, theirs = sorted(
        await payments_in(stage.app, file.file_id),
        key=lambda one: one.merchant_id != place.at.merchant_id,
    )
    due_fen = first.quote.discount_fen - first.quote.discount_fen // 4
    stage.expect(mine.amount_fen == due_fen, "books the bank was told to pay another sum")
    for _ in range(2):
        await answered(stage, file, paid(mine))
    await answered(stage, file, not_paid(theirs))
    await brought_back(stage, first, first.quote.net_fen // 4)
    await stage.do(night(place))
    last = await bought(stage, one_lane[3], "p-5")
    await settled(stage)
    again = await sent(stage)
    lines = {one.merchant_id: one for one in await payments_in(stage.app, again.file_id)}
    carried = lines[place.there.merchant_id]
    stage.expect(
        carried.amount_fen == second.quote.discount_fen,
        "books a bounced payment did not come again",
    )
    for one in lines.values():
        await answered(stage, again, paid(one))
    await answered(stage, again, not_paid(carried, Outcome.RETURNED))
    assert last.day == day_of(stage.house.clock.now)


async def two_settlements_counted(stage: Stage) -> None:
    """Two days of settlements, and the live balances counted when all of it has happened."""
    await two_settlements(stage)
    counted = await stage.do(count_fund(stage.app, stage.code))
    assert isinstance(counted, int), counted
    stage.house.clock.move(hours=2)


async def held_back(stage: Stage) -> None:
    """A merchant is held back before its settlement; the other one is paid."""
    place = stage.place
    await bought(stage, stage.winner(), "p-1")
    await bought(stage, stage.winner(), "p-2", at=place.there)
    asked = HoldAsked(request_key="hold-1", merchant_id=place.at.merchant_id, reason="under review")
    hold = await place_hold(stage.app, asked, "test")
    assert not isinstance(hold, Refusal), hold
    await stage.do(night(place))
    await settled(stage)
    file = await sent(stage)
    payees = {one.merchant_id for one in await payments_in(stage.app, file.file_id)}
    stage.expect(payees == {place.there.merchant_id}, "books the bank pays who is held back")
    stage.house.clock.move(hours=2)


async def one_approver(stage: Stage) -> None:
    """One person approves a payment file twice, and tries to send it."""
    payers = stage.place.drawn.payers
    await bought(stage, stage.winner(), "p-1")
    await stage.do(night(stage.place))
    await settled(stage)
    file = await draft_payment_file(stage.app, stage.code, payers.operator)
    assert isinstance(file, FileRow), file
    for _ in range(2):
        await stage.do(approve_payment_file(stage.app, file.file_id, payers.supervisor))
    moved = await stage.do(move_payment_file(stage.app, file.file_id, Move.SEND, payers.operator))
    stage.expect(
        moved is Refusal.FILE_NOT_APPROVED, "history one person alone sent a file to the bank"
    )


async def another_account(stage: Stage) -> None:
    """One person asks for another account of a merchant, and tries to confirm it alone."""
    who = stage.place.drawn.payers.operator
    await bought(stage, stage.winner(), "p-1")
    await stage.do(night(stage.place))
    await settled(stage)
    before = await request_of(stage.app, "91420100MA4KXXXX0A")
    assert isinstance(before, AccountRequest), before
    account = replace(before.account, account_no="62220000000000001")
    asked = await ask_account(stage.app, "91420100MA4KXXXX0A", account, who)
    assert isinstance(asked, AccountRequest), asked
    alone = await stage.do(
        confirm_account(stage.app, asked.request_id, asked.account.account_no, who)
    )
    stage.expect(
        alone is Refusal.ALREADY_APPROVED_BY_YOU, "history one person changed an account alone"
    )
    file = await sent(stage)
    (line,) = await payments_in(stage.app, file.file_id)
    stage.expect(
        line.account == before.account, "books the bank is told an account nobody confirmed"
    )


async def wrong_answer(stage: Stage) -> None:
    """The bank says that it paid a fen more than it was told."""
    await bought(stage, stage.winner(), "p-1")
    await stage.do(night(stage.place))
    await settled(stage)
    file = await sent(stage)
    (line,) = await payments_in(stage.app, file.file_id)
    said = Answer(
        ref=line.ref,
        outcome=Outcome.PAID,
        amount_fen=line.amount_fen + 1,
        bank_ref="BANK-1",
        reason="",
    )
    taken = await answered(stage, file, said)
    stage.expect(taken.paid_count == 0, "books the bank's sum is not ours")


def province(due_on: date) -> TrancheAsked:
    """Ten thousand yuan of the province, due on this day."""
    return TrancheAsked(
        request_key="tranche-2",
        planned_fen=1_000_000,
        due_on=due_on,
        payer="省商务厅",
        payer_account="42001",
    )


async def money_comes_in(stage: Stage) -> None:
    """A tranche arrives under two references; the platform makes good more than it cost."""
    when = day_of(stage.house.clock.now) + timedelta(days=30)
    number = await plan_tranche(stage.app, stage.code, province(when), "test")
    assert isinstance(number, int), number
    await stage.do(
        fund_campaign(stage.app, stage.code, 1_000_000, "T-1", "test", tranche_no=number)
    )
    twice = await stage.do(
        fund_campaign(stage.app, stage.code, 1_000_000, "T-2", "test", tranche_no=number)
    )
    stage.expect(twice is Refusal.TRANCHE_RECEIVED, "history a tranche arrived twice")
    sold = await bought(stage, stage.winner(), "p-1")
    made_good = Compensation(
        amount_fen=sold.quote.discount_fen,
        bank_ref="C-1",
        payer="平台",
        reason="unlawful",
        redemption=sold.redemption_id,
    )
    await stage.do(compensate_fund(stage.app, stage.code, made_good, "test"))
    more = Compensation(
        amount_fen=1,
        bank_ref="C-2",
        payer="平台",
        reason="unlawful",
        redemption=sold.redemption_id,
    )
    told = await stage.do(compensate_fund(stage.app, stage.code, more, "test"))
    stage.expect(told is Refusal.MORE_THAN_OWED, "history more was made good than it cost")


async def debt_in_cash(stage: Stage) -> None:
    """A merchant that was settled takes goods back, and pays its debt in two parts."""
    sold = await bought(stage, stage.winner(), "p-1")
    await stage.do(night(stage.place))
    await settled(stage)
    back = await brought_back(stage, sold, sold.quote.net_fen // 2)
    assert isinstance(back, Refund), back
    owed_fen = back.to_fund_fen
    for number, amount_fen in enumerate((owed_fen // 3, owed_fen - owed_fen // 3)):
        owed_fen -= amount_fen
        left = await stage.do(
            repay_debt(
                stage.app, stage.code, stage.at.merchant_id, amount_fen, f"CASH-{number}", "test"
            )
        )
        stage.expect(left == owed_fen, "history a repayment did not lower the debt")


async def late_tranche(stage: Stage) -> None:
    """Money that was promised for tomorrow is not there; somebody has to be told."""
    when = day_of(stage.house.clock.now) + timedelta(days=1)
    await plan_tranche(stage.app, stage.code, province(when), "test")
    stage.house.clock.move(hours=2)


async def another_draw(stage: Stage) -> None:
    """The others enter too, each twice, and are drawn."""
    campaign, late = stage.place.campaign, stage.place.drawn.late
    stage.house.clock.move(minutes=30)
    everyone = sum(len(pids) for pids in late.values())
    won = await stage.do(draw_for(stage.house, campaign, late))
    stage.expect(0 < len(won) < everyone, "history everybody or nobody won")
    stage.house.clock.move(minutes=1)
    again = await stage.do(let_enter(stage.house, campaign, late))
    stage.expect(again == everyone, "history the same entry was answered otherwise")


async def released_twice(stage: Stage) -> None:
    """Tomorrow's stock is released by two at once, and again."""
    await stage.do(night(stage.place))
    day = day_number(day_of(stage.house.clock.now))
    first = await stage.do(release_day(stage.app, stage.code, day))
    assert isinstance(first, int), first
    again = await stage.do(release_day(stage.app, stage.code, day))
    stage.expect(again == 0, "history a day was released twice")


async def deaf_centre(stage: Stage) -> None:
    """The SMS centre takes a message and says that it did not; it is handed over again."""
    await bought(stage, stage.winner(), "p-1")
    centre, taken = stage.house.sms, stage.house.sms.send_all

    async def take_and_deny(texts: object) -> frozenset[str]:
        await taken(texts)  # type: ignore[arg-type]
        raise OutsiderFault("sms", "timeout")

    centre.send_all = take_and_deny  # type: ignore[method-assign]
    await tell_everyone(stage.house)
    centre.send_all = taken  # type: ignore[method-assign]
    await wind_up(stage.place)
    heard = {(text, number) for (_, text), number in zip(centre.sent, centre.numbers, strict=True)}
    texts = {text for text, _ in heard}
    stage.expect(len(heard) == len(texts), "books the SMS centre has one notice under two numbers")
    stage.expect(bool(texts), "books the SMS centre has no notice of a redemption")


async def register_of_a_day(stage: Stage) -> None:
    """The register is written and added up again by another program; so is the chain."""
    sold = await bought(stage, stage.winner(), "p-1")
    await bought(stage, stage.winner(), "p-2")
    await brought_back(stage, sold, sold.quote.net_fen // 3)
    await link_ledger(stage.app, stage.code)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "register"
        async with open_tables(stage.app, stage.code) as register:
            assert not isinstance(register, Refusal)
            await write_folder(out, register, None)
        verdict = verify_register(
            sorted(path.name for path in out.iterdir()), lambda file: (out / file).open("rb")
        )
    mistake = verdict.mistake
    stage.expect(mistake is None, f"register {mistake.file if mistake else ''}")
    stage.recount = True


MONEY_DRILLS = (
    two_settlements_counted,
    two_settlements,
    held_back,
    one_approver,
    another_account,
    wrong_answer,
    money_comes_in,
    debt_in_cash,
    late_tranche,
    another_draw,
    released_twice,
    deaf_centre,
    register_of_a_day,
)
