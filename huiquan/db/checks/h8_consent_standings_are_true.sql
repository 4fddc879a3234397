-- H8 同意状态属实。What a person's row says of their consents is what their newest consents say.
-- Revoked if one of them was taken back, given if both kinds stand, else missing (R1.1).
-- Asked about what is new since `huiquan.since`, and about everything several times a day.
with clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
), touched as (
    select lane, campaign_id, pid
      from registrations
     where registered_at >= (select since from clock)
     union
    select lane, campaign_id, pid
      from consents
     where greatest(granted_at, revoked_at) >= (select since from clock)
), newest as (
    select distinct on (lane, campaign_id, pid, kind) lane, campaign_id, pid, kind, revoked_at
      from consents
      join touched
     using (lane, campaign_id, pid)
     order by lane, campaign_id, pid, kind, granted_at desc
), said as (
    select lane, campaign_id, pid,
           count(*) filter (where revoked_at is null) as stand,
           count(*) filter (where revoked_at is not null) as taken_back
      from newest
     group by lane, campaign_id, pid
)
select r.campaign_id, r.lane, encode(r.pid, 'hex') as pid, r.consent_standing,
       s.stand, s.taken_back
  from registrations r
  join touched
 using (lane, campaign_id, pid)
  left join said s
 using (lane, campaign_id, pid)
 where r.consent_standing <> case when s.taken_back > 0 then 'revoked'
                                  when s.stand = 2 then 'given'
                                  else 'missing' end;
