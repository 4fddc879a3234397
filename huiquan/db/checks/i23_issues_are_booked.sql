-- I23 发券有账。Each voucher has one reservation of its face, and each reservation its voucher.
with booked as (
    select campaign_id, lane, idx, ref, amount_fen
      from transfers
     where kind = 'reserve'
)
select coalesce(v.campaign_id, b.campaign_id) as campaign_id,
       coalesce(v.lane, b.lane) as lane,
       coalesce(v.idx, b.idx) as idx,
       v.serial, b.ref, v.face_fen, b.amount_fen
  from vouchers v
  full join booked b
    on (b.campaign_id, b.lane, b.idx) = (v.campaign_id, v.lane, v.idx)
 where (v.serial, v.face_fen) is distinct from (b.ref, b.amount_fen);
