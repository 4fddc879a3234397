-- I23 专户收支有账。What came in from payers, platform and debtors, and went back, is booked just so.
-- Each tranche, compensation, repayment and returned share has its transfer, and no other is there.
-- Few rows: the transfers are found in the house's book by their kinds.
with said as (
    select campaign_id, 'appropriate' as kind, bank_ref as ref, received_fen as amount_fen
      from tranches
     where bank_ref is not null
    union all
    select campaign_id, 'compensate', bank_ref, amount_fen
      from compensations
    union all
    select p.campaign_id, k.kind, p.bank_ref, p.amount_fen
      from repayments p
     cross join (values ('repay'), ('repaid')) k (kind)
    union all
    select campaign_id, 'return_remainder', bank_ref, amount_fen
      from closing_shares
     where bank_ref is not null
), booked as (
    select campaign_id, kind, ref, amount_fen
      from transfers
     where kind in ('appropriate', 'compensate', 'repay', 'return_remainder')
       and lane = -1
    union all
    select campaign_id, kind, ref, amount_fen
      from transfers
     where kind = 'repaid'
       and lane = 0
)
select campaign_id, kind, ref, s.amount_fen as said_fen, b.amount_fen as booked_fen
  from said s
  full join booked b
 using (campaign_id, kind, ref)
 where s.amount_fen is distinct from b.amount_fen;
