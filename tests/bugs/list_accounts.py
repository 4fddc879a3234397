"""Bugs of the account on which a merchant is paid.  收款账户缺陷"""

from tests.bugs import drills_money as money
from tests.bugs.bug import bug
from tests.bugs.planting import edit

ACCOUNT_BUGS = (
    bug(
        "account confirmed by its asker",
        "whoever asked for a merchant's account confirms it, too",
        money.another_account,
        "table account_requests_take_two",
        edit(
            "domain.account_requests:decide_confirming",
            "return decide_approval(standing)",
            "anybody = Standing(earlier=(), staff_id=standing.staff_id, role=standing.role)\n"
            "    return Given(approval=decide_approval(anybody).approval, is_complete=True)",
        ),
        edit(
            "actions.confirm_account:confirm_account",
            "await approvals.record(tx, subject, Approved.ACCOUNT, given.approval, now)",
            "pass",
        ),
    ),
    bug(
        "paid on an account that waits",
        "a payment file takes the account that somebody asked for, not the one in force",
        money.another_account,
        "question i34_payments_go_to_confirmed_accounts",
        edit(
            "db.payment_files:_MARK",
            "and a.state = 'confirmed'\n       and a.replaced_at is null\n     order",
            "and a.state = 'open'\n     order",
        ),
    ),
)
