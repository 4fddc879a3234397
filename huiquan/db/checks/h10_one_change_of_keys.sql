-- H10 换钥一次。A campaign is in the epoch it declared; seals of the old one are drawn before or never.
-- Small tables alone are read, and of rounds those that the declaration set aside.
select c.campaign_id, null::smallint as lane, c.epoch, 'the epoch was not declared' as flaw
  from campaigns c
  left join epochs e
 using (campaign_id)
 where c.epoch <> case when e.begun_at is null then 0 else e.epoch end
union all
select l.campaign_id, l.lane, l.epoch, 'the lane seals for another epoch'
  from lanes l
  left join epochs e
 using (campaign_id)
 where l.epoch <> coalesce(e.epoch, 0)
union all
select v.campaign_id, v.lane, e.epoch, 'a seal was set aside that the declaration does not name'
  from void_seals v
  left join epochs e
 using (campaign_id)
 where e.begun_at is null
    or not convert_from(e.body, 'UTF8')::jsonb -> 'voided'
           @> jsonb_build_array(jsonb_build_array(v.lane, encode(v.seal_hash, 'hex')))
union all
select r.campaign_id, r.lane, e.epoch, 'a seal that was set aside is drawn'
  from void_seals v
  join rounds r
    on (r.lane, r.campaign_id, r.seq) = (v.lane, v.campaign_id, v.seq)
  left join epochs e
    on e.campaign_id = v.campaign_id
 where r.seal_hash = v.seal_hash;
