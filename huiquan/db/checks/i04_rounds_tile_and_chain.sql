-- I4 轮次首尾相接。Each round begins where the one before it ended and names its seal.
with chained as (
    select campaign_id,
           lane,
           seq,
           first_idx,
           prev_seal_hash,
           lag(seq, 1, -1::bigint) over w as seq_before,
           lag(first_idx + entry_count, 1, 0::bigint) over w as ended_before,
           lag(seal_hash, 1, decode(repeat('00', 32), 'hex')) over w as seal_before
      from rounds
    window w as (partition by campaign_id, lane order by seq)
)
select campaign_id, lane, seq, seq_before, first_idx, ended_before
  from chained
 where seq <> seq_before + 1
    or first_idx <> ended_before
    or prev_seal_hash <> seal_before;
