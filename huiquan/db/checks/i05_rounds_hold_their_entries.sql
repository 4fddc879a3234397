-- I5 轮次人数真实。A round holds exactly the entries its seal counts, all of one day.
select r.campaign_id, r.lane, r.seq, r.day, r.entry_count, e.found
  from rounds r
 cross join lateral (
       select count(*) as found
         from entries
        where lane = r.lane
          and campaign_id = r.campaign_id
          and idx >= r.first_idx
          and idx < r.first_idx + r.entry_count
          and day = r.day
       ) e
 where e.found <> r.entry_count;
