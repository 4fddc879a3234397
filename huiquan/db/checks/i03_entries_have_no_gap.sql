-- I3 参与编号连续。The entries of a lane are numbered from 0 without a gap, up to its queue's end.
-- The numbers are unique, so first, last and count tell it all.
select l.campaign_id,
       l.lane,
       l.next_idx,
       e.first_idx,
       e.last_idx,
       e.entries
  from lanes l
 cross join lateral (
       select min(idx) as first_idx, max(idx) as last_idx, count(*) as entries
         from entries
        where lane = l.lane
          and campaign_id = l.campaign_id
       ) e
 where e.entries <> l.next_idx
    or coalesce(e.first_idx, 0) <> 0
    or coalesce(e.last_idx, -1) <> l.next_idx - 1;
