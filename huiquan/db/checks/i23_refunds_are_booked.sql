-- I23 退款有账。Each refund moves the fund's part once: from what is payable, or as a debt if late.
-- Its name (F001-0003-000000042-01-02-K) says lane, entry, lock and refund number.
with booked as (
    select campaign_id,
           split_part(ref, '-', 2)::smallint as lane,
           split_part(ref, '-', 3)::bigint as idx,
           split_part(ref, '-', 4)::smallint as lock_no,
           split_part(ref, '-', 5)::smallint as refund_no,
           ref, kind, debit_holder as holder, amount_fen, day
      from transfers
     where kind in ('refund', 'reinstate', 'refund_late')
), due as (
    select f.campaign_id, f.lane, f.idx, f.lock_no, f.refund_no, f.late, r.merchant_id,
           f.to_fund_fen, f.day
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     where f.to_fund_fen > 0
)
select coalesce(d.campaign_id, b.campaign_id) as campaign_id,
       coalesce(d.lane, b.lane) as lane,
       coalesce(d.idx, b.idx) as idx,
       b.ref, b.kind, d.late, d.merchant_id, b.holder, d.to_fund_fen, b.amount_fen,
       d.day, b.day as booked_day
  from due d
  full join booked b
 using (campaign_id, lane, idx, lock_no, refund_no)
 where (d.merchant_id::text, d.to_fund_fen, d.late, d.day)
       is distinct from (b.holder, b.amount_fen, b.kind = 'refund_late', b.day);
