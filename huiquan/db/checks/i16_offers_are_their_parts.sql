-- I16 优惠有明细。What offers took off an order is the sum of its offers, by who pays for each (R5.7).
-- Locks without an offer, nearly all, are passed over by two plain comparisons.
select l.campaign_id, l.lane, l.idx, l.lock_no, l.offers_fen, o.parts_fen
  from locks l
 cross join lateral (
       select coalesce(sum((part ->> 'amount_fen')::bigint)
                           filter (where part ->> 'funder' in ('platform', 'merchant')), 0)
                  as parts_fen
         from jsonb_array_elements(l.offers) part) o
 where (l.offers_fen > 0 or l.offers <> '[]')
   and l.offers_fen <> o.parts_fen;
