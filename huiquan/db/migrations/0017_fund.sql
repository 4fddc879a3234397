-- The fund beside the vouchers: tranches, compensation, cash paid back, pledges, alerts, closing.  专户资金
-- Locks: transfers, while its list of movements is written anew and the rows are read through once;
-- refunds, while a small index is built.

-- Each part of an appropriation: planned, then received under the bank's reference.
create table tranches (
    campaign_id     smallint    not null references campaigns,
    tranche_no      smallint    not null check (tranche_no > 0),
    planned_fen     bigint      not null check (planned_fen > 0),
    due_on          date        not null,
    payer           text        not null,
    payer_account   text        not null default '',
    planned_by      text        not null,
    planned_at      timestamptz not null,
    bank_ref        text,
    received_fen    bigint      check (received_fen > 0),
    received_by     text,
    received_at     timestamptz,
    primary key (campaign_id, tranche_no),
    unique (campaign_id, bank_ref),
    check (num_nulls(bank_ref, received_fen, received_by, received_at) in (0, 4))
);
comment on column tranches.payer_account is 'where a remainder goes back to: the original route';

-- What was appropriated before there were tranches is one received tranche each.
insert into tranches (campaign_id, tranche_no, planned_fen, due_on, payer, planned_by, planned_at,
                      bank_ref, received_fen, received_by, received_at)
select campaign_id, row_number() over (partition by campaign_id order by no), amount_fen,
       to_date(day::text, 'YYYYMMDD'), 'unknown', 'migration', booked_at,
       ref, amount_fen, 'migration', booked_at
  from transfers
 where kind = 'appropriate';

alter table transfers
    drop constraint transfers_move_as_named;
alter table transfers
    add constraint transfers_move_as_named check ((kind, debit, credit) in (
        ('appropriate', 'bank', 'pool'),
        ('release', 'pool', 'released'),
        ('recall', 'released', 'pool'),
        ('reserve', 'released', 'reserved'),
        ('redeem', 'reserved', 'payable'),
        ('expire', 'reserved', 'returned'),
        ('refund', 'payable', 'returned'),
        ('reinstate', 'payable', 'reserved'),
        ('refund_late', 'receivable', 'recovering'),
        ('recover', 'payable', 'receivable'),
        ('regain', 'recovering', 'returned'),
        ('roll_over', 'returned', 'pool'),
        ('settle', 'payable', 'settling'),
        ('pay', 'settling', 'bank'),
        ('pay_back', 'bank', 'settling'),
        ('bounce', 'settling', 'payable'),
        ('compensate', 'bank', 'pool'),
        ('repay', 'bank', 'receivable'),
        ('repaid', 'recovering', 'returned'),
        ('return_remainder', 'pool', 'bank')));

-- The platform makes good (R3.6); redemption is the one it is about, where it is about one.
create table compensations (
    campaign_id     smallint    not null references campaigns,
    bank_ref        text        not null,
    amount_fen      bigint      not null check (amount_fen > 0),
    payer           text        not null,
    reason          text        not null,
    redemption      text,
    booked_by       text        not null,
    booked_at       timestamptz not null,
    primary key (campaign_id, bank_ref)
);

-- A merchant pays in cash what it owes for refunds after settlement.
create table repayments (
    campaign_id     smallint    not null references campaigns,
    bank_ref        text        not null,
    merchant_id     bigint      not null references merchants,
    amount_fen      bigint      not null check (amount_fen > 0),
    booked_by       text        not null,
    booked_at       timestamptz not null,
    primary key (campaign_id, bank_ref)
);

-- Matching money (R5.7): pledged by the platform (merchant_id is null) or a merchant, on its own
-- account. What is used of it is counted from the offers of redemptions.
create table pledges (
    pledge_id       bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    funder          text        not null check (funder in ('platform', 'merchant')),
    merchant_id     bigint      references merchants,
    pledged_fen     bigint      not null check (pledged_fen > 0),
    document        text        not null,
    recorded_by     text        not null,
    recorded_at     timestamptz not null,
    check ((funder = 'merchant') = (merchant_id is not null)),
    unique (campaign_id, document)
);

create table fund_alerts (
    alert_id        bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    kind            text        not null,
    below           bigint      not null,
    subject         text        not null,
    measured        bigint      not null,
    zh              text        not null,
    en              text        not null,
    raised_at       timestamptz not null,
    ended_at        timestamptz check (ended_at >= raised_at),
    acknowledged_by bigint      references staff,
    acknowledged_at timestamptz,
    check ((acknowledged_by is null) = (acknowledged_at is null))
);
-- What stands below its mark is said once, until it stands above it again.
create unique index fund_alerts_open on fund_alerts (campaign_id, kind, below, subject)
    where ended_at is null;

--     opened --two people--> approved --each share confirmed by the bank--> closed
--        \--the pool has changed--> withdrawn
create table closings (
    campaign_id     smallint    not null references campaigns,
    closing_no      smallint    not null check (closing_no > 0),
    state           text        not null
                    check (state in ('opened', 'approved', 'closed', 'withdrawn')),
    remainder_fen   bigint      not null check (remainder_fen >= 0),
    receivable_fen  bigint      not null check (receivable_fen >= 0),
    opened_by       bigint      not null references staff,
    opened_at       timestamptz not null,
    approved_at     timestamptz,
    closed_at       timestamptz,
    primary key (campaign_id, closing_no),
    check ((state in ('approved', 'closed')) = (approved_at is not null)),
    check ((state = 'closed') = (closed_at is not null))
);
create unique index closings_one_at_a_time on closings (campaign_id)
    where state in ('opened', 'approved');

create table closing_shares (
    campaign_id     smallint    not null,
    closing_no      smallint    not null,
    tranche_no      smallint    not null,
    amount_fen      bigint      not null check (amount_fen > 0),
    bank_ref        text,
    returned_by     text,
    returned_at     timestamptz,
    primary key (campaign_id, closing_no, tranche_no),
    unique (campaign_id, bank_ref),
    foreign key (campaign_id, closing_no) references closings,
    foreign key (campaign_id, tranche_no) references tranches,
    check (num_nulls(bank_ref, returned_by, returned_at) in (0, 3))
);

-- Draw days on which nothing can change any more are summed once, so that a page needs to read only
-- the days that still live. Late refunds may still come; they are always counted from `refunds`.
create table fund_days (
    campaign_id     smallint    not null references campaigns,
    day             integer     not null,
    summed_at       timestamptz not null,
    primary key (campaign_id, day)
);
create table fund_cells (
    campaign_id     smallint    not null,
    day             integer     not null,
    pack            smallint    not null,
    tier            smallint    not null,
    city            text        not null,
    issued_count    bigint      not null,
    issued_fen      bigint      not null,
    expired_fen     bigint      not null,
    refunded_fen    bigint      not null,
    paid_fen        bigint      not null,
    primary key (campaign_id, day, tier, city),
    foreign key (campaign_id, day) references fund_days,
    check (issued_fen = expired_fen + refunded_fen + paid_fen)
);
create index refunds_late on refunds (campaign_id, day) where late;

grant select, insert, update on tranches, closings, closing_shares, fund_alerts to huiquan_app;
grant select, insert on compensations, repayments, pledges, fund_days, fund_cells to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on tranches, closings, closing_shares, fund_alerts, compensations, repayments, pledges,
    fund_days, fund_cells to huiquan_view;
