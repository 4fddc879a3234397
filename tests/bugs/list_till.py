"""Bugs at the till and in the database's guards: locks, keys, answers, refunds.  收银缺陷"""

from tests.bugs import drills_till as till
from tests.bugs.bug import bug
from tests.bugs.planting import edit, in_function

GUARDS = "question h11_guards_stand"
NO_HOLD = edit("db.at_till:_LOCKED", "   for update of v, l\n", "\n")
EVERY_STATE = edit(
    "db.vouchers:mark_redeemed",
    "and state in ('held', 'locked')",
    "and state in ('held', 'locked', 'redeemed')",
)
ANY_LOCK = edit("db.locks:close", "and state in ('open', 'lapsed')\n", "\n")

TILL_BUGS = (
    bug(
        "unique index of redemptions lost",
        "redemptions_one_live was dropped and not made again",
        till.till_story,
        GUARDS,
        tables="drop index redemptions_one_live",
    ),
    bug(
        "unique key of payments lost",
        "nothing in the tables keeps a payment from paying twice, and the write asks no longer",
        till.one_payment_two_vouchers,
        "question i19_one_payment_one_redemption",
        edit("db.payments:claim", "on conflict (merchant_id, payment_ref) do nothing\n", "\n"),
        tables="alter table payments drop constraint payments_pkey",
    ),
    bug(
        "balance may fall below zero",
        "the check on balances was dropped",
        till.till_story,
        GUARDS,
        tables="alter table balances drop constraint balances_amount_fen_check",
    ),
    bug(
        "row lock missing",
        "a voucher is read without holding it, so eight tills see it locked at once",
        till.many_tills,
        "table redemptions_pkey",
        NO_HOLD,
    ),
    bug(
        "row lock and keys missing",
        "nor does a table's key refuse the second redemption or its booking",
        till.many_tills,
        "statement the voucher moved although it was held for this",
        NO_HOLD,
        tables="alter table redemptions drop constraint redemptions_pkey cascade;"
        "drop index redemptions_one_live;"
        "alter table transfers drop constraint transfers_lane_campaign_id_kind_ref_key",
    ),
    bug(
        "row lock and guards missing",
        "nor does the write ask whether the voucher was redeemed meanwhile",
        till.many_tills,
        "table redemptions_pkey",
        NO_HOLD,
        EVERY_STATE,
        ANY_LOCK,
    ),
    bug(
        "duplicate request not waited for",
        "of equal requests at one moment the second does not wait for the answer of the first",
        till.one_request_many_times,
        "history the same redeem was answered otherwise",
        edit(
            "db.connection:Database.in_turn",
            "select pg_advisory_xact_lock({int(turn)})",
            "select {int(turn)}",
        ),
    ),
    bug(
        "answer not kept",
        "what was answered to a request is forgotten",
        till.till_story,
        "history the same lock was answered otherwise",
        edit(
            "db.requests:answered",
            "insert into requests (scope, request_key, body_hash, answer, answered_at)\n",
            "select\n",
            "values ($1, $2, $3, $4, $5)\n",
            "$1::text, $2::text, $3::bytea, $4::jsonb, $5::timestamptz\n",
            "        returning 1\n",
            "",
        ),
    ),
    bug(
        "duplicate ignored",
        "nobody looks whether a request was answered before, and the second answer is dropped",
        till.till_story,
        "history the same lock was answered otherwise",
        edit("db.requests:answer_in", 'if row["body_hash"] is None:', "if True:"),
        edit(
            "db.requests:answered",
            "values ($1, $2, $3, $4, $5)",
            "values ($1, $2, $3, $4, $5) on conflict do nothing",
        ),
    ),
    bug(
        "reply before the commit",
        "the answer goes out, the commit follows a moment later",
        till.reply_and_power_cut,
        "history an acknowledged redemption is not there once",
        edit(
            "db.connection:Database.in_turn",
            "    async with self.writer.acquire() as connection:\n",
            "    import asyncio, contextlib\n"
            "    connection = await self.writer.acquire()\n"
            "    if True:\n",
            '            await connection.execute("rollback")\n',
            '            await connection.execute("rollback")\n'
            "            await self.writer.release(connection)\n",
            '        await connection.execute("commit")\n',
            "        async def later():\n"
            "            await asyncio.sleep(0.1)\n"
            "            with contextlib.suppress(Exception):\n"
            '                await connection.execute("commit")\n'
            "            with contextlib.suppress(Exception):\n"
            "                await self.writer.release(connection)\n"
            "        asyncio.get_running_loop().create_task(later())\n",
        ),
    ),
    bug(
        "code good twice",
        "a scanned code is not marked as used",
        till.till_story,
        "question i18_codes_are_used_once",
        edit("db.codes:use", "set used_at = $3", "set used_at = used_at"),
    ),
    bug(
        "unlock leaves the voucher locked",
        "the lock is given up, the voucher does not learn of it",
        till.till_story,
        "question i15_locks_agree_with_vouchers",
        edit(
            "db.vouchers:mark_held",
            "return _moved(lock,",
            "return Write(sql='select 1', args=()) or _moved(lock,",
        ),
    ),
    bug(
        "threshold not asked",
        "an order below the voucher's threshold is taken",
        till.small_order,
        "table redemptions_check",
        edit("domain.redemptions:decide_quote", "net_fen < voucher.threshold_fen", "net_fen < 0"),
    ),
    bug(
        "pack not asked",
        "a store takes vouchers of a pack that it does not take any more",
        till.wrong_store,
        "question i17_store_took_the_pack",
        edit("domain.redemptions:_place_flaw", "if not takes_pack or", "if"),
    ),
    bug(
        "expired voucher redeemed",
        "a till that locked in time may redeem when the voucher is over",
        till.end_of_validity,
        "statement the voucher moved although it was held for this",
        edit("domain.redemptions:_time_flaw", "if now >= voucher.valid_until", "if False"),
    ),
    bug(
        "expiry gives back twice",
        "an expired voucher is found again and its face goes to the fund once more",
        till.end_of_validity,
        "table transfers_lane_campaign_id_kind_ref_key",
        edit("db.vouchers:hold_overdue", "('held', 'locked')", "('held', 'locked', 'expired')"),
        edit("db.vouchers:mark_expired", "('held', 'locked')", "('held', 'locked', 'expired')"),
        edit(
            "domain.vouchers:decide_expiry", "(State.REDEEMED, State.EXPIRED)", "(State.REDEEMED,)"
        ),
    ),
    bug(
        "day of Greenwich",
        "days begin at eight in the morning of Hubei",
        till.early_morning,
        "question i38_days_are_shanghai_days",
        edit(
            "domain.days:day_of",
            "return at.astimezone(SHANGHAI).date()",
            "from datetime import UTC\n    return at.astimezone(UTC).date()",
        ),
    ),
    bug(
        "float money in a refund",
        "the fund's share is divided as a float, and halves go to the even fen",
        till.refunds_in_parts,
        "question i21_refunds_return_their_share",
        edit(
            "domain.refunds:fund_share_fen",
            "return round_half_up(quote.discount_fen * refunded_fen, quote.net_fen)",
            "return round(quote.discount_fen * refunded_fen / quote.net_fen)",
        ),
    ),
    bug(
        "every part rounded up",
        "each part of a refund is rounded up by itself, not on the running total",
        till.refunds_in_parts,
        "question i21_refunds_return_their_share",
        edit(
            "domain.refunds:decide_refund",
            "returned_fen = fund_share_fen(quote, rules.partial, refunded_fen)",
            "returned_fen = so_far.returned_fen"
            " - (-quote.discount_fen * amount_fen // quote.net_fen)",
        ),
    ),
    bug(
        "refund over what was paid",
        "goods come back for more than the order was worth",
        till.refunds_in_parts,
        "table redemptions_check",
        edit(
            "domain.refunds:_refused",
            "if so_far.refunded_fen + amount_fen > redemption.quote.net_fen:",
            "if False:",
        ),
    ),
    bug(
        "refund over what was paid, bounds lost",
        "and the tables' bounds were dropped",
        till.refunds_in_parts,
        "question i20_refunds_are_bounded",
        edit(
            "domain.refunds:_refused",
            "if so_far.refunded_fen + amount_fen > redemption.quote.net_fen:",
            "if False:",
        ),
        tables="alter table redemptions drop constraint redemptions_check2;"
        "alter table redemptions drop constraint redemptions_check3;"
        "alter table redemptions drop constraint redemptions_check4",
    ),
    bug(
        "customer keeps the fund's part",
        "all of a refund is the customer's, none the fund's",
        till.refunds_in_parts,
        "question i21_refunds_return_their_share",
        edit(
            "domain.refunds:fund_share_fen",
            "return round_half_up(quote.discount_fen * refunded_fen, quote.net_fen)",
            "return quote.discount_fen if refunded_fen == quote.net_fen else 0",
        ),
    ),
    bug(
        "voucher returns against the rules",
        "a whole refund gives the voucher back where the rulebook says that it does not",
        till.whole_order_back,
        "question i14_one_redemption_a_voucher",
        edit("domain.refunds:why_voucher_stays", "not rules.voucher_returns_if_whole:", "False:"),
    ),
    bug(
        "debit and credit swapped",
        "a redemption is booked the wrong way round",
        till.till_story,
        "table transfers_move_as_named",
        edit(
            "domain.ledger:redeem",
            "debit=of_lane(Account.RESERVED, lane),\n        credit=payable(lane, merchant_id),",
            "credit=of_lane(Account.RESERVED, lane),\n        debit=payable(lane, merchant_id),",
        ),
    ),
    bug(
        "money owed to another merchant",
        "a redemption is booked to the next merchant's account",
        till.till_story,
        "question i23_redemptions_are_booked",
        edit(
            "domain.ledger:redeem", "payable(lane, merchant_id)", "payable(lane, merchant_id + 1)"
        ),
    ),
    bug(
        "one side of a movement lost",
        "balances follow the debit and not the credit",
        till.till_story,
        "question i24_balances_are_their_transfers",
        edit("db.ledger:booking", "in movement_of(transfer):", "in movement_of(transfer)[1:]:"),
    ),
    bug(
        "booked twice",
        "a redemption is booked once more",
        till.till_story,
        "table transfers_lane_campaign_id_kind_ref_key",
        edit(
            "actions.redeem_voucher:_writes",
            "transfers=[paid.transfer],",
            "transfers=[paid.transfer] * 2,",
        ),
    ),
    bug(
        "booked twice, key lost",
        "and nothing in the tables keeps an event from being booked twice",
        till.till_story,
        "question i28_payable_is_unsettled",
        edit(
            "actions.redeem_voucher:_writes",
            "transfers=[paid.transfer],",
            "transfers=[paid.transfer] * 2,",
        ),
        tables="alter table transfers drop constraint transfers_lane_campaign_id_kind_ref_key",
    ),
    bug(
        "book's number not taken",
        "the next number of a book is read and not moved on",
        till.till_story,
        "table transfers_pkey",
        in_function(
            "book_transfers",
            "set next_no = next_no + cardinality(kinds)",
            "set next_no = next_no + 0 * cardinality(kinds)",
            "returning next_no - cardinality(kinds)",
            "returning greatest(next_no - cardinality(kinds), 0)",
        ),
    ),
    bug(
        "notice lost",
        "a redemption puts no message for its holder into the outbox",
        till.till_story,
        "question i31_news_follow_redemptions",
        edit("actions.redeem_voucher:_writes", '[{"redemption": name}]', "[]"),
    ),
)
