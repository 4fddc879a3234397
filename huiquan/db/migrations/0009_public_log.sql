-- The public log in tiles, and what the public is told when something is wrong.  日志分片、公告
-- Locks: none (new tables).

-- The full tiles of the log's tree (C2SP tlog-tiles): `root` is the tile's hash one level up. Level 0
-- covers 256 leaves of log_leaves, level 1 256 tiles of level 0, and so on. Partial tiles are not
-- stored: they are the hashes below that no full tile covers yet.
create table log_tiles (
    campaign_id     smallint    not null references campaigns,
    level           smallint    not null check (level between 0 and 62),
    number          bigint      not null check (number >= 0),
    root            bytea       not null check (octet_length(root) = 32),
    primary key (campaign_id, level, number)
);

-- What is wrong, since when, until when. `subject` is who or what: a signer, a lane and round, the log.
create table notices (
    notice_id       bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    kind            text        not null check (kind in
                        ('signer_away', 'behind', 'forked', 'two_seals', 'signers_disagree')),
    subject         text        not null,
    detail          jsonb       not null,
    began_at        timestamptz not null,
    ended_at        timestamptz check (ended_at >= began_at)
);

-- One open notice for one thing; each evidence of misbehaviour is published once and for good.
create unique index notices_open on notices (campaign_id, kind, subject) where ended_at is null;
create unique index notices_evidence on notices (campaign_id, kind, subject)
    where kind in ('two_seals', 'signers_disagree');

grant select, insert on log_tiles to huiquan_app;
grant select, insert, update on notices to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on log_tiles, notices to huiquan_view;
