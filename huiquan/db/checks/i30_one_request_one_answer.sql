-- I30 同一请求同一应答。A request key has one body and one answer.
select scope, request_key, count(*) as answers, count(distinct body_hash) as bodies
  from requests
 group by scope, request_key
having count(*) > 1;
