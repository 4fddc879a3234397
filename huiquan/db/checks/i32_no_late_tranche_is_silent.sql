-- I32 拨款逾期必预警。A tranche that is due and has not arrived stands among the alerts within the hour (R2.4).
-- Only where every version of the rules has a mark for it; the mildest mark counts. Tranches are few.
with clock as (
    select current_setting('huiquan.now')::timestamptz as now
), marks as (
    select b.campaign_id, min((rule ->> 'below')::integer) as below
      from rulebooks b
     cross join lateral jsonb_array_elements(coalesce(b.rules -> 'fund_alerts', '[]')) rule
     where rule ->> 'kind' = 'tranche_days'
     group by b.campaign_id
    having count(distinct b.version) = (select count(*) from rulebooks v
                                         where v.campaign_id = b.campaign_id)
)
select t.campaign_id, t.tranche_no, t.due_on, t.planned_fen, t.planned_at
  from tranches t
  join marks m
 using (campaign_id)
 cross join clock
 where t.bank_ref is null
   and greatest(t.planned_at,
                (t.due_on - m.below + 1)::timestamp at time zone 'Asia/Shanghai')
       < clock.now - interval '1 hour'
   and not exists (
       select from fund_alerts a
        where a.campaign_id = t.campaign_id
          and a.kind = 'tranche_days'
          and a.subject = 'tranche ' || t.tranche_no
          and a.ended_at is null);
