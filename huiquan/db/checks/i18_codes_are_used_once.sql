-- I18 券码一次有效。Each lock used up one code, in the code's time, and no used code was void.
with used as (
    select campaign_id, lane, idx, count(*) as codes
      from codes
     where used_at is not null
     group by campaign_id, lane, idx
)
select v.campaign_id, v.lane, v.idx, v.serial, v.lock_no as locks, u.codes as codes_used,
       null::timestamptz as used_at
  from vouchers v
  left join used u
 using (campaign_id, lane, idx)
 where v.lock_no <> coalesce(u.codes, 0)
union all
select c.campaign_id, c.lane, c.idx, null, null, null, c.used_at
  from codes c
 where c.used_at >= c.expires_at
    or c.used_at < c.minted_at - interval '1 second'
    or (c.used_at is not null and c.voided_at is not null);
