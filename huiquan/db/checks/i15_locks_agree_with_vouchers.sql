-- I15 占用与券一致。A lock is redeemed when it has a redemption, and open while it holds its voucher.
select l.campaign_id, l.lane, l.idx, l.lock_no, l.state as lock_state, v.state as voucher_state,
       v.lock_no as last_lock, r.lock_no is not null as has_redemption
  from locks l
  join vouchers v
    on (v.lane, v.campaign_id, v.idx) = (l.lane, l.campaign_id, l.idx)
  left join redemptions r
    on (r.lane, r.campaign_id, r.idx, r.lock_no) = (l.lane, l.campaign_id, l.idx, l.lock_no)
 where (l.state = 'redeemed') <> (r.lock_no is not null)
    or (l.state = 'open') <> (v.state = 'locked' and v.lock_no = l.lock_no)
    or l.lock_no > v.lock_no
union all
select v.campaign_id, v.lane, v.idx, v.lock_no, null, v.state, v.lock_no, false
  from vouchers v
  left join locks l
    on (l.lane, l.campaign_id, l.idx, l.lock_no) = (v.lane, v.campaign_id, v.idx, v.lock_no)
 where v.lock_no > 0
   and l.lock_no is null;
