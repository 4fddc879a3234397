-- I34 重付有据。What was paid after all is booked once, to the fen, where two people confirmed the bank's line.
-- The payment had bounced in our books; the case holds the bank's line and our booking of it, and the
-- pool covers the same amount. Few rows: the transfers are found in the house's book by their kinds.
with said as (
    select c.campaign_id, s.ref, c.ours_key, s.merchant_id::text as holder, s.amount_fen
      from cases c
      join settlements s
        on s.campaign_id = c.campaign_id
       and s.ref = c.payment_ref
     where c.cause = 'paid_after_all'
       and c.state = 'closed'
       and c.book = 'bank'
       and c.proposed_by <> c.closed_by
       and s.state = 'bounced'
       and (c.theirs_fen, c.ours_fen) = (-s.amount_fen, -s.amount_fen)
), booked as (
    select campaign_id, ref, 'transfer/' || no as ours_key, debit_holder as holder, amount_fen
      from transfers
     where lane = -1
       and kind = 'overpay'
), covered as (
    select campaign_id, ref, credit_holder as holder, amount_fen
      from transfers
     where lane = -1
       and kind = 'cover'
)
select campaign_id, ref, holder, amount_fen, s.ours_key as said_key, b.ours_key as booked_key
  from said s
  full join booked b
 using (campaign_id, ref, holder, amount_fen)
  full join covered c
 using (campaign_id, ref, holder, amount_fen)
 where s.ours_key is distinct from b.ours_key
    or c.ref is null
    or b.ref is null
union all
select campaign_id, payment_ref, null, theirs_fen, ours_key, null
  from cases
 where cause = 'paid_after_all'
   and state = 'closed'
   and (ours_key is null or ours_fen <> theirs_fen);
