-- O1 凭证不全的订单款项暂缓。The money of an online order is held until its evidence is complete.
-- Or all of it came back, a person has lifted the hold, or it was settled before the evidence fell.
-- Counts again from parcels and events, more simply than the judging: each parcel that was not lost,
-- intercepted or sent back was dispatched by its registered warehouse, collected, and signed for in a
-- county that the order's address had, all of it since the order was opened; there is one; and what of
-- the goods is in no such parcel was refunded. Looks only at paid orders without a hold; each parcel
-- and each line of them is summed once, so that a day of many orders is asked in one pass.
with unheld as (
    select o.acquirer_id, o.order_ref, o.county, o.stage, o.lines, o.order_fen, d.net_fen,
           d.refunded_fen, o.opened_at - interval '5 minutes' as since
      from online_orders o
      join acquirer_orders p using (acquirer_id, order_ref)
      join redemptions d
        on (d.lane, d.campaign_id, d.idx, d.lock_no) = (p.lane, p.campaign_id, p.idx, p.lock_no)
     where o.paid_at is not null
       and d.refunded_fen < d.net_fen
       and d.settlement_id is null
       and not exists (
           select from settlement_holds h
            where h.merchant_id = d.merchant_id
              and (h.lane, h.campaign_id, h.idx, h.lock_no)
                = (d.lane, d.campaign_id, d.idx, d.lock_no)
              and (h.lifted_at is null or h.lifted_by <> 'house:orders'))
), road as (
    select u.acquirer_id, u.order_ref, p.lines,
           exists (select from order_events e
                     join warehouses w using (warehouse_id)
                    where (e.carrier_id, e.waybill) = (p.carrier_id, p.waybill)
                      and e.happened_at >= u.since
                      and e.kind = 'dispatched'
                      and e.sender_id = w.operator_id
                      and e.warehouse_id = p.warehouse_id
                      and w.approved_at <= e.happened_at
                      and (w.closed_at is null or e.happened_at < w.closed_at))
           and exists (select from order_events e
                        where (e.sender_id, e.waybill) = (p.carrier_id, p.waybill)
                          and e.happened_at >= u.since
                          and e.kind = 'collected')
           and exists (select from order_events e
                        where (e.sender_id, e.waybill) = (p.carrier_id, p.waybill)
                          and e.happened_at >= u.since
                          and e.kind = 'signed'
                          and (e.county = u.county
                               or e.county in (select c.county
                                                 from order_events c
                                                where c.acquirer_id = u.acquirer_id
                                                  and c.order_ref = u.order_ref
                                                  and c.kind = 'address_changed'
                                                  and c.county <> ''))) as is_proven,
           exists (select from order_events e
                    where (e.carrier_id, e.waybill) = (p.carrier_id, p.waybill)
                      and e.kind in ('lost', 'intercepted', 'returned')) as is_gone
      from unheld u
      join order_parcels p using (acquirer_id, order_ref)
), arrived as (
    select r.acquirer_id, r.order_ref, (piece ->> 0)::bigint as at,
           sum((piece ->> 1)::bigint) as count
      from road r
     cross join jsonb_array_elements(r.lines) piece
     where r.is_proven
     group by r.acquirer_id, r.order_ref, at
), missing as (
    select u.acquirer_id, u.order_ref,
           sum(greatest((l.line ->> 'quantity')::bigint - coalesce(a.count, 0), 0)
               * (l.line ->> 'unit_fen')::bigint) as fen
      from unheld u
     cross join jsonb_array_elements(u.lines) with ordinality l (line, at)
      left join arrived a
        on (a.acquirer_id, a.order_ref, a.at) = (u.acquirer_id, u.order_ref, l.at)
     group by u.acquirer_id, u.order_ref
)
select u.acquirer_id, u.order_ref, u.stage
  from unheld u
  left join missing m using (acquirer_id, order_ref)
 where not exists (select from road r
                    where (r.acquirer_id, r.order_ref) = (u.acquirer_id, u.order_ref)
                      and r.is_proven)
    or exists (select from road r
                where (r.acquirer_id, r.order_ref) = (u.acquirer_id, u.order_ref)
                  and not r.is_proven
                  and not r.is_gone)
    or div(m.fen * u.net_fen, u.order_fen) > u.refunded_fen;
