-- The ledger: every fen from appropriation to bank payment.  资金台账
-- Locks: none (new tables).
-- A transfer debits one account and credits another with the same amount, so it balances as it stands.
-- It is numbered gaplessly in the book of its lane, and no role of the program may change or delete it.

create table books (
    lane            smallint    not null,
    campaign_id     smallint    not null references campaigns,
    next_no         bigint      not null default 0,
    linked_no       bigint      not null default 0 check (linked_no <= next_no),
    link_hash       bytea       not null default decode(repeat('00', 32), 'hex'),
    primary key (lane, campaign_id)
);

create table transfers (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    no              bigint      not null,
    kind            text        not null,
    debit           text        not null,
    debit_lane      smallint    not null,
    debit_holder    text        not null,
    credit          text        not null,
    credit_lane     smallint    not null,
    credit_holder   text        not null,
    amount_fen      bigint      not null check (amount_fen > 0),
    ref             text        not null,
    idx             bigint,
    day             integer     not null,
    booked_at       timestamptz not null,
    primary key (lane, campaign_id, no),
    unique (lane, campaign_id, kind, ref),
    foreign key (lane, campaign_id) references books (lane, campaign_id),
    constraint transfers_move_as_named check ((kind, debit, credit) in (
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
        ('pay', 'settling', 'bank')))
);
create index transfers_by_voucher on transfers (lane, campaign_id, idx) where idx is not null;
create index transfers_by_day on transfers (campaign_id, day, kind);
comment on column transfers.idx is 'the voucher it is about, by its entry in the lane';

-- Balances stand on the natural side of each account; none may fall below zero.
create table balances (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    account         text        not null,
    holder          text        not null default '',
    amount_fen      bigint      not null default 0 check (amount_fen >= 0),
    primary key (lane, campaign_id, account, holder)
);

create table links (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    link_no         bigint      not null,
    first_no        bigint      not null,
    next_no         bigint      not null check (next_no > first_no),
    prev_hash       bytea       not null,
    link_hash       bytea       not null,
    closed_at       timestamptz not null,
    primary key (lane, campaign_id, link_no),
    unique (lane, campaign_id, first_no)
);
