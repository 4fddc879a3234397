-- I12 面额门槛不变。A voucher has the face and threshold of its tier in the rules it was won under.
with tiers as materialized (
    select b.campaign_id,
           b.version,
           (t ->> 'number')::smallint as tier,
           (t ->> 'pack')::smallint as pack,
           (t ->> 'face_fen')::bigint as face_fen,
           (t ->> 'threshold_fen')::bigint as threshold_fen
      from rulebooks b
     cross join lateral jsonb_array_elements(b.rules -> 'tiers') t
)
select v.campaign_id, v.serial, v.tier, v.pack, v.face_fen, v.threshold_fen,
       t.pack as tier_pack, t.face_fen as tier_face_fen, t.threshold_fen as tier_threshold_fen
  from vouchers v
  left join tiers t
    on (t.campaign_id, t.version, t.tier) = (v.campaign_id, v.rulebook_version, v.tier)
 where (v.pack, v.face_fen, v.threshold_fen)
       is distinct from (t.pack, t.face_fen, t.threshold_fen);
