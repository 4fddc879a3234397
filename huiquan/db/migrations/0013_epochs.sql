-- A new epoch: whose key was lost, where each lane goes on, which seals were never drawn.  换钥
-- Locks: lanes, configs and notices, for a moment.

-- At most one row for a campaign: a draft until platform, remaining signer and new key have signed,
-- then the declaration, and its place in the public log (`leaf`, with lane -1 in log_leaves).
create table epochs (
    campaign_id         smallint    not null references campaigns,
    epoch               smallint    not null check (epoch = 1),
    role                text        not null check (role in ('notary', 'auditor')),
    body                bytea       not null,
    declaration_hash    bytea       not null check (octet_length(declaration_hash) = 32),
    platform_signature  bytea       not null,
    drafted_at          timestamptz not null,
    drafted_by          text        not null,
    survivor_signature  bytea,
    successor_signature bytea,
    leaf                bigint,
    begun_at            timestamptz check (begun_at >= drafted_at),
    primary key (campaign_id),
    check ((begun_at is null) = (survivor_signature is null)
           and (begun_at is null) = (successor_signature is null)
           and (begun_at is null) = (leaf is null))
);

-- A seal that was never drawn and never will be; its entries are sealed again, under its number.
create table void_seals (
    lane            smallint    not null,
    campaign_id     smallint    not null references campaigns,
    seq             bigint      not null,
    day             integer     not null,
    first_idx       bigint      not null,
    entry_count     integer     not null,
    seal            bytea       not null,
    seal_hash       bytea       not null,
    sealed_at       timestamptz not null,
    voided_at       timestamptz not null,
    primary key (lane, campaign_id)
);

-- Which epoch a lane seals for. It changes with the draft, so nothing is sealed while people sign.
alter table lanes
    add column epoch smallint not null default 0;

-- The config whose days this one takes over, and when.
alter table configs
    add column succeeds bytea,
    add column acts_at timestamptz,
    add check ((succeeds is null) = (acts_at is null));

alter table notices
    drop constraint notices_kind_check,
    add check (kind in
        ('signer_away', 'behind', 'forked', 'two_seals', 'signers_disagree', 'key_lost'));

-- Rounds are never deleted by the program. The one that was sealed and never drawn is moved here,
-- by its lane, and only while a declaration of the campaign waits to begin.
create function void_open_round(of_lane smallint, of_campaign smallint, at timestamptz)
returns bytea
language sql
security definer
set search_path = public
as $$
    with moved as (
        delete from rounds
         where lane = of_lane
           and campaign_id = of_campaign
           and state = 'sealed'
           and exists (select from epochs where campaign_id = of_campaign and begun_at is null)
        returning lane, campaign_id, seq, day, first_idx, entry_count, seal, seal_hash, sealed_at
    )
    insert into void_seals
    select lane, campaign_id, seq, day, first_idx, entry_count, seal, seal_hash, sealed_at, at
      from moved
    returning seal_hash
$$;
revoke all on function void_open_round from public;
grant execute on function void_open_round to huiquan_app;

grant select, insert, update, delete on epochs to huiquan_app;
grant select on void_seals to huiquan_app;
grant select on epochs, void_seals to huiquan_view;
