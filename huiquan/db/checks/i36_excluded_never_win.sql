-- I36 排除人员不中签。Nobody excluded or suspended when entering holds a voucher.
select v.campaign_id, v.serial, encode(v.pid, 'hex') as pid, e.entered_at,
       x.since as excluded_since, r.suspended_at
  from vouchers v
  join entries e
    on (e.lane, e.campaign_id, e.idx) = (v.lane, v.campaign_id, v.idx)
  join registrations r
    on (r.lane, r.campaign_id, r.pid) = (v.lane, v.campaign_id, v.pid)
  left join exclusions x
    on (x.campaign_id, x.person_key) = (r.campaign_id, r.person_key)
   and x.since <= e.entered_at
 where x.since is not null
    or r.suspended_at <= e.entered_at;
