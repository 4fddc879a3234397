-- What the house needs to keep its word: answers given, messages to send, work done, things noted.  请求、消息、任务、审计
-- Locks: none (new tables).

create table requests (
    scope           text        not null,
    request_key     text        not null,
    body_hash       bytea       not null,
    answer          jsonb       not null,
    answered_at     timestamptz not null,
    primary key (scope, request_key)
);

create table outbox (
    message_id      bigint      generated always as identity primary key,
    kind            text        not null,
    payload         jsonb       not null,
    created_at      timestamptz not null,
    tries           smallint    not null default 0,
    sent_at         timestamptz,
    parked_at       timestamptz,
    last_error      text
);
create index outbox_waiting on outbox (message_id) where sent_at is null and parked_at is null;

create table audit (
    audit_id        bigint      generated always as identity primary key,
    at              timestamptz not null,
    actor           text        not null,
    tag             text        not null,
    subject         text        not null,
    detail          jsonb       not null default '{}'
);

create table job_runs (
    name            text        not null,
    period          text        not null,
    started_at      timestamptz not null,
    finished_at     timestamptz,
    outcome         text,
    primary key (name, period)
);

create table check_runs (
    run_id          bigint      generated always as identity primary key,
    ran_at          timestamptz not null,
    failed          integer     not null,
    detail          jsonb       not null
);

create table refusal_counts (
    day             integer     not null,
    door            text        not null,
    code            text        not null,
    refused         bigint      not null default 0,
    primary key (day, door, code)
);
