-- I32 公开日志不延迟。A round stands in the public log within a minute of becoming final.
with clock as materialized (
    -- Read here once: what a session is told of the time does not reach other machines.
    select current_setting('huiquan.now')::timestamptz as now
)
select r.campaign_id, r.lane, r.seq, r.day, r.final_at
  from rounds r
 cross join clock
  left join log_leaves g
    on (g.campaign_id, g.lane, g.seq) = (r.campaign_id, r.lane, r.seq)
 where r.state = 'final'
   and g.leaf is null
   and r.final_at < clock.now - interval '1 minute';
