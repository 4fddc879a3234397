-- I13 中签不超上限。Nobody wins more often than the rules allow, over all or on one day (R1.4).
-- Where versions differ the most generous one counts: it may have been in force.
with limits as (
    select campaign_id,
           max((rules -> 'limits' ->> 'wins_per_campaign')::integer) as over_all,
           max((rules -> 'limits' ->> 'wins_per_day')::integer) as on_a_day
      from rulebooks
     group by campaign_id
)
select v.campaign_id, encode(v.pid, 'hex') as pid, null::integer as day, count(*) as wins,
       l.over_all as allowed
  from vouchers v
  join limits l
 using (campaign_id)
 group by v.campaign_id, v.pid, l.over_all
having count(*) > l.over_all
union all
select v.campaign_id, encode(v.pid, 'hex'), v.day, count(*), l.on_a_day
  from vouchers v
  join limits l
 using (campaign_id)
 group by v.campaign_id, v.pid, v.day, l.on_a_day
having count(*) > l.on_a_day;
