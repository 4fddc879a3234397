-- Lists drawn by the notary: their publication, objections to wins, and when they were issued.  名单摇号、公示、异议
-- Locks: none (new tables).
-- A list is one round of one lane; its seal, proofs and final stand in `rounds` like every other.

create table lists (
    campaign_id         smallint    not null references campaigns,
    day                 integer     not null,
    published_at        timestamptz not null,
    published_by        text        not null,
    objections_until    timestamptz not null check (objections_until > published_at),
    issued_at           timestamptz check (issued_at >= objections_until),
    primary key (campaign_id, day)
);

create table objections (
    objection_id    bigint      generated always as identity primary key,
    campaign_id     smallint    not null,
    day             integer     not null,
    lane            smallint    not null,
    idx             bigint      not null,
    filed_at        timestamptz not null,
    filed_by        text        not null,
    grounds         text        not null,
    verdict         text        check (verdict in ('upheld', 'dismissed')),
    reason          text,
    first_by        text,
    first_at        timestamptz,
    second_by       text        check (second_by <> first_by),
    second_at       timestamptz,
    foreign key (campaign_id, day) references lists (campaign_id, day),
    foreign key (lane, campaign_id, idx) references entries (lane, campaign_id, idx),
    check ((first_by is null) = (verdict is null) and (first_by is null) = (reason is null)
           and (first_by is null) = (first_at is null)),
    check (second_by is null or first_by is not null),
    check ((second_by is null) = (second_at is null))
);
create index objections_by_entry on objections (lane, campaign_id, idx);

grant select, insert, update on lists, objections to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on lists, objections to huiquan_view;
