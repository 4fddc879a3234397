-- I20 退款有限度。What a redemption says came back is the sum of its refunds, numbered from 1.
with summed as (
    select campaign_id, lane, idx, lock_no,
           count(*) as refunds,
           max(refund_no) as last_no,
           sum(amount_fen) as amount_fen,
           sum(to_fund_fen) as to_fund_fen
      from refunds
     group by campaign_id, lane, idx, lock_no
)
select r.campaign_id, r.lane, r.idx, r.lock_no, r.refund_count, s.refunds, r.refunded_fen,
       s.amount_fen, r.returned_fen, s.to_fund_fen, r.net_fen, r.discount_fen
  from redemptions r
  left join summed s
 using (campaign_id, lane, idx, lock_no)
 where (r.refund_count, r.refund_count, r.refunded_fen, r.returned_fen)
       <> (coalesce(s.refunds, 0), coalesce(s.last_no, 0),
           coalesce(s.amount_fen, 0), coalesce(s.to_fund_fen, 0))
    or r.refunded_fen > r.net_fen
    or r.returned_fen > r.discount_fen;
