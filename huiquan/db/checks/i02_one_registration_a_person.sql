-- I2 一人一个编号。A person has one pseudonym in a campaign, and a pseudonym one person (R1.1).
-- Asked about what is new since `huiquan.since`, and about everything several times a day.
with clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
), fresh as (
    select distinct campaign_id, pid, person_key
      from registrations
     where registered_at >= (select since from clock)
)
select campaign_id, 'pid' as doubled, encode(pid, 'hex') as who, count(*) as registrations
  from registrations
 where (campaign_id, pid) in (select campaign_id, pid from fresh)
 group by campaign_id, pid
having count(*) > 1
union all
select campaign_id, 'person', encode(person_key, 'hex'), count(*)
  from registrations
 where (campaign_id, person_key) in (select campaign_id, person_key from fresh)
 group by campaign_id, person_key
having count(*) > 1;
