-- I33 过期即关闭。A voucher whose time is over is expired in the books within ten minutes.
with clock as materialized (
    -- Read here once: what a session is told of the time does not reach other machines.
    select current_setting('huiquan.now')::timestamptz as now
)
select campaign_id, serial, state, valid_until, face_fen
  from vouchers
 cross join clock
 where state in ('held', 'locked')
   and valid_until < clock.now - interval '10 minutes';
