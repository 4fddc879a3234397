-- I1 一人一天只参与一次。A person enters at most once a day (R1.4).
-- Within a lane a unique key holds it; this looks over all lanes.
select campaign_id, day, encode(pid, 'hex') as pid, count(*) as entries
  from entries
 group by campaign_id, day, pid
having count(*) > 1;
