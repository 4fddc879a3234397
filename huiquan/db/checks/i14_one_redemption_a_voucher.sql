-- I14 一券一核销。A voucher is redeemed once; again only if the rules gave it back after a refund.
select r.campaign_id, r.lane, r.idx, count(*) as redemptions
  from redemptions r
  join rulebooks b
    on (b.campaign_id, b.version) = (r.campaign_id, r.rulebook_version)
 where r.refunded_fen < r.net_fen
    or not coalesce((b.rules -> 'refunds' ->> 'voucher_returns_if_whole')::boolean,
                    b.rules ->> 'refund_policy' <> 'money_pro_rata')
 group by r.campaign_id, r.lane, r.idx
having count(*) > 1;
