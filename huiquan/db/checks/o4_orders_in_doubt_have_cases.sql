-- O4 存疑订单已立案。An order in doubt has a case, once the job that opens cases has passed over it.
-- People decide the case or have decided it. Looks only at orders in doubt, through the index of
-- unfinished ones, and at the runs of one job.
select o.acquirer_id, o.order_ref, o.judged_at
  from online_orders o
 where o.stage = 'doubtful'
   and exists (select from job_runs r
                where r.name = 'open_order_cases'
                  and r.started_at > o.judged_at + interval '1 minute'
                  and r.finished_at is not null)
   and not exists (select from order_cases c
                    where (c.acquirer_id, c.order_ref) = (o.acquirer_id, o.order_ref)
                      and c.why = 'doubtful'
                      and (c.state <> 'closed' or c.decision is not null));
