-- I4 通道与轮次一致。The head of a lane's queue says what its rounds say: next, sealed, final.
select l.campaign_id,
       l.lane,
       l.next_seq,
       r.rounds,
       l.sealed_idx,
       r.sealed,
       l.final_idx,
       r.final
  from lanes l
 cross join lateral (
       select count(*) as rounds,
              coalesce(max(first_idx + entry_count), 0) as sealed,
              coalesce(max(first_idx + entry_count) filter (where state = 'final'), 0) as final
         from rounds
        where lane = l.lane
          and campaign_id = l.campaign_id
       ) r
  left join rounds last
    on (last.lane, last.campaign_id, last.seq) = (l.lane, l.campaign_id, l.next_seq - 1)
 where l.next_seq <> r.rounds
    or l.sealed_idx <> r.sealed
    or l.final_idx <> r.final
    or l.prev_seal_hash <> coalesce(last.seal_hash, decode(repeat('00', 32), 'hex'));
