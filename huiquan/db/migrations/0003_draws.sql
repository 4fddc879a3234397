-- Entries, sealed rounds and the public log of the draw.  摇号、轮次、公开日志
-- Locks: none (new tables).  A miss is not stored: it is computed from the entry and its round.

-- The head of each lane's queue. Whoever enters or seals locks this row first.
create table lanes (
    lane            smallint    not null,
    campaign_id     smallint    not null references campaigns,
    next_idx        bigint      not null default 0,
    sealed_idx      bigint      not null default 0 check (sealed_idx <= next_idx),
    final_idx       bigint      not null default 0 check (final_idx <= sealed_idx),
    next_seq        bigint      not null default 0,
    prev_seal_hash  bytea       not null default decode(repeat('00', 32), 'hex'),
    frozen_at       timestamptz,
    frozen_reason   text,
    primary key (lane, campaign_id)
);

create table entries (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    day             integer     not null,
    pid             bytea       not null check (octet_length(pid) = 16),
    pack            smallint    not null check (pack between 1 and 255),
    client_nonce    bytea       not null check (octet_length(client_nonce) = 16),
    salt            bytea       not null check (octet_length(salt) = 16),
    decision        bytea       not null,
    elig            bytea       not null check (octet_length(elig) = 32),
    cfg_hash        bytea       not null,
    city            text     not null,
    request_key     text        not null,
    entered_at      timestamptz not null,
    primary key (lane, campaign_id, idx),
    unique (lane, campaign_id, pid, day),
    foreign key (lane, campaign_id, pid) references registrations (lane, campaign_id, pid)
);

create table rounds (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    seq             bigint      not null,
    state           text        not null check (state in ('sealed', 'final')),
    cfg_hash        bytea       not null,
    day             integer     not null,
    slot            smallint    not null check (slot between 0 and 23),
    first_idx       bigint      not null,
    entry_count     integer     not null check (entry_count > 0),
    root            bytea       not null,
    left_before     integer[]   not null,
    prev_seal_hash  bytea       not null,
    seal            bytea       not null,
    seal_hash       bytea       not null,
    sealed_at       timestamptz not null,
    pi_notary       bytea,
    pi_auditor      bytea,
    seed            bytea,
    kept            integer[],
    cut             integer[],
    left_after      integer[],
    final           bytea,
    final_at        timestamptz,
    primary key (lane, campaign_id, seq),
    unique (lane, campaign_id, first_idx),
    check (state = 'sealed' or (pi_notary is not null and pi_auditor is not null
           and seed is not null and kept is not null and cut is not null
           and left_after is not null and final is not null and final_at is not null))
);

-- At most one round of a lane waits for its signatures: the next is sealed when it is final.
create unique index rounds_one_open on rounds (lane, campaign_id) where state = 'sealed';

-- Where a day begins and ends in a lane, for the counters on the front page.
create index rounds_by_day on rounds (lane, campaign_id, day, first_idx);

create table log_leaves (
    campaign_id     smallint    not null references campaigns,
    leaf            bigint      not null,
    lane            smallint    not null,
    seq             bigint      not null,
    day             integer     not null,
    leaf_hash       bytea       not null check (octet_length(leaf_hash) = 32),
    primary key (campaign_id, leaf),
    unique (campaign_id, lane, seq)
);

create table checkpoints (
    campaign_id     smallint    not null references campaigns,
    size            bigint      not null,
    root            bytea       not null check (octet_length(root) = 32),
    note            text        not null,
    published_at    timestamptz not null,
    primary key (campaign_id, size)
);
