-- Setting an undrawn round aside, in two statements: a cluster takes no row out of one table and into
-- another in one. What it does is what it did.  轮次作废
-- Locks: nothing.

create or replace function void_open_round(of_lane smallint, of_campaign smallint, at timestamptz)
returns bytea
language plpgsql
security definer
set search_path = public
as $$
declare
    gone rounds;
begin
    delete from rounds
     where lane = of_lane
       and campaign_id = of_campaign
       and state = 'sealed'
       and exists (select 1 from epochs where campaign_id = of_campaign and begun_at is null)
    returning * into gone;
    if not found then
        return null;
    end if;
    insert into void_seals (lane, campaign_id, seq, day, first_idx, entry_count, seal, seal_hash,
                            sealed_at, voided_at)
    values (gone.lane, gone.campaign_id, gone.seq, gone.day, gone.first_idx, gone.entry_count,
            gone.seal, gone.seal_hash, gone.sealed_at, at);
    return gone.seal_hash;
end
$$;
