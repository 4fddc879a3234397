-- I33 过期即关闭。A voucher whose time is over is expired in the books within ten minutes.
select campaign_id, serial, state, valid_until, face_fen
  from vouchers
 where state in ('held', 'locked')
   and valid_until < current_setting('huiquan.now')::timestamptz - interval '10 minutes';
