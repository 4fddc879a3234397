-- I11 券归参与人。A voucher has the person, day, pack and city of the entry that won it.
select v.campaign_id, v.serial,
       v.day, e.day as entry_day,
       v.pack, e.pack as entry_pack,
       v.city, e.city as entry_city,
       encode(v.pid, 'hex') as pid, encode(e.pid, 'hex') as entry_pid
  from vouchers v
  join entries e
    on (e.lane, e.campaign_id, e.idx) = (v.lane, v.campaign_id, v.idx)
 where (v.pid, v.day, v.pack, v.city) <> (e.pid, e.day, e.pack, e.city);
