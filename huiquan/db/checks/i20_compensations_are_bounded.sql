-- I20 赔付有限度。What the platform made good for a redemption is never more than the voucher's part of it (R3.6).
-- A redemption's name (R001-0003-000000042-01-K) says lane, entry and lock. Compensations are few.
with named as (
    select campaign_id, redemption,
           split_part(redemption, '-', 2)::smallint as lane,
           split_part(redemption, '-', 3)::bigint as idx,
           split_part(redemption, '-', 4)::smallint as lock_no,
           sum(amount_fen) as made_good_fen
      from compensations
     where redemption is not null
     group by campaign_id, redemption
)
select n.campaign_id, n.redemption, n.made_good_fen, r.discount_fen
  from named n
  left join redemptions r
 using (lane, campaign_id, idx, lock_no)
 where n.made_good_fen > coalesce(r.discount_fen, 0);
