-- Reconciliation: files of other books, their lines, and a case for each difference.  对账：账单、明细、差错
-- Locks: bank_answers and settlements, while small indexes are built.
-- A line is kept as it was first told; a later file changes none, it makes cases. Lines name their file
-- without a foreign key: a million are written in the commit that writes the file, and neither is deleted.

create table imported_files (
    file_id         bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    book            text        not null check (book in ('acquirer', 'bank')),
    source          text        not null,
    part            text        not null default '',
    first_day       integer     not null,
    last_day        integer     not null check (last_day >= first_day),
    mapping         text        not null,
    mapping_hash    bytea       not null,
    terms           jsonb       not null,
    name            text        not null,
    content_hash    bytea       not null,
    size_bytes      bigint      not null,
    line_count      integer     not null,
    new_count       integer     not null,
    same_count      integer     not null,
    changed_count   integer     not null,
    withdrawn_count integer     not null,
    imported_by     text        not null,
    imported_at     timestamptz not null,
    unique (campaign_id, book, source, part, content_hash),
    check (line_count = new_count + same_count + changed_count)
);
create index imported_files_by_day on imported_files (campaign_id, book, source, last_day);

create table bill_lines (
    campaign_id     smallint    not null,
    source          text        not null,
    line_key        text        not null,
    file_id         bigint      not null,
    line_no         integer     not null,
    day             integer     not null,
    kind            text        not null check (kind in ('redeem', 'refund')),
    ref             text        not null,
    sub             text        not null,
    serial          text        not null,
    amount_fen      bigint      not null,
    paid_fen        bigint,
    at              timestamptz not null,
    place           text        not null,
    note            text        not null,
    primary key (campaign_id, source, line_key)
);
create index bill_lines_by_day on bill_lines (campaign_id, source, day);
create index bill_lines_by_ref on bill_lines (campaign_id, source, ref);

create table statement_lines (
    campaign_id     smallint    not null,
    source          text        not null,
    line_key        text        not null,
    file_id         bigint      not null,
    line_no         integer     not null,
    day             integer     not null,
    kind            text        not null check (kind in ('out', 'in', 'fee', 'interest')),
    ref             text        not null,
    sub             text        not null,
    serial          text        not null,
    amount_fen      bigint      not null,
    paid_fen        bigint,
    at              timestamptz not null,
    place           text        not null,
    note            text        not null,
    primary key (campaign_id, source, line_key)
);
create index statement_lines_by_day on statement_lines (campaign_id, source, day);
create index statement_lines_by_ref on statement_lines (campaign_id, source, ref);
-- A line of a statement may name a payment by the bank's own number only.
create index bank_answers_by_bank_ref on bank_answers (bank_ref) where verdict = 'booked';
create index settlements_without_file on settlements (bank_ref) where without_file;

-- What was compared on a day, and what came of it; a later run of the day writes it anew.
create table reconciled_days (
    campaign_id     smallint    not null references campaigns,
    book            text        not null check (book in ('acquirer', 'bank')),
    source          text        not null,
    day             integer     not null,
    ours_count      bigint      not null,
    ours_fen        bigint      not null,
    theirs_count    bigint      not null,
    theirs_fen      bigint      not null,
    ran_at          timestamptz not null,
    primary key (campaign_id, book, source, day)
);

-- A case holds at most one line of each book, and a line stands in at most one case.
create table cases (
    case_id         bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    book            text        not null check (book in ('acquirer', 'bank')),
    source          text        not null,
    day             integer     not null,
    kind            text        not null,
    ref             text        not null,
    line_kind       text        not null default '',
    sub             text        not null default '',
    ours_key        text,
    ours_day        integer,
    ours_at         timestamptz,
    ours_fen        bigint      not null default 0,
    ours_paid_fen   bigint,
    theirs_key      text,
    theirs_day      integer,
    theirs_at       timestamptz,
    theirs_fen      bigint      not null default 0,
    theirs_paid_fen bigint,
    state           text        not null check (state in ('open', 'proposed', 'closed')),
    owner           text,
    cause           text,
    reason          text,
    proposed_by     text,
    closed_by       text        check (closed_by <> proposed_by),
    opened_at       timestamptz not null,
    closed_at       timestamptz,
    check ((ours_key is null) = (ours_day is null)),
    check ((theirs_key is null) = (theirs_day is null)),
    check (ours_key is not null or theirs_key is not null),
    check ((state = 'closed') = (closed_at is not null and closed_by is not null)),
    check (state = 'open' or cause is not null),
    -- Money that differs is explained by two people, or by the house where its rules say so.
    check (state <> 'closed' or closed_by = 'house' or ours_fen = theirs_fen
           or proposed_by is not null)
);
create unique index cases_one_of_ours on cases (campaign_id, book, source, ours_key)
    where ours_key is not null;
create unique index cases_one_of_theirs on cases (campaign_id, book, source, theirs_key)
    where theirs_key is not null;
create index cases_open on cases (campaign_id, book, source, ref) where state <> 'closed';
create index cases_by_day on cases (campaign_id, book, source, day);

create table case_events (
    case_id         bigint      not null references cases,
    no              smallint    not null,
    at              timestamptz not null,
    actor           text        not null,
    did             text        not null
                    check (did in ('opened', 'assigned', 'proposed', 'closed', 'found')),
    detail          jsonb       not null,
    primary key (case_id, no)
);

grant select, insert on imported_files, bill_lines, statement_lines, case_events to huiquan_app;
grant select, insert, update on cases, reconciled_days to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on imported_files, bill_lines, statement_lines, reconciled_days, cases, case_events
    to huiquan_view;
