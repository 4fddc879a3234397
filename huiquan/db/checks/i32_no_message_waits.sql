-- I32 消息不积压。What has to be told is sent, or set aside for people to look at, within minutes.
select message_id, kind, created_at, tries, last_error
  from outbox
 where sent_at is null
   and parked_at is null
   and created_at < current_setting('huiquan.now')::timestamptz - interval '5 minutes';
