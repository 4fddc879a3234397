"""How money leaves in a play: two people approve a file, a bank pays it and says so.  模拟付款"""

from dataclasses import dataclass

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.app import App
from huiquan.cli.naming import name_by_two
from huiquan.db import payment_files
from huiquan.db.payment_files import FileRow
from huiquan.domain.bank_answers import Answer, Outcome, read_answers
from huiquan.domain.payment_files import Encoding, PayeeAccount, Payment, bank_file
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from simulation.bank import Bank


@dataclass(frozen=True, kw_only=True)
class Payers:
    """The two people without whom nothing is paid: the platform's, and the department's."""

    operator: int
    supervisor: int


async def two_payers(app: App) -> Payers:
    """Give the two a sign-in; nobody ever signs in with it."""
    ids = []
    for login, role in (("payer", Role.OPERATOR), ("approver", Role.SUPERVISOR)):
        password = app.random_bytes(16).hex()
        new = NewStaff(login=login, name=login, role=role, password=password)
        added = await add_staff(app, new, "simulation")
        assert not isinstance(added, Refusal), added
        ids.append(added)
    return Payers(operator=ids[0], supervisor=ids[1])


async def name_accounts(app: App, payers: Payers) -> None:
    """Give every merchant an account to be paid on: one of the two asks, the other confirms."""
    async with app.db.reading() as tx:
        merchants = await tx.fetch("select merchant_id, name, uscc from merchants order by 1")
    for row in merchants:
        account = PayeeAccount(
            account_no=f"4200{row['merchant_id']:015}",
            account_name=row["name"],
            bank_name="中国建设银行武汉分行",
            bank_code="105521000018",
        )
        named = await name_by_two(app, row["uscc"], account, payers.operator, payers.supervisor)
        assert not isinstance(named, Refusal), named


async def send_file(app: App, code: str, payers: Payers) -> FileRow | None:
    """Draft, approve by both, send; None when there is nothing to pay."""
    drafted = await draft_payment_file(app, code, payers.operator)
    if drafted is Refusal.NOTHING_TO_PAY:
        return None
    assert isinstance(drafted, FileRow), drafted
    for staff_id in (payers.operator, payers.supervisor):
        given = await approve_payment_file(app, drafted.file_id, staff_id)
        assert not isinstance(given, Refusal), given
    sent = await move_payment_file(app, drafted.file_id, Move.SEND, payers.operator)
    assert not isinstance(sent, Refusal), sent
    return drafted


async def payments_in(app: App, file_id: int) -> list[Payment]:
    """The lines of a file."""
    async with app.db.reading() as tx:
        return await payment_files.payments_of(tx, file_id)


async def bank_pays(app: App, file: FileRow, by: str = "bank") -> AnswersTaken:
    """An honest bank pays every line of a file, and says so."""
    answers = [paid(one) for one in await payments_in(app, file.file_id)]
    taken = await take_bank_answers(app, file.file_id, answers, by)
    assert isinstance(taken, AnswersTaken), taken
    return taken


async def pay_everything(app: App, code: str) -> None:
    """Everything that is settled goes to an honest bank in one file, and is paid."""
    payers = await two_payers(app)
    await name_accounts(app, payers)
    file = await send_file(app, code, payers)
    assert file is not None, "nothing is settled"
    await bank_pays(app, file)


def paid(one: Payment, bank_ref: str | None = None) -> Answer:
    """The bank's word that it paid a line."""
    return Answer(
        ref=one.ref,
        outcome=Outcome.PAID,
        amount_fen=one.amount_fen,
        bank_ref=bank_ref or f"BANK-{one.ref}",
        reason="成功",
    )


def not_paid(one: Payment, outcome: Outcome = Outcome.FAILED) -> Answer:
    """The bank's word that a line was not paid, or came back."""
    return Answer(
        ref=one.ref,
        outcome=outcome,
        amount_fen=one.amount_fen,
        bank_ref="" if outcome is Outcome.FAILED else f"BACK-{one.ref}",
        reason="户名不符",
    )


async def hand_in(app: App, file: FileRow, bank: Bank) -> None:
    """Carry a file's bytes to a bank."""
    payments = await payments_in(app, file.file_id)
    raw = bank_file(file.file_id, file.day, payments, Encoding.GBK)
    bank.take(raw, app.clock())


async def hear(app: App, file: FileRow, raw: bytes | None) -> AnswersTaken | None:
    """Book what a bank says in an answer file about one payment file."""
    if raw is None:
        return None
    answers = read_answers(raw)
    assert not isinstance(answers, Refusal), answers
    refs = {one.ref for one in await payments_in(app, file.file_id)}
    mine = [one for one in answers if one.ref in refs]
    taken = await take_bank_answers(app, file.file_id, mine, "bank")
    assert isinstance(taken, AnswersTaken), taken
    return taken
