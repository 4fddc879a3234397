-- I21 退款按比例。Of a voucher, the fund has back its share of the goods returned, rounded half up.
-- So a full refund returns the whole voucher (R2.4). Counted again in whole fen; where the rules say
-- that the first goods are the fund's, it has the goods up to the voucher.
with judged as (
    select r.campaign_id, r.lane, r.idx, r.lock_no, r.net_fen, r.discount_fen, r.refunded_fen,
           r.returned_fen,
           case when coalesce(b.rules -> 'refunds' ->> 'partial',
                              case when b.rules ->> 'refund_policy'
                                        = 'voucher_back_if_full_else_pool'
                                   then 'fund_first' end) = 'fund_first'
                then least(r.discount_fen, r.refunded_fen)
                else (2 * r.discount_fen * r.refunded_fen + r.net_fen) / (2 * r.net_fen)
            end as share_fen
      from redemptions r
      join rulebooks b
        on (b.campaign_id, b.version) = (r.campaign_id, r.rulebook_version)
     where r.refund_count > 0
)
select *
  from judged
 where returned_fen <> share_fen;
