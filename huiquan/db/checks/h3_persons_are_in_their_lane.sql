-- H3 通道由哈希决定。Nobody is in another lane than the one their pseudonym leads to (threat T6).
-- The lane is the leading 64 bits of H("lane", lane hash, pid), modulo the number of lanes.
-- Asked about what is new since `huiquan.since`, and about everything several times a day.
with clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
), hashed as (
    select r.campaign_id, r.lane, r.pid, c.lanes,
           ('x' || encode(substring(
               sha256('\x04'::bytea || 'lane'::bytea || c.lane_hash || r.pid) for 8), 'hex')
           )::bit(64)::bigint::numeric as signed
      from registrations r
      join campaigns c
     using (campaign_id)
     where r.registered_at >= (select since from clock)
), placed as (
    select *, mod(signed + case when signed < 0 then 2::numeric ^ 64 else 0 end, lanes) as due_lane
      from hashed
)
select campaign_id, encode(pid, 'hex') as pid, lane, due_lane
  from placed
 where lane <> due_lane;
