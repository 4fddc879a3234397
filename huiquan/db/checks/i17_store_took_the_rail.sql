-- I17 门店当时开通了该支付通道。A store takes vouchers only by a rail that was open there for the acquirer.
-- One look at store_rails' key for each lock of an acquirer's.
select l.campaign_id, l.lane, l.idx, l.lock_no, l.store_id, l.acquirer_id, l.locked_at
  from locks l
 where l.acquirer_id is not null
   and not exists (
       select from store_rails r
        where r.store_id = l.store_id
          and r.acquirer_id = l.acquirer_id
          and r.open_from <= l.locked_at
          and (r.open_until is null or l.locked_at < r.open_until));
