-- I4 通道与轮次一致。The head of a lane's queue says what its rounds say: next, sealed, final.
-- Behind a change of keys it names the declaration's link, until the first round of the new epoch.
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
  left join epochs e
    on e.campaign_id = l.campaign_id
   and e.begun_at is not null
 where l.next_seq <> r.rounds
    or l.sealed_idx <> r.sealed
    or l.final_idx <> r.final
    or l.prev_seal_hash is distinct from case
       when last.seal_hash is null then decode(repeat('00', 32), 'hex')
       when e.declaration_hash is null or substring(last.seal from 34 for 2) = int2send(l.epoch)
       then last.seal_hash
       else sha256('\x05'::bytea || 'epoch'::bytea || e.declaration_hash || int2send(l.lane)
                   || last.seal_hash)
       end;
