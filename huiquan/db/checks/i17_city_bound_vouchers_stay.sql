-- I17 限市使用。Where the rules say so, a voucher is redeemed in the city of its registration.
select r.campaign_id, v.serial, v.city, r.city as redeemed_in
  from redemptions r
  join vouchers v
    on (v.lane, v.campaign_id, v.idx) = (r.lane, r.campaign_id, r.idx)
  join rulebooks b
    on (b.campaign_id, b.version) = (v.campaign_id, v.rulebook_version)
 where b.rules ->> 'use_area' = 'registration_city'
   and r.city <> v.city;
