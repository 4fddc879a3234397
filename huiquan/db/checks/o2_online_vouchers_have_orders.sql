-- O2 线上券随订单使用。Where the rules want it, an online voucher is locked for an order opened before.
-- And for its amount. One look at the order's key for each lock at an online store. In three steps, for
-- on a cluster the rules and the orders stand on the coordinator and the locks do not.
with wanting as materialized (
    select campaign_id, version as rulebook_version
      from rulebooks
     where (rules -> 'online' ->> 'orders_only')::boolean
), locked as materialized (
    select l.campaign_id, l.lane, l.idx, l.lock_no, l.store_id, l.order_fen, l.locked_at
      from locks l
      join stores s using (store_id)
      join wanting using (campaign_id, rulebook_version)
     where s.channel = 'online'
)
select l.campaign_id, l.lane, l.idx, l.lock_no, l.store_id
  from locked l
 where not exists (
       select from acquirer_orders p
         join online_orders o using (acquirer_id, order_ref)
        where (p.campaign_id, p.lane, p.idx, p.lock_no)
            = (l.campaign_id, l.lane, l.idx, l.lock_no)
          and o.store_id = l.store_id
          and o.order_fen = l.order_fen
          and o.opened_at <= l.locked_at);
