-- I2 一人一个编号。A person has one pseudonym in a campaign, and a pseudonym one person (R1.1).
select campaign_id, 'pid' as doubled, encode(pid, 'hex') as who, count(*) as registrations
  from registrations
 group by campaign_id, pid
having count(*) > 1
union all
select campaign_id, 'person', encode(person_key, 'hex'), count(*)
  from registrations
 group by campaign_id, person_key
having count(*) > 1;
