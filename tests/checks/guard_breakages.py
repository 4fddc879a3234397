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
# The bank's line was confirmed by two people, and nothing was booked for it.
_PAID_AFTER_ALL = """
    insert into cases (campaign_id, book, source, day, kind, ref, line_kind, theirs_key,
                       theirs_day, theirs_fen, state, cause, payment_ref, reason, proposed_by,
                       closed_by, opened_at, closed_at)
    values (1, 'bank', 'icbc-1001', 20260101, 'extra', 'p', 'out', 'k', 20260101, -500, 'closed',
            'paid_after_all', 'p', 'the bank was asked', 'payer', 'wang', :now, :now)
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
# Of the first merchant that kept a debt: what came back late first came back, and was booked, ten
# minutes before the settlement that paid for it. So the debt was there already, and was not kept.
_EARLIER = """
    create temp table earlier as
    select f.lane, f.idx, f.lock_no, f.refund_no, s.day,
           s.settled_at - interval '10 minutes' as came_back_at
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
      join settlements s
     using (settlement_id)
     where f.late
       and f.to_fund_fen > 0
       and r.merchant_id = (select merchant_id from settlements
                             where recovered_fen > 0 order by settlement_id limit 1)
     order by f.refunded_at limit 1
"""
_OWED_ALREADY = """
    update refunds f set day = e.day, refunded_at = e.came_back_at
      from earlier e
     where (f.lane, f.idx, f.lock_no, f.refund_no) = (e.lane, e.idx, e.lock_no, e.refund_no)
"""
_BOOKED_ALREADY = """
    update transfers t set day = e.day, booked_at = e.came_back_at
      from earlier e
     where t.kind = 'refund_late'
       and (split_part(t.ref, '-', 2)::smallint, split_part(t.ref, '-', 3)::bigint,
            split_part(t.ref, '-', 4)::smallint, split_part(t.ref, '-', 5)::smallint)
           = (e.lane, e.idx, e.lock_no, e.refund_no)
"""

GUARDS = (
    breaks("h11_guards_stand", "drop index locks_one_open"),
    breaks(
        "i20_compensations_are_bounded",
        _COMPENSATION,
        also="i23_fund_movements_are_booked",
    ),
    breaks("i28_debts_are_kept_first", _EARLIER, _OWED_ALREADY, _BOOKED_ALREADY),
    breaks("i28_holds_are_kept", _HOLD),
    breaks("i29_cases_are_explained", _CASE),
    breaks("i34_overpayments_were_confirmed", _PAID_AFTER_ALL),
    breaks(
        "i31_news_follow_redemptions",
        "delete from outbox where ctid = (select ctid from outbox where kind = 'redeemed' limit 1)",
    ),
    breaks("i32_no_late_tranche_is_silent", _TRANCHE),
)
