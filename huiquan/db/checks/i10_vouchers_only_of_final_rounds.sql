-- I10 终局之后才发券。A voucher comes from an entry whose round has both proofs.
select v.campaign_id, v.lane, v.idx, v.serial, l.final_idx
  from vouchers v
  join lanes l
    on (l.lane, l.campaign_id) = (v.lane, v.campaign_id)
 where v.idx >= l.final_idx
union all
select r.campaign_id, r.lane, r.first_idx, 'round ' || r.seq, null
  from rounds r
 where r.state = 'final'
   and (octet_length(r.pi_notary) is distinct from 80
        or octet_length(r.pi_auditor) is distinct from 80);
