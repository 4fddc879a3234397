"""Bugs behind the till: settlement, payments, the fund, the draw, books of others.  资金缺陷"""

from tests.bugs import drills_door as door
from tests.bugs import drills_money as money
from tests.bugs.bug import bug
from tests.bugs.planting import edit

SETTLEMENT_BUGS = (
    bug(
        "claw-back forgotten",
        "goods that come back after the settlement make no debt",
        money.two_settlements,
        "question i28_receivable_is_late_refunds",
        edit(
            "domain.refunds:Refund.transfers",
            "if self.to_fund_fen == 0:",
            "if self.to_fund_fen == 0 or self.is_late:",
        ),
    ),
    bug(
        "settlement not net of refunds",
        "merchants are paid for goods that came back before the settlement",
        money.two_settlements,
        "question i28_settlements_are_their_redemptions",
        edit(
            "domain.settlement:_lines", "part.redeemed_fen - part.returned_fen", "part.redeemed_fen"
        ),
        edit(
            "db.settlements:_take_redemptions",
            "d.discount_fen - d.returned_fen as due_fen",
            "d.discount_fen as due_fen",
        ),
    ),
    bug(
        "settled again the next day",
        "a redemption that is in a settlement is taken by the next one, too",
        money.two_settlements,
        "question i28_settlements_are_their_redemptions",
        edit("db.payees:_hold_dues", "and d.settlement_id is null\n", "\n"),
        edit("db.payees:account_of", "and settlement_id is null\n", "\n"),
        edit("db.settlements:_take_redemptions", "and d.settlement_id is null\n", "\n"),
    ),
    bug(
        "hold of the rules not kept",
        "what was redeemed today is settled at once",
        money.two_settlements,
        "question i28_settlements_are_their_redemptions",
        edit(
            "domain.settlement:last_day_due",
            "return day_of(now) - timedelta(days=max(1, hold_days))",
            "return day_of(now)",
        ),
    ),
    bug(
        "debt not kept",
        "a merchant is paid in full although it owes the fund",
        money.two_settlements,
        "question i28_debts_are_kept_first",
        edit("domain.settlement:_lines", "owed_fen = receivable_fen", "owed_fen = 0"),
    ),
    bug(
        "receivable dropped",
        "what is kept of a merchant's debt is not taken off the debt",
        money.two_settlements,
        "question i28_receivable_is_late_refunds",
        edit("domain.settlement:Settlement.transfers", "if line.recovered_fen:", "if False:"),
    ),
    bug(
        "bounced payment not returned",
        "a payment that did not arrive is marked, and its money stays on the way",
        money.two_settlements,
        "question i28_settling_is_unpaid",
        edit(
            "domain.settlement:bounce_transfers",
            "return (*(back if was_paid else []), *again)",
            "return ()",
        ),
    ),
    bug(
        "bounced payment carried twice",
        "what bounced is carried by every later settlement",
        money.two_settlements,
        "question i28_settlement_lines_add_up",
        edit(
            "db.settlements:_take_bounced",
            "set resettled_by = $1",
            "set resettled_by = nullif($1::bigint, $1)",
        ),
    ),
    bug(
        "bank's answer taken twice",
        "the bank says the same again, and it is paid again",
        money.two_settlements,
        "statement ",
        edit(
            "domain.bank_answers:decide_answer",
            "return Deed.NOTHING, Verdict.BOOKED if same else Verdict.OTHER_BANK_REF",
            "return Deed.PAY, Verdict.BOOKED",
        ),
    ),
    bug(
        "bank's other amount taken",
        "the bank names another amount than it was told, and it is booked",
        money.wrong_answer,
        "statement the line's amount is its settlement's",
        edit(
            "domain.bank_answers:decide_answer",
            "if line.amount_fen != answer.amount_fen:",
            "if False:",
        ),
    ),
    bug(
        "late refund not counted",
        "the live balances do not say what came back after the settlement",
        money.two_settlements_counted,
        "question i37_live_balances_add_up",
        edit("db.fund_cells:_late", "if not late:", "if True:"),
    ),
    bug(
        "bounced money counted as under way",
        "the live balances keep what the bank gave back where it was before",
        money.two_settlements_counted,
        "question i37_settlements_are_counted_as_they_stand",
        edit(
            "db.fund_moves:_stage",
            'return "payable" if last.state == "bounced" else "settling"',
            'return "settling"',
        ),
    ),
    bug(
        "hold ignored",
        "a merchant that is held back is settled and paid",
        money.held_back,
        "question i28_holds_are_kept",
        edit("db.payees:_is_held", "    return found", "    return found and False"),
        edit(
            "db.payment_files:_MARK", "and h.lifted_at is null", "and h.lifted_at is null and false"
        ),
    ),
    bug(
        "one approver counted twice",
        "the same person's word is taken a second time",
        money.one_approver,
        "table approvals_pkey",
        edit(
            "domain.approvals:decide_approval",
            "if any(one.staff_id == standing.staff_id for one in standing.earlier):",
            "if False:",
        ),
    ),
    bug(
        "one approver is enough",
        "a payment file is approved by one person",
        money.one_approver,
        "question i34_two_approve_a_payment_file",
        edit(
            "domain.approvals:decide_approval",
            "len(together) >= APPROVERS_NEEDED",
            "len(together) >= 1",
        ),
    ),
    bug(
        "tranche received twice",
        "a tranche that has arrived arrives again under another reference",
        money.money_comes_in,
        "statement the tranche was received although the fund was held",
        edit("domain.fund:decide_receipt", "if tranche.bank_ref is not None:", "if False:"),
    ),
    bug(
        "compensation under another name",
        "what the platform made good is booked as the department's money",
        money.money_comes_in,
        "question i23_fund_movements_are_booked",
        edit("domain.fund:compensate", "kind=Kind.COMPENSATE", "kind=Kind.APPROPRIATE"),
    ),
    bug(
        "compensation from the wrong account",
        "what the platform made good is taken from the pool",
        money.money_comes_in,
        "table transfers_move_as_named",
        edit("domain.fund:compensate", "debit=BANK, credit=POOL", "debit=POOL, credit=BANK"),
    ),
    bug(
        "compensation without bound",
        "more is made good for a redemption than it cost",
        money.money_comes_in,
        "question i20_compensations_are_bounded",
        edit("actions.compensate_fund:_flaw", "if too_much else None", "if False else None"),
    ),
    bug(
        "half of a repayment booked",
        "the debt falls, and the money does not come back to the fund",
        money.debt_in_cash,
        "question i23_fund_movements_are_booked",
        edit("actions.repay_debt:_record", "for transfer in moves:", "for transfer in moves[:1]:"),
    ),
    bug(
        "alert silent",
        "the fund's alerts are never raised",
        money.late_tranche,
        "question i32_no_late_tranche_is_silent",
        edit(
            "domain.fund_alerts:alerts_due", "    measures = {", "    rules = ()\n    measures = {"
        ),
    ),
    bug(
        "stock taken without reservation",
        "a winner gets a voucher, and nothing is set aside for it",
        money.another_draw,
        "question i27_reserved_is_live_vouchers",
        edit(
            "actions.draw_round:_record_wins",
            "transfers=[one.transfer for one in issued],",
            "transfers=[one.transfer for one in issued[:1]],",
        ),
    ),
    bug(
        "double entry",
        "who has entered today may enter again, and the table's key is lost",
        money.another_draw,
        "question i01_one_entry_a_day",
        edit("domain.entering:judge_batch", "if earlier is not None:", "if False:"),
        tables="alter table entries drop constraint entries_one_a_day",
    ),
    bug(
        "day released twice",
        "nobody looks whether the day's stock was released",
        money.released_twice,
        "table transfers_lane_campaign_id_kind_ref_key",
        edit(
            "actions.release_day:release_day",
            "if draw_day.is_released:",
            "if False:",
            "if not await configs.mark_released(tx, campaign_id, day, now):",
            "if await configs.mark_released(tx, campaign_id, day, now) is None:",
        ),
    ),
    bug(
        "notice sent under two numbers",
        "a message that is handed over again gets another number",
        money.deaf_centre,
        "books the SMS centre has one notice under two numbers",
        edit(
            "actions.send_messages:_text",
            'number=f"{milliseconds(message.created_at)}-{message.message_id}"',
            'number=f"{message.tries}-{message.message_id}"',
        ),
    ),
    bug(
        "register leaves a row out",
        "the last refund is not in the exported register",
        money.register_of_a_day,
        "register ",
        edit(
            "views.register_tables:RegisterTables.rows",
            "async for row in question.cursor(self.campaign_id, prefetch=PAGE):",
            "async for row in question.cursor(self.campaign_id, prefetch=PAGE):\n"
            "        if table == 'refunds':\n"
            "            continue",
        ),
    ),
    bug(
        "link without its last movement",
        "the chain's hash covers all but the newest movement of a link",
        money.register_of_a_day,
        "register ",
        edit(
            "domain.ledger_chain:close_link",
            "link_hash=link_hash(prev_hash, rows)",
            "link_hash=link_hash(prev_hash, rows[:-1])",
        ),
    ),
)

