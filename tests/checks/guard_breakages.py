"""How promises that a seeded bug once broke unseen are broken; see `breakages.py`."""

from tests.checks.breaking import breaks

# A merchant that was settled, and the moment a day before.
_HOLD = """
    insert into settlement_holds (kind, merchant_id, reason, placed_by, placed_at)
    select 'merchant', merchant_id, 'under review', 'wang', settled_at - interval '1 day'
      from settlements where state = 'paid' limit 1
"""
_CASE = """
    insert into cases (campaign_id, book, source, day, kind, ref, ours_key, ours_day, state,
                       cause, reason, closed_by, opened_at, closed_at)
    values (1, 'acquirer', 'till', 20260101, 'missing', 'p', 'k', 20260101, 'closed',
            'our_error', ' ', 'wang', :now, :now)
"""
_COMPENSATION = """
    insert into compensations
    select campaign_id, 'bank 900', amount_fen + 1, 'platform', 'unlawful', ref, 'wang', :now
      from transfers where kind = 'redeem' limit 1
"""
_TRANCHE = """
    insert into tranches (campaign_id, tranche_no, planned_fen, due_on, payer, planned_by,
                          planned_at)
    values (1, 900, 100, (:now)::date + 1, 'department', 'wang', :now - interval '2 hours')
"""
# The first settlement of a merchant that kept a debt forgets to keep it.
_FORGIVEN = """
    update settlements set recovered_fen = 0, amount_fen = payable_fen + carried_fen
     where settlement_id = (select min(settlement_id) from settlements where recovered_fen > 0)
"""

GUARDS = (
    breaks("h11_guards_stand", "drop index locks_one_open"),
    breaks(
        "i20_compensations_are_bounded",
        _COMPENSATION,
        also="i23_fund_movements_are_booked",
    ),
    breaks(
        "i28_debts_are_kept_first",
        _FORGIVEN,
        also="i23_settlements_are_booked i28_receivable_is_late_refunds "
        "i28_settlement_lines_add_up i28_payment_files_agree",
    ),
    breaks("i28_holds_are_kept", _HOLD),
    breaks("i29_cases_are_explained", _CASE),
    breaks(
        "i31_news_follow_redemptions",
        "delete from outbox where ctid = (select ctid from outbox where kind = 'redeemed' limit 1)",
    ),
    breaks("i32_no_late_tranche_is_silent", _TRANCHE),
)
