-- I27 占用等于在途券。What is reserved in a lane is the face of its vouchers that may still be spent.
with live as (
    select campaign_id, lane, sum(face_fen) as live_fen
      from vouchers
     where state in ('held', 'locked')
     group by campaign_id, lane
), reserved as (
    select campaign_id, lane, amount_fen
      from balances
     where account = 'reserved'
)
select campaign_id, lane, v.live_fen, b.amount_fen as reserved_fen
  from live v
  full join reserved b
 using (campaign_id, lane)
 where coalesce(v.live_fen, 0) <> coalesce(b.amount_fen, 0);
