"""How each promise is broken: the smallest lie in the tables that breaks it, and nothing more.

`also` names the promises that rest on the same fact, so that no lie breaks the one alone. In the
statements `:now` stands for the moment at which the season stands.
"""

from tests.checks.acquirer_breakages import ACQUIRERS
from tests.checks.breaking import breaks
from tests.checks.guard_breakages import GUARDS
from tests.checks.money_breakages import MONEY
from tests.checks.order_breakages import ORDERS
from tests.checks.payment_breakages import PAYMENTS

# The last round of a lane and day that lost nobody in tier 1: no later round rests on what it left.
_LAST_ROUND = """
    (lane, seq) = (select r.lane, max(r.seq) from rounds r
                    where r.day = 20260206 group by r.lane order by r.lane limit 1)
"""
# The first of those who entered and never won.
_LOSER = """
    (lane, pid) = (select lane, pid from entries except select lane, pid from vouchers
                    order by lane, pid limit 1)
"""
_HELD = "(lane, idx) = (select lane, idx from vouchers where state = 'held' limit 1)"
_REDEEMED = "(lane, idx) = (select lane, idx from redemptions where refund_count = 0 limit 1)"
_ENTRY = """
    insert into entries
    select e.lane, e.campaign_id, l.next_idx, {day}, e.pid, e.pack, e.client_nonce, e.salt,
           e.decision, e.elig, e.cfg_hash, e.city, e.request_key, {at}
      from entries e
      join lanes l on (l.lane, l.campaign_id) = (e.lane, e.campaign_id)
     where (e.lane, e.idx) = (select lane, max(idx) from entries group by lane limit 1)
"""
_LONGER_LANE = """
    update lanes set next_idx = next_idx + 1
     where (select max(idx) from entries e where e.lane = lanes.lane) = next_idx
"""

DRAW = (
    breaks(
        "i01_one_entry_a_day",
        "alter table entries drop constraint entries_one_a_day",
        _ENTRY.format(day="e.day", at=":now"),
        _LONGER_LANE,
        also="h11_guards_stand",
    ),
    breaks(
        "i02_one_registration_a_person",
        """
        update registrations
           set person_key = (select person_key from registrations order by pid limit 1)
         where pid = (select pid from registrations order by pid desc limit 1)
        """,
    ),
    breaks("i03_entries_have_no_gap", "update lanes set next_idx = next_idx + 1 where lane = 0"),
    breaks(
        "i04_rounds_tile_and_chain",
        "update rounds set prev_seal_hash = sha256('another') where lane = 0 and seq = 1",
    ),
    breaks("i04_lanes_know_their_rounds", "update lanes set next_seq = next_seq + 1"),
    breaks(
        "i05_rounds_hold_their_entries",
        """
        update entries set day = 20260301
         where (lane, idx) = (select lane, idx from entries except select lane, idx from vouchers
                               limit 1)
        """,
    ),
    breaks(
        "i06_stock_falls_by_winners",
        f"update rounds set left_after[1] = left_after[1] + 1, cut[1] = 0 where {_LAST_ROUND}",
    ),
    breaks(
        "i07_stock_follows_topups",
        f"""
        update rounds
           set left_before[1] = left_before[1] + 1, left_after[1] = left_after[1] + 1, cut[1] = 0
         where {_LAST_ROUND}
        """,
    ),
    breaks(
        "i09_cut_only_when_out_of_stock",
        """
        update rounds set cut[t.tier] = 1
          from (select lane, seq, tier from rounds r,
                       unnest(r.left_after) with ordinality as a (after, tier)
                 where after > 0 limit 1) t
         where (rounds.lane, rounds.seq) = (t.lane, t.seq)
    """,
    ),
    breaks(
        "i10_vouchers_only_of_final_rounds",
        "update rounds set pi_auditor = '' where lane = 0 and seq = 0",
    ),
    breaks(
        "i11_vouchers_equal_kept_wins",
        """
        update rounds set kept[t.tier] = kept[t.tier] + 1, left_after[t.tier] = t.after - 1
          from (select lane, seq, tier, after from rounds r,
                       unnest(r.left_after) with ordinality as a (after, tier)
                 where after > 0
                   and seq = (select max(seq) from rounds where lane = r.lane) limit 1) t
         where (rounds.lane, rounds.seq) = (t.lane, t.seq)
        """,
    ),
    breaks("i11_vouchers_are_their_entrys", f"update vouchers set city = '421000' where {_HELD}"),
    breaks(
        "i12_vouchers_equal_their_tier",
        f"update vouchers set threshold_fen = threshold_fen + 1 where {_HELD}",
    ),
    breaks(
        "i13_wins_within_the_limit",
        "update rulebooks set rules = jsonb_set(rules, '{limits,wins_per_campaign}', '0')",
    ),
    breaks(
        "i13_win_counts_are_true",
        "update registrations set wins = wins + 1 where pid = (select pid from vouchers limit 1)",
    ),
    breaks(
        "i32_nobody_waits_for_a_draw",
        _ENTRY.format(day="20260301", at=":now - interval '5 minutes'"),
        _LONGER_LANE,
    ),
    breaks(
        "i32_no_round_is_unlogged",
        "delete from checkpoints where size = (select max(size) from checkpoints)",
        "delete from log_leaves where leaf = (select max(leaf) from log_leaves)",
    ),
    breaks(
        "i36_excluded_never_win",
        """
        insert into exclusions
        select 1, person_key, 'staff', '2026-01-01'
          from registrations where wins > 0 limit 1
        """,
    ),
    breaks(
        "i38_draws_go_forward_in_time",
        f"update vouchers set issued_at = '2026-02-01 00:00+08' where {_HELD}",
    ),
    breaks(
        "h10_one_change_of_keys",
        "update lanes set epoch = 1 where lane = 0",
    ),
    breaks("h2_log_has_no_gap", "update log_leaves set day = 20260301 where leaf = 0"),
    breaks("h3_persons_are_in_their_lane", "update campaigns set lane_hash = sha256('another')"),
    breaks(
        "h4_rounds_use_the_days_config",
        "update rounds set cfg_hash = sha256('another') where lane = 0 and seq = 0",
    ),
    breaks("h5_log_has_its_tiles", "insert into log_tiles values (1, 0, 0, sha256('another'))"),
    breaks(
        "h6_no_lane_is_frozen",
        "update lanes set frozen_at = :now, frozen_reason = 'under review' where lane = 0",
    ),
    breaks(
        "h7_everyone_is_there_and_agrees",
        "insert into notices (campaign_id, kind, subject, detail, began_at)"
        " values (1, 'signer_away', 'notary', '{}', :now)",
    ),
    breaks(
        "h8_consent_standings_are_true",
        """
        update registrations
           set consent_standing = 'revoked'
         where (lane, pid) = (select lane, pid from registrations
                               where consent_standing = 'given' order by lane, pid limit 1)
        """,
    ),
    breaks(
        "h9_entries_are_of_registered_people",
        f"delete from consents where {_LOSER}",
        f"delete from registrations where {_LOSER}",
    ),
)

