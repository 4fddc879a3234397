-- I32 开奖不超时。Whoever entered is drawn within a minute.
select l.campaign_id, l.lane, l.final_idx as idx, e.entered_at, l.next_idx - l.final_idx as waiting
  from lanes l
  join entries e
    on (e.lane, e.campaign_id, e.idx) = (l.lane, l.campaign_id, l.final_idx)
 where l.final_idx < l.next_idx
   and e.entered_at < current_setting('huiquan.now')::timestamptz - interval '1 minute';
