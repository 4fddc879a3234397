-- I17 门店当时有资格。A store redeems only packs it took when the voucher was locked, in its own name.
-- Over an acquirer's door there is no cashier; which rails it took is asked by a01.
select r.campaign_id, r.lane, r.idx, r.store_id, s.code, r.pack, l.locked_at,
       r.merchant_id, s.merchant_id as store_merchant_id, r.city, s.city as store_city
  from redemptions r
  join locks l
    on (l.lane, l.campaign_id, l.idx, l.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
  join stores s
    on s.store_id = r.store_id
  left join cashiers c
    on c.cashier_id = r.cashier_id
 where (r.merchant_id, r.city) <> (s.merchant_id, s.city)
    or c.store_id <> r.store_id
    or not exists (
       select from store_packs p
        where p.store_id = r.store_id
          and p.campaign_id = r.campaign_id
          and p.pack = r.pack
          and p.open_from <= l.locked_at
          and (p.open_until is null or l.locked_at < p.open_until));
