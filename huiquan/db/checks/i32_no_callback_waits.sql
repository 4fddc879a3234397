-- I32 回调不积压。A callback whose turn it is gets its turn within minutes; whether it is heard is not ours.
select callback_id, acquirer_id, event, next_try_at, tries
  from callbacks
 where acknowledged_at is null
   and parked_at is null
   and next_try_at < current_setting('huiquan.now')::timestamptz - interval '5 minutes';
