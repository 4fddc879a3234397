-- Campaigns, their rulebooks and their draw configs: what is promised, and since when.  活动、规则、摇号配置
-- Locks: none (new tables).  Reference tables: small, read everywhere, the same on every shard.
-- A rulebook and a config are never changed: a new version is a new row.

create table campaigns (
    campaign_id     smallint    generated always as identity primary key,
    code            text        not null,
    platform        text        not null,
    mode            text        not null check (mode in ('instant', 'list')),
    lanes           smallint    not null check (lanes between 1 and 1024),
    epoch           smallint    not null default 0,
    lane_hash       bytea       not null check (octet_length(lane_hash) = 32),
    starts_on       date        not null,
    ends_on         date        not null check (ends_on >= starts_on),
    published_at    timestamptz not null,
    unique (code, platform)
);
comment on column campaigns.lane_hash is
    'cfg_hash at the start of the epoch: with it a pseudonym finds its lane';

create table rulebooks (
    campaign_id     smallint    not null references campaigns,
    version         integer     not null check (version > 0),
    effective_at    timestamptz not null,
    source_hash     bytea       not null,
    source          text        not null,
    rules           jsonb       not null,
    published_at    timestamptz not null,
    published_by    text        not null,
    primary key (campaign_id, version)
);

create table configs (
    campaign_id         smallint    not null references campaigns,
    cfg_hash            bytea       not null check (octet_length(cfg_hash) = 32),
    rulebook_version    integer     not null,
    epoch               smallint    not null,
    body                bytea       not null,
    platform_signature  bytea       not null,
    approver_signature  bytea       not null,
    published_at        timestamptz not null,
    primary key (campaign_id, cfg_hash),
    foreign key (campaign_id, rulebook_version) references rulebooks (campaign_id, version)
);

-- Which config a day is drawn under. Rewritten only while the day is still 12 hours away.
create table config_days (
    campaign_id     smallint    not null references campaigns,
    day             integer     not null,
    cfg_hash        bytea       not null,
    release_fen     bigint      not null check (release_fen >= 0),
    released_at     timestamptz,
    closed_at       timestamptz,
    primary key (campaign_id, day),
    foreign key (campaign_id, cfg_hash) references configs (campaign_id, cfg_hash)
);
comment on column config_days.released_at is 'when the money of the day went from pool to released';
comment on column config_days.closed_at is 'when what nobody won went back to the pool';
