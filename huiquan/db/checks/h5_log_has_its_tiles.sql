-- H5 日志分片齐全。Every 256 leaves, and every 256 full tiles, have their tile, numbered from 0.
select s.campaign_id, levels.level, s.size,
       s.size / (256 ^ (levels.level + 1))::bigint as wanted, t.kept
  from (select c.campaign_id, count(g.leaf) as size
          from campaigns c
          left join log_leaves g using (campaign_id)
         group by c.campaign_id) s
 cross join generate_series(0, 6) as levels (level)
 cross join lateral (
       select count(*) as kept, coalesce(max(number) + 1, 0) as reached
         from log_tiles
        where campaign_id = s.campaign_id
          and level = levels.level
       ) t
 where t.kept <> s.size / (256 ^ (levels.level + 1))::bigint
    or t.reached <> t.kept;
