-- I31 回调与业务对应。Whoever wants callbacks is told of each redemption and refund: none is missing.
-- Counts by acquirer; which one is missing is looked for by a person.
with told as (
    select acquirer_id,
           count(*) filter (where event like 'redeemed/%') as redeemed,
           count(*) filter (where event like 'refunded/%') as refunded
      from callbacks
     group by acquirer_id
), done as (
    select a.acquirer_id,
           (select count(*) from acquirer_payments p where p.acquirer_id = a.acquirer_id)
           as redeemed,
           (select count(*) from acquirer_refunds f where f.acquirer_id = a.acquirer_id)
           as refunded
      from acquirers a
     where a.callback_url is not null
       and not a.is_sandbox
)
select d.acquirer_id, d.redeemed, coalesce(t.redeemed, 0) as told_redeemed,
       d.refunded, coalesce(t.refunded, 0) as told_refunded
  from done d
  left join told t using (acquirer_id)
 where (d.redeemed, d.refunded) is distinct from (coalesce(t.redeemed, 0), coalesce(t.refunded, 0));
