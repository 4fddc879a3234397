-- I13 中签次数属实。Everyone's count of wins is the number of vouchers issued to them.
select r.campaign_id, r.lane, encode(r.pid, 'hex') as pid, r.wins, count(v.idx) as vouchers
  from registrations r
  left join vouchers v
    on (v.lane, v.campaign_id, v.pid) = (r.lane, r.campaign_id, r.pid)
 group by r.lane, r.campaign_id, r.pid
having r.wins <> count(v.idx);
