-- H9 参与者均已报名。Nobody stands in the draw who is not registered in the same lane (R1.1).
-- Asked about what is new since `huiquan.since`, and about everything several times a day.
with clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
)
select e.campaign_id, e.lane, e.idx, encode(e.pid, 'hex') as pid
  from entries e
  left join registrations r
    on (r.lane, r.campaign_id, r.pid) = (e.lane, e.campaign_id, e.pid)
 where r.pid is null
   and e.entered_at >= (select since from clock);
