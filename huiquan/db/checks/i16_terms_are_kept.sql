-- I16 核销符合条件。A redemption keeps its voucher's terms, in its time, as locked at the till (R1.2).
select r.campaign_id, v.serial, r.lock_no,
       r.face_fen, v.face_fen as voucher_face_fen,
       r.threshold_fen, v.threshold_fen as voucher_threshold_fen,
       r.net_fen, l.net_fen as locked_net_fen,
       r.redeemed_at, v.valid_from, v.valid_until
  from redemptions r
  join vouchers v
    on (v.lane, v.campaign_id, v.idx) = (r.lane, r.campaign_id, r.idx)
  join locks l
    on (l.lane, l.campaign_id, l.idx, l.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
 where (r.face_fen, r.threshold_fen, r.pack, r.rulebook_version)
       <> (v.face_fen, v.threshold_fen, v.pack, v.rulebook_version)
    or (r.order_fen, r.offers_fen, r.net_fen, r.discount_fen, r.store_id)
       <> (l.order_fen, l.offers_fen, l.net_fen, l.discount_fen, l.store_id)
    or r.net_fen < v.threshold_fen
    or r.discount_fen <> v.face_fen
    or r.redeemed_at < v.valid_from
    or r.redeemed_at >= v.valid_until;
