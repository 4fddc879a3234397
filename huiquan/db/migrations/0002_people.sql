-- Persons who take part, what they agreed to, and how they sign in.  参与者、授权、登录
-- Locks: none (new tables).
-- Names, documents and phones stand encrypted in `sealed`; keys look them up, nothing reads them back.

create table registrations (
    lane                smallint    not null,
    campaign_id         smallint    not null references campaigns,
    pid                 bytea       not null check (octet_length(pid) = 16),
    registration_no     text        not null,
    person_key          bytea       not null,
    phone_key           bytea       not null,
    sealed              bytea       not null,
    document_kind       text        not null,
    city                text     not null,
    county              text,
    evidence            jsonb       not null,
    rulebook_version    integer     not null,
    identity_checked_at timestamptz not null,
    registered_at       timestamptz not null,
    suspended_at        timestamptz,
    wins                integer     not null default 0 check (wins >= 0),
    primary key (lane, campaign_id, pid),
    unique (lane, campaign_id, registration_no)
);
comment on column registrations.evidence is
    'the decision about the place and what it rests on (city, county, cell, accuracy, datum, time), not a track';

create table consents (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    pid             bytea       not null,
    kind            text        not null check (kind in ('identity', 'location')),
    version         text        not null,
    granted_at      timestamptz not null,
    revoked_at      timestamptz check (revoked_at >= granted_at),
    primary key (lane, campaign_id, pid, kind, granted_at),
    foreign key (lane, campaign_id, pid) references registrations (lane, campaign_id, pid)
);

-- A phone leads to its registration; kept apart because it is found before the lane is known.
create table phones (
    campaign_id     smallint    not null references campaigns,
    phone_key       bytea       not null,
    lane            smallint    not null,
    pid             bytea       not null,
    primary key (campaign_id, phone_key)
);

create table sms_codes (
    phone_key       bytea       primary key,
    code_key        bytea       not null,
    sent_at         timestamptz not null,
    expires_at      timestamptz not null,
    tries           smallint    not null default 0 check (tries >= 0),
    used_at         timestamptz
);

create table exclusions (
    campaign_id     smallint    not null references campaigns,
    person_key      bytea       not null,
    reason          text        not null,
    since           timestamptz not null,
    primary key (campaign_id, person_key)
);
