-- I19 外部单号与业务一一对应。Each order, payment and refund of an acquirer's has its number, and each number its deed.
-- Joins by keys on both sides, over what came by an acquirer alone.
select 'order' as what, coalesce(l.acquirer_id, o.acquirer_id) as acquirer_id, o.order_ref as ref,
       coalesce(l.idx, o.idx) as idx
  from (select * from locks where acquirer_id is not null) l
  full join (select * from acquirer_orders where lock_no is not null) o
    on (o.campaign_id, o.lane, o.idx, o.lock_no) = (l.campaign_id, l.lane, l.idx, l.lock_no)
 where (l.acquirer_id, l.store_id) is distinct from (o.acquirer_id, o.store_id)
union all
select 'payment', coalesce(r.acquirer_id, p.acquirer_id), coalesce(p.payment_ref, r.payment_ref),
       coalesce(r.idx, p.idx)
  from (select * from redemptions where acquirer_id is not null) r
  full join acquirer_payments p
    on (p.campaign_id, p.lane, p.idx, p.lock_no) = (r.campaign_id, r.lane, r.idx, r.lock_no)
 where (r.acquirer_id, r.payment_ref, r.day) is distinct from (p.acquirer_id, p.payment_ref, p.day)
union all
select 'refund', coalesce(f.acquirer_id, b.acquirer_id), b.refund_ref, coalesce(f.idx, b.idx)
  from (select * from refunds where acquirer_id is not null) f
  full join acquirer_refunds b
    on (b.campaign_id, b.lane, b.idx, b.lock_no, b.refund_no)
       = (f.campaign_id, f.lane, f.idx, f.lock_no, f.refund_no)
 where (f.acquirer_id, f.day) is distinct from (b.acquirer_id, b.day);
