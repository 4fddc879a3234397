-- I38 摇号时序。Registered, entered, sealed, final, issued: never the other way round.
-- The processes' clocks may differ a little; a second is allowed.
-- Asked about what is new since `huiquan.since`, and about everything several times a day.
with clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
)
select e.campaign_id, e.lane, e.idx, 'entered before registered' as flaw,
       r.registered_at as earlier, e.entered_at as later
  from entries e
  join registrations r
    on (r.lane, r.campaign_id, r.pid) = (e.lane, e.campaign_id, e.pid)
 where e.entered_at < r.registered_at - interval '1 second'
   and r.registered_at >= (select since from clock)
union all
select r.campaign_id, r.lane, r.seq, 'sealed before its last entry', e.entered_at, r.sealed_at
  from rounds r
  join entries e
    on (e.lane, e.campaign_id, e.idx)
       = (r.lane, r.campaign_id, r.first_idx + r.entry_count - 1)
 where r.sealed_at < e.entered_at - interval '1 second'
   and greatest(r.sealed_at, e.entered_at) >= (select since from clock)
union all
select campaign_id, lane, seq, 'final before sealed', sealed_at, final_at
  from rounds
 where final_at < sealed_at - interval '1 second'
   and greatest(sealed_at, final_at) >= (select since from clock)
union all
select v.campaign_id, v.lane, v.idx, 'issued before its round was sealed', r.sealed_at, v.issued_at
  from vouchers v
 cross join lateral (
       select sealed_at
         from rounds
        where lane = v.lane
          and campaign_id = v.campaign_id
          and first_idx <= v.idx
        order by first_idx desc
        limit 1
       ) r
 where v.issued_at < r.sealed_at - interval '1 second'
   and v.issued_at >= (select since from clock);
