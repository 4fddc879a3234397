-- A lane goes on in a new epoch by one function: its undrawn seal is set aside and its next number and
-- link are written together. On a cluster, what one role has changed in a lane no other role may look at
-- before the transaction ends; so whoever takes the round away writes the lane, too.  换钥后通道续行
-- Locks: nothing.

create function begin_lane(of_lane smallint, of_campaign smallint, drawn_idx bigint, set_aside bytea,
                           at_seq bigint, link bytea, at timestamptz)
returns boolean
language plpgsql
security definer
set search_path = public
as $$
begin
    perform 1
       from lanes
      where lane = of_lane
        and campaign_id = of_campaign
        and final_idx = drawn_idx
        for update;
    if not found then
        return false;
    end if;
    if void_open_round(of_lane, of_campaign, at) is distinct from set_aside then
        return false;
    end if;
    update lanes
       set sealed_idx = final_idx,
           next_seq = at_seq,
           prev_seal_hash = link
     where lane = of_lane
       and campaign_id = of_campaign
       and exists (select 1 from epochs where campaign_id = of_campaign and begun_at is null)
       and not exists (select 1
                         from rounds
                        where lane = of_lane
                          and campaign_id = of_campaign
                          and (state = 'sealed' or seq >= at_seq));
    return found;
end
$$;
revoke all on function begin_lane from public;
grant execute on function begin_lane to huiquan_app;

-- No round is set aside by itself any more.
revoke execute on function void_open_round from huiquan_app;
