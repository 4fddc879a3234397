"""How each promise about money is broken; see `breakages.py`."""

from tests.checks.breaking import breaks


def _shift(account: str, away: str) -> tuple[str, str]:
    """One fen too many on an account, taken from another, so that the sum stays."""
    return (
        f"update balances set amount_fen = amount_fen + 1 where ctid = "
        f"(select ctid from balances where account = '{account}' limit 1)",
        f"update balances set amount_fen = amount_fen - 1 where account = '{away}'",
    )


_SWAP = """
    update transfers t set amount_fen = t.amount_fen + s.by_fen
      from (values ('{kind} 20260206', -{fen}), ('{kind} 20260207', {fen})) s (ref, by_fen)
     where t.kind = '{kind}' and t.ref = s.ref
       and t.lane = (select lane from vouchers where day = 20260206 limit 1)
"""
_REOPEN = "update config_days set closed_at = null"

_STAFF = """
    insert into staff (staff_id, login, name, role, password_hash, opened_at)
    overriding system value
    values (900, 'li', 'li', 'supervisor', '', :now), (901, 'wang', 'wang', 'supervisor', '', :now)
"""
_APPROVALS = """
    insert into approvals
    select 'closing 1-1', 'close_campaign', staff_id, 'supervisor', :now from staff
"""

