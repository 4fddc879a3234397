-- H9 参与者均已报名。Nobody stands in the draw who is not registered in the same lane (R1.1).
select e.campaign_id, e.lane, e.idx, encode(e.pid, 'hex') as pid
  from entries e
  left join registrations r
    on (r.lane, r.campaign_id, r.pid) = (e.lane, e.campaign_id, e.pid)
 where r.pid is null;