TILL = (
    breaks(
        "i14_one_redemption_a_voucher",
        "drop index redemptions_one_live",
        f"""
        insert into locks
        select lane, campaign_id, idx, lock_no + 1, state, store_id, cashier_id, order_fen, offers,
               offers_fen, net_fen, discount_fen, rulebook_version, locked_at, locked_until,
               closed_at
          from locks where state = 'redeemed' and {_REDEEMED}
        """,
        f"update vouchers set lock_no = lock_no + 1 where {_REDEEMED}",
        f"""
        insert into redemptions
        select r.lane, r.campaign_id, r.idx, r.lock_no + 1, r.day, r.store_id, r.merchant_id,
               r.cashier_id, r.city, r.pack, r.payment_ref, r.face_fen, r.threshold_fen,
               r.order_fen, r.offers_fen, r.net_fen, r.discount_fen, r.rulebook_version,
               r.redeemed_at, 0, 0, 0, null
          from redemptions r where {_REDEEMED}
        """,
        also="i15_redeemed_has_a_redemption i18_codes_are_used_once i23_redemptions_are_booked "
        "i19_one_payment_one_redemption i28_payable_is_unsettled i31_news_follow_redemptions "
        "h11_guards_stand",
    ),
    breaks(
        "i15_redeemed_has_a_redemption",
        f"update vouchers set state = 'redeemed' where {_HELD}",
        also="i27_reserved_is_live_vouchers",
    ),
    breaks(
        "i15_locks_agree_with_vouchers",
        f"update locks set state = 'released' where state = 'redeemed' and {_REDEEMED}",
    ),
    breaks(
        "i16_terms_are_kept",
        f"update redemptions set order_fen = order_fen + 1, net_fen = net_fen + 1 "
        f"where {_REDEEMED}",
    ),
    breaks("i17_store_took_the_pack", "update store_packs set open_from = '2030-01-01'"),
    breaks(
        "i17_city_bound_vouchers_stay",
        """update rulebooks set rules = jsonb_set(rules, '{use_area}', '"registration_city"')""",
    ),
    breaks(
        "i18_codes_are_used_once",
        "update codes set used_at = null where code_key = "
        "(select code_key from codes where used_at is not null limit 1)",
    ),
    breaks(
        "i19_one_payment_one_redemption",
        f"update payments set payment_ref = 'another' where {_REDEEMED}",
    ),
    breaks(
        "i20_refunds_are_bounded",
        """
        update refunds set amount_fen = amount_fen + 1, to_consumer_fen = to_consumer_fen + 1
         where (lane, idx, refund_no) = (select lane, idx, refund_no from refunds limit 1)
        """,
    ),
    breaks(
        "i21_refunds_return_their_share",
        """
        create temp table partly as
        select lane, idx from redemptions
         where refund_count > 0 and refunded_fen + 1000 < net_fen limit 1
        """,
        "update redemptions set refunded_fen = refunded_fen + 1000 "
        "where (lane, idx) in (select lane, idx from partly)",
        """
        update refunds set amount_fen = amount_fen + 1000, to_consumer_fen = to_consumer_fen + 1000
         where (lane, idx) in (select lane, idx from partly) and refund_no = 1
        """,
    ),
    breaks(
        "i30_one_request_one_answer",
        "alter table requests drop constraint requests_pkey",
        "insert into requests select scope, request_key, 'another', answer, answered_at "
        "from requests limit 1",
        also="h11_guards_stand",
    ),
    breaks(
        "i32_no_message_waits",
        "update outbox set sent_at = null where message_id = (select min(message_id) from outbox)",
    ),
    breaks(
        "i33_expired_is_closed",
        f"update vouchers set valid_until = :now - interval '11 minutes' where {_HELD}",
    ),
    breaks(
        "i38_tills_go_forward_in_time",
        """
        update refunds f set refunded_at = r.redeemed_at - interval '2 seconds'
          from redemptions r
         where (r.lane, r.idx, r.lock_no, r.day) = (f.lane, f.idx, f.lock_no, f.day)
        """,
    ),
)

BREAKAGES = (*DRAW, *TILL, *MONEY, *ACQUIRERS, *PAYMENTS, *ORDERS, *GUARDS)
