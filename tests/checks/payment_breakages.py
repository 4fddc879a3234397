"""How each promise about settlements and payment files is broken; see `breakages.py`."""

from tests.checks.breaking import breaks

PAYMENTS = (
    breaks(
        "i28_settlement_lines_add_up",
        """
        update settlement_lines set carried_fen = carried_fen + 1, payable_fen = payable_fen - 1
         where ctid = (select ctid from settlement_lines where payable_fen > recovered_fen limit 1)
        """,
    ),
    breaks(
        "i28_payment_files_agree",
        "update payment_lines set rail = 'another' where ctid = "
        "(select ctid from payment_lines where state = 'waiting' limit 1)",
    ),
    breaks(
        "i34_two_approve_a_payment_file",
        "delete from approvals where ctid = "
        "(select ctid from approvals where role = 'operator' and action = 'payment_file' limit 1)",
    ),
    breaks(
        "i34_two_name_an_account",
        "delete from approvals where ctid = "
        "(select ctid from approvals where role = 'operator' and action = 'account' limit 1)",
    ),
    breaks(
        "i34_payments_go_to_confirmed_accounts",
        "update payment_lines set account_no = '62220000000000001' where ctid = "
        "(select ctid from payment_lines limit 1)",
    ),
    breaks(
        "i34_one_answer_moves_money_once",
        "update bank_answers set bank_ref = 'another' where ctid = "
        "(select b.ctid from bank_answers b join payment_lines l using (file_id, ref) "
        "where l.state = 'paid' and b.outcome = 'paid' limit 1)",
    ),
)
