-- H2 公开日志连续。The public log's leaves are numbered from 0; each is a final round, of its own day.
-- The one leaf without a lane is the declaration of a new epoch, at the place that it names.
select campaign_id, max(leaf) + 1 as leaf, null::smallint as lane, count(*) as seq,
       'leaves are missing' as flaw
  from log_leaves
 group by campaign_id
having min(leaf) <> 0
    or max(leaf) + 1 <> count(*)
union all
select g.campaign_id, g.leaf, g.lane, g.seq, 'its round is not final'
  from log_leaves g
  left join rounds r
    on (r.lane, r.campaign_id, r.seq) = (g.lane, g.campaign_id, g.seq)
 where g.lane >= 0
   and (r.state, r.day) is distinct from ('final', g.day)
union all
select g.campaign_id, g.leaf, g.lane, g.seq, 'no declaration belongs there'
  from log_leaves g
  left join epochs e
    on (e.campaign_id, e.epoch, e.leaf) = (g.campaign_id, g.seq, g.leaf)
 where g.lane < 0
   and e.begun_at is null
union all
select c.campaign_id, c.size, null, null, 'a checkpoint is longer than the log'
  from checkpoints c
 where c.size > (select count(*) from log_leaves g where g.campaign_id = c.campaign_id);
