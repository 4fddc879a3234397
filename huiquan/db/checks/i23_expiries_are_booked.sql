-- I23 过期有账。Each expired voucher has sent its face back once, and nothing else has.
with booked as (
    select campaign_id, lane, idx, ref, amount_fen
      from transfers
     where kind = 'expire'
), expired as (
    select campaign_id, lane, idx, serial, face_fen
      from vouchers
     where state = 'expired'
)
select coalesce(v.campaign_id, b.campaign_id) as campaign_id,
       coalesce(v.lane, b.lane) as lane,
       coalesce(v.idx, b.idx) as idx,
       v.serial, b.ref, v.face_fen, b.amount_fen
  from expired v
  full join booked b
    on (b.campaign_id, b.lane, b.idx) = (v.campaign_id, v.lane, v.idx)
 where (v.serial, v.face_fen) is distinct from (b.ref, b.amount_fen);
