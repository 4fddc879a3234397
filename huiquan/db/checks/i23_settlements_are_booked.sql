-- I23 清算有账。Each settlement books what it recovers, settles, pays and gets back; nothing else does.
with booked as (
    select campaign_id, kind, ref,
           case when kind in ('recover', 'settle', 'pay_back') then credit_holder
                else debit_holder
            end as holder,
           sum(amount_fen) as amount_fen
      from transfers
     where kind in ('recover', 'regain', 'settle', 'pay', 'pay_back', 'bounce')
     group by 1, 2, 3, 4
), due as (
    select s.campaign_id, k.kind, s.ref, s.merchant_id::text as holder, k.amount_fen
      from settlements s
     cross join lateral (
           values ('recover', s.recovered_fen),
                  ('regain', s.recovered_fen),
                  ('settle', s.amount_fen),
                  ('pay', case when s.paid_at is not null then s.amount_fen else 0 end),
                  ('pay_back', case when s.paid_at is not null and s.state = 'bounced'
                                    then s.amount_fen else 0 end),
                  ('bounce', case when s.state = 'bounced' then s.amount_fen else 0 end)
           ) k (kind, amount_fen)
     where k.amount_fen > 0
)
select campaign_id, kind, ref, holder, d.amount_fen as due_fen, b.amount_fen as booked_fen
  from due d
  full join booked b
 using (campaign_id, kind, ref, holder)
 where d.amount_fen is distinct from b.amount_fen;
