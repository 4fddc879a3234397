-- I37 余额等于逐日之和。A cell of the fund is the sum of what each day brought to it.
-- The steps are held against the books by another question. Two small tables, read once.
with summed as (
    select campaign_id, day, tier, city,
           sum(issued_count) as issued_count, sum(issued_fen) as issued_fen,
           sum(expired_fen) as expired_fen, sum(refunded_fen) as refunded_fen,
           sum(spent_fen) as spent_fen, sum(settling_fen) as settling_fen,
           sum(paid_fen) as paid_fen, sum(late_fen) as late_fen
      from fund_steps
     group by campaign_id, day, tier, city
)
select campaign_id, day, tier, city, s.issued_fen, c.issued_fen as kept_issued_fen, s.spent_fen,
       c.spent_fen as kept_spent_fen, s.paid_fen, c.paid_fen as kept_paid_fen
  from summed s
  full join fund_cells c
 using (campaign_id, day, tier, city)
 where (s.issued_count, s.issued_fen, s.expired_fen, s.refunded_fen, s.spent_fen, s.settling_fen,
        s.paid_fen, s.late_fen)
       is distinct from (c.issued_count, c.issued_fen, c.expired_fen, c.refunded_fen, c.spent_fen,
                         c.settling_fen, c.paid_fen, c.late_fen);
