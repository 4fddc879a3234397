-- I32 回调不积压。While callbacks of an acquirer wait for their turn, one is tried every few minutes.
-- Whether it is heard is not ours. One look at two indexes for each acquirer.
select a.acquirer_id, a.code, waiting.next_try_at as waiting_since, last.tried_at as last_tried_at
  from acquirers a
 cross join lateral (
       select min(next_try_at) as next_try_at
         from callbacks
        where acquirer_id = a.acquirer_id
          and acknowledged_at is null
          and parked_at is null) waiting
 cross join lateral (
       select max(tried_at) as tried_at
         from callbacks
        where acquirer_id = a.acquirer_id
          and tried_at is not null) last
 where waiting.next_try_at is not null
   and greatest(waiting.next_try_at, coalesce(last.tried_at, waiting.next_try_at))
       < current_setting('huiquan.now')::timestamptz - interval '5 minutes';
