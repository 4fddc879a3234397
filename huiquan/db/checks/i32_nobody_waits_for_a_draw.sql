-- I32 开奖不超时。Whoever entered is drawn within a minute; whoever is on a list, by the draw day's end.
with clock as materialized (
    -- Read here once: what a session is told of the time does not reach other machines.
    select current_setting('huiquan.now')::timestamptz as now
)
select l.campaign_id, l.lane, l.final_idx as idx, e.entered_at, l.next_idx - l.final_idx as waiting
  from lanes l
 cross join clock
  join campaigns c
 using (campaign_id)
  join entries e
    on (e.lane, e.campaign_id, e.idx) = (l.lane, l.campaign_id, l.final_idx)
 where l.final_idx < l.next_idx
   and clock.now
       > case c.mode
         when 'instant' then e.entered_at + interval '1 minute'
         else (to_date(e.day::text, 'YYYYMMDD') + 1)::timestamp at time zone 'Asia/Shanghai'
         end;