MONEY = (
    breaks(
        "i08_never_over_plan",
        _REOPEN,
        """
        update transfers t
           set amount_fen = case when ref = 'release 20260206' then 1
                                 else amount_fen + (select amount_fen - 1 from transfers u
                                                     where u.lane = t.lane
                                                       and u.ref = 'release 20260206') end
         where ref in ('release 20260206', 'release 20260207')
        """,
        also="i08_released_equals_plan",
    ),
    breaks("i08_released_equals_plan", _REOPEN, _SWAP.format(kind="release", fen=1)),
    breaks("i08_closed_day_adds_up", _SWAP.format(kind="recall", fen=1)),
    breaks(
        "i22_movements_are_named",
        "alter table transfers drop constraint transfers_move_as_named",
        "update transfers set kind = 'recall' where kind = 'roll_over'",
        also="h11_guards_stand",
    ),
    breaks("i22_books_have_no_gap", "update books set next_no = next_no + 1 where lane = 0"),
    breaks(
        "i23_issues_are_booked",
        "update transfers set ref = 'another' where (lane, no) = "
        "(select lane, no from transfers where kind = 'reserve' limit 1)",
    ),
    breaks(
        "i23_expiries_are_booked",
        "update transfers set ref = 'another' where (lane, no) = "
        "(select lane, no from transfers where kind = 'expire' limit 1)",
    ),
    breaks(
        "i23_redemptions_are_booked",
        "update transfers set ref = regexp_replace(ref, '-[0-9]+-(.)$', '-99-\\1') "
        "where (lane, no) = (select lane, no from transfers where kind = 'redeem' limit 1)",
    ),
    breaks(
        "i23_refunds_are_booked",
        "update transfers set ref = regexp_replace(ref, '-[0-9]+-(.)$', '-99-\\1') "
        "where (lane, no) = (select lane, no from transfers where kind = 'refund_late' limit 1)",
    ),
    breaks(
        "i23_settlements_are_booked",
        "update transfers set ref = '20260101-1' where (lane, no) = "
        "(select lane, no from transfers where kind = 'pay' limit 1)",
    ),
    breaks(
        "i23_fund_movements_are_booked",
        "update tranches set received_fen = received_fen + 1",
    ),
    breaks(
        "i28_closed_leaves_zero",
        _STAFF,
        "insert into closings values (1, 1, 'closed', 5, 0, 900, :now, :now, :now)",
        _APPROVALS,
    ),
    breaks(
        "i34_closings_have_two_approvers",
        _STAFF,
        "insert into closings values (1, 1, 'closed', 0, 0, 900, :now, :now, :now)",
        _APPROVALS + " where staff_id = 900",
    ),
    breaks(
        "i37_live_balances_add_up",
        "insert into fund_cells values (1, 20260206, 2, 5, '420100', 1, 5000, 0, 0, 0, 0, 0, 0)",
        "insert into fund_steps values "
        "(1, 20260206, 20260206, 2, 5, '420100', 1, 5000, 0, 0, 0, 0, 0, 0, :now)",
    ),
    breaks(
        "i37_settlements_are_counted_as_they_stand",
        "insert into fund_marks values (1, -1, 0) on conflict do nothing",
        "update settlements set counted_as = 'settling' where state = 'paid'",
        also="i37_live_balances_add_up",
    ),
    breaks(
        "i37_cells_are_their_steps",
        "insert into fund_cells values (1, 20260206, 2, 5, '420100', 1, 5000, 0, 0, 0, 0, 0, 0)",
    ),
    breaks(
        "i37_figures_add_up",
        "insert into figure_merchants values (1, '420100', 1, 20260206)",
    ),
    breaks(
        "i37_matching_money_adds_up",
        "insert into matching_steps values (1, 20260206, 'platform', 0, 1, 5000, 1, 0, :now)",
    ),
    breaks(
        "i16_offers_are_their_parts",
        """
        update locks set offers = '[{"funder": "platform", "name": "x", "amount_fen": 7}]'
         where ctid = (select min(ctid) from locks)
        """,
    ),
    breaks("i24_balances_are_their_transfers", *_shift("released", "pool")),
    breaks(
        "i25_nothing_is_overdrawn",
        "alter table balances drop constraint balances_amount_fen_check",
        """
        insert into transfers
        select 0, 1, next_no, 'roll_over', 'returned', 0, '', 'pool', -1, '', 10000000, 'another',
               null, 20260206, '2026-02-06 23:00+08'
          from books where lane = 0
        """,
        "update books set next_no = next_no + 1 where lane = 0",
        "update balances set amount_fen = amount_fen - 10000000 "
        "where account = 'returned' and lane = 0",
        "update balances set amount_fen = amount_fen + 10000000 where account = 'pool'",
        also="h11_guards_stand",
    ),
    breaks(
        "i26_fund_equation_holds",
        "update balances set amount_fen = amount_fen + 1 where account = 'bank'",
        also="i24_balances_are_their_transfers",
    ),
    breaks(
        "i27_reserved_is_live_vouchers",
        *_shift("reserved", "pool"),
        also="i24_balances_are_their_transfers",
    ),
    breaks(
        "i28_payable_is_unsettled",
        *_shift("payable", "pool"),
        also="i24_balances_are_their_transfers",
    ),
    breaks(
        "i28_settling_is_unpaid",
        *_shift("settling", "pool"),
        also="i24_balances_are_their_transfers",
    ),
    breaks(
        "i28_receivable_is_late_refunds",
        "update balances set amount_fen = amount_fen + 1 where ctid in ("
        "select min(ctid) from balances where account in ('receivable', 'recovering') "
        "group by account)",
        also="i24_balances_are_their_transfers",
    ),
    breaks(
        "i28_settlements_are_their_redemptions",
        """
        update redemptions r set settlement_id = s.settlement_id
          from settlements s
         where s.merchant_id = r.merchant_id
           and s.settlement_id > r.settlement_id
        """,
    ),
    breaks(
        "i38_days_are_shanghai_days",
        "update transfers set day = 20260101 where kind = 'appropriate'",
    ),
    breaks(
        "h1_links_tile_and_chain",
        "update links set prev_hash = sha256('another') where lane = 0 and link_no = 1",
    ),
    breaks(
        "i29_books_equal_their_files",
        """
        insert into imported_files (campaign_id, book, source, first_day, last_day, mapping,
                                    mapping_hash, terms, name, content_hash, size_bytes,
                                    line_count, new_count, same_count, changed_count,
                                    withdrawn_count, imported_by, imported_at)
        values (1, 'acquirer', 'till', 20260206, 20260206, 'house', '', '{}', 'b', '', 0, 0, 0, 0,
                0, 0, 'wang', :now)
        """,
    ),
)
