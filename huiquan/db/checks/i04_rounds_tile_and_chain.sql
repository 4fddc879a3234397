-- I4 轮次首尾相接。Each round begins where the one before it ended and names its seal.
-- The first of a new epoch names H("epoch", declaration, lane, that seal). A seal's epoch stands at
-- its bytes 33 and 34.
with chained as (
    select campaign_id,
           lane,
           seq,
           first_idx,
           prev_seal_hash,
           substring(seal from 34 for 2) as epoch,
           lag(substring(seal from 34 for 2)) over w as epoch_before,
           lag(seq, 1, -1::bigint) over w as seq_before,
           lag(first_idx + entry_count, 1, 0::bigint) over w as ended_before,
           lag(seal_hash, 1, decode(repeat('00', 32), 'hex')) over w as seal_before
      from rounds
    window w as (partition by campaign_id, lane order by seq)
)
select campaign_id, lane, seq, seq_before, first_idx, ended_before
  from chained
  left join (select campaign_id, declaration_hash from epochs where begun_at is not null) e
 using (campaign_id)
 where seq <> seq_before + 1
    or first_idx <> ended_before
    or prev_seal_hash is distinct from case
       when epoch = coalesce(epoch_before, epoch) then seal_before
       else sha256('\x05'::bytea || 'epoch'::bytea || declaration_hash || int2send(lane)
                   || seal_before)
       end;
