-- O3 订单支付与核销一致。An order is paid exactly when its voucher was redeemed, at the same moment.
-- Two key look-ups for each order.
select o.acquirer_id, o.order_ref, o.paid_at, d.redeemed_at
  from online_orders o
  left join acquirer_orders p using (acquirer_id, order_ref)
  left join redemptions d
    on (d.lane, d.campaign_id, d.idx, d.lock_no) = (p.lane, p.campaign_id, p.idx, p.lock_no)
 where o.paid_at is distinct from d.redeemed_at;
