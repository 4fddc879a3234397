"""The tables of the signer's book.  签发账本表结构"""

SCHEMA = """
create table if not exists config (
    cfg_hash    blob primary key,
    series      text not null,
    raw         blob not null,
    platform    blob not null,
    approver    blob not null,
    accepted_ms integer not null
);
create table if not exists round (
    series    text not null,
    epoch     integer not null,
    lane      integer not null,
    seq       integer not null,
    seal_hash blob not null unique,
    seal      blob not null,
    day       integer not null,
    entries   blob,                    -- kept until the final is known
    pids      blob not null,           -- 16 bytes each, kept until the day's manifest is signed
    other_pi  blob,                    -- the notary's proof, in the auditor's book
    final     blob,
    signed_ms integer not null,
    signature blob,                    -- the platform's, under the seal
    primary key (series, epoch, lane, seq)
) without rowid;
create index if not exists round_day on round (series, day);
-- Who entered a lane since its last round: asked at each round, so it must not read the whole day.
create index if not exists round_lane on round (series, lane, day, seq);
create table if not exists refusal (
    id        integer primary key,
    at_ms     integer not null,
    code      text not null,
    seal_hash blob not null,
    seal      blob not null,
    signature blob not null,
    detail    text not null,
    unique (seal_hash, code)
);
create table if not exists checkpoint (
    origin text primary key,
    size   integer not null,
    root   blob not null,
    note   text not null
);
create table if not exists fork (
    note   text primary key,
    origin text not null,
    at_ms  integer not null,
    seen   text                        -- the checkpoint that was cosigned last when it came
);
create table if not exists manifest (
    series text not null,
    day    integer not null,
    body   blob not null,
    primary key (series, day)
);
create table if not exists declaration (
    series    text primary key,
    body      blob not null,
    signed_ms integer not null
);
create table if not exists stop (
    id     integer primary key,
    at_ms  integer not null,
    kind   text not null check (kind in ('stop', 'resume')),
    name   text not null,
    reason text not null
);
"""