DOOR_BUGS = (
    bug(
        "callback lost",
        "an acquirer is not told of a refund",
        door.door_story,
        "question i31_callbacks_follow_deeds",
        edit(
            "actions.refund_redemption:_writes",
            "yield callbacks.news(till.terminal.acquirer_id, news, at)",
            "assert news",
        ),
    ),
    bug(
        "refund's number lost",
        "the acquirer's own number of a refund is not kept",
        door.door_story,
        "question i19_acquirer_numbers_stand_for_deeds",
        edit(
            "actions.refund_redemption:_writes",
            "yield acquirer_orders.record_refund(till.terminal, refund)",
            "pass",
        ),
    ),
    bug(
        "bill without refunds",
        "an acquirer's daily bill leaves the refunds out",
        door.door_story,
        "books the bill is not what the acquirer sold",
        edit("db.bills:lines_of_day", "(*redeemed, *refunded)", "(*redeemed, *refunded[:0])"),
    ),
    bug(
        "callback given up",
        "a callback that nobody heard is marked as heard",
        door.deaf_acquirer,
        "books the acquirer was not told of each deed",
        edit("actions.send_callbacks:_try", 'outcome == "acknowledged"', "bool(outcome)"),
    ),
    bug(
        "nonce not remembered",
        "a signed request may be sent again",
        door.replayed_and_forged,
        "history one signed request was heard twice",
        edit("db.acquirers:claim_nonce", "return taken == 1", "return taken != 2"),
    ),
    bug(
        "signature over the parsed body",
        "what is signed is what was read, not the bytes that came",
        door.replayed_and_forged,
        "history a body was taken that nobody signed",
        edit(
            "actions.admit_request:admit_request",
            "text = text_to_sign(request.method, request.target, head.time_ms, head.nonce, "
            "request.body)",
            "import json\n"
            "    said = json.dumps(json.loads(request.body), separators=(',', ':')).encode() "
            "if request.body else b''\n"
            "    text = text_to_sign(request.method, request.target, head.time_ms, head.nonce, "
            "said)",
        ),
    ),
    bug(
        "rail not asked",
        "a store takes an acquirer's rail that is closed there",
        door.closed_rail,
        "question i17_store_took_the_rail",
        edit("domain.redemptions:_store_flaw", "store.rail in store.rails", "store.rail"),
    ),
    bug(
        "file counted twice",
        "a bill that was imported is imported again",
        door.bill_with_a_lie,
        "table imported_files_",
        edit("db.imported_books:find", "if row is None:", "if row is not None or row is None:"),
    ),
    bug(
        "difference swept away",
        "what two books differ by becomes no case",
        door.bill_with_a_lie,
        "question i29_books_equal_their_files",
        edit("actions.reconcile_day:_write", "    if new:\n", "    new = []\n    if new:\n"),
    ),
    bug(
        "case closed without a reason",
        "a difference is closed by whoever gives no reason",
        door.bill_with_a_lie,
        "question i29_cases_are_explained",
        edit(
            "domain.cases:decide_closing",
            'if not 0 < len(said) <= REASON_MAX or "\\0" in said:',
            "if False:",
        ),
    ),
    bug(
        "one person closes a case about money",
        "who proposed an explanation may close the case with it",
        door.bill_with_a_lie,
        "table cases_check",
        edit(
            "domain.cases:decide_closing", "if is_second and case.proposed_by == by:", "if False:"
        ),
    ),
    bug(
        "log names a person",
        "a line that was left in for looking prints what somebody sent",
        door.secrets_in_a_log,
        "books a log names a person",
        edit(
            "actions.register_consumer:register_consumer",
            "phone = normalise_phone(request.phone)",
            "phone = normalise_phone(request.phone)\n    print(request.name, request.phone)",
        ),
    ),
)
