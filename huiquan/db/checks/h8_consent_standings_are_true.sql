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
)
select t.campaign_id, t.lane, encode(t.pid, 'hex') as pid, r.consent_standing,
       said.stand, said.taken_back
  from touched t
  join registrations r
 using (lane, campaign_id, pid)
 -- Person by person, by key: joined at large, the planner took a few people for everybody and
 -- compared everybody with everybody.
 cross join lateral (
       select count(*) filter (where newest.revoked_at is null) as stand,
              count(*) filter (where newest.revoked_at is not null) as taken_back
         from (select distinct on (c.kind) c.revoked_at
                 from consents c
                where c.lane = t.lane and c.campaign_id = t.campaign_id and c.pid = t.pid
                order by c.kind, c.granted_at desc) newest) said
 where r.consent_standing <> case when said.taken_back > 0 then 'revoked'
                                  when said.stand = 2 then 'given'
                                  else 'missing' end;
