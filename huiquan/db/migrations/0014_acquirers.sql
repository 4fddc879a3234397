-- Acquirers: payment companies and POS vendors, their keys, their own numbers, what they are told.  收单机构
-- Locks: locks, redemptions and refunds exclusively for the moment in which a column is added and
-- one loses its not null; no table is rewritten.
--
-- The acquirer's own numbers lead to lane tables as payments do: they are unique over all lanes, so
-- they stand beside them and refer to nothing there.

create table acquirers (
    acquirer_id     integer     generated always as identity primary key,
    code            text        not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name_zh         text        not null,
    name_en         text        not null,
    rail            text        not null check (rail ~ '^[a-z][a-z0-9-]{0,15}$'),
    is_sandbox      boolean     not null,
    callback_url    text,
    state           text        not null check (state in ('open', 'suspended')),
    added_at        timestamptz not null,
    unique (acquirer_id, rail)
);

-- A key that takes over begins before the one it follows ends; a revoked one ends at once.
create table acquirer_keys (
    key_id          text        primary key check (key_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    acquirer_id     integer     not null references acquirers,
    algorithm       text        not null
                    check (algorithm in ('ed25519', 'rsa-pss-sha256', 'rsa-pkcs1-sha256')),
    public_key      bytea       not null unique,
    valid_from      timestamptz not null,
    valid_until     timestamptz check (valid_until >= valid_from),
    revoked_at      timestamptz
);

-- Which store takes which rail, by whom, at which terminal ('' is all of them).  门店支付通道
create table store_rails (
    store_id        bigint      not null references stores,
    acquirer_id     integer     not null,
    rail            text        not null,
    terminal        text        not null default '',
    open_from       timestamptz not null,
    open_until      timestamptz check (open_until >= open_from),
    primary key (store_id, acquirer_id, terminal, open_from),
    foreign key (acquirer_id, rail) references acquirers (acquirer_id, rail)
);
create unique index store_rails_one_open on store_rails (store_id, acquirer_id, terminal)
    where open_until is null;

create table acquirer_nonces (
    acquirer_id     integer     not null references acquirers,
    nonce           text        not null,
    keep_until      timestamptz not null,
    primary key (acquirer_id, nonce)
);
create index acquirer_nonces_by_end on acquirer_nonces (keep_until);

-- One number of an order, one lock. Without a lock: it was closed before it ever arrived.
create table acquirer_orders (
    acquirer_id     integer     not null references acquirers,
    order_ref       text        not null,
    store_id        bigint      references stores,
    terminal        text        not null default '',
    lane            smallint,
    campaign_id     smallint,
    idx             bigint,
    lock_no         smallint,
    arrived_at      timestamptz not null,
    primary key (acquirer_id, order_ref),
    unique (campaign_id, lane, idx, lock_no),
    check (num_nulls(store_id, lane, campaign_id, idx, lock_no) in (0, 5))
);

create table acquirer_payments (
    acquirer_id     integer     not null,
    payment_ref     text        not null,
    order_ref       text        not null,
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    day             integer     not null,
    primary key (acquirer_id, payment_ref),
    unique (acquirer_id, order_ref),
    unique (campaign_id, lane, idx, lock_no),
    foreign key (acquirer_id, order_ref) references acquirer_orders (acquirer_id, order_ref)
);
create index acquirer_payments_by_day on acquirer_payments (acquirer_id, day);

create table acquirer_refunds (
    acquirer_id     integer     not null,
    refund_ref      text        not null,
    payment_ref     text        not null,
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    refund_no       smallint    not null,
    day             integer     not null,
    primary key (acquirer_id, refund_ref),
    unique (campaign_id, lane, idx, lock_no, refund_no),
    foreign key (acquirer_id, payment_ref) references acquirer_payments (acquirer_id, payment_ref)
);
create index acquirer_refunds_by_day on acquirer_refunds (acquirer_id, day);

-- What an acquirer is told, written with the deed and sent afterwards until it says that it knows.
create table callbacks (
    callback_id     bigint      generated always as identity primary key,
    acquirer_id     integer     not null references acquirers,
    event           text        not null,
    body            text        not null,
    created_at      timestamptz not null,
    next_try_at     timestamptz not null,
    tries           integer     not null default 0,
    tried_at        timestamptz,
    acknowledged_at timestamptz,
    parked_at       timestamptz,
    unique (acquirer_id, event),
    check (acknowledged_at is null or parked_at is null)
);
create index callbacks_waiting on callbacks (acquirer_id, next_try_at, callback_id)
    where acknowledged_at is null and parked_at is null;

create index callbacks_tried on callbacks (acquirer_id, tried_at) where tried_at is not null;

create table callback_attempts (
    callback_id     bigint      not null references callbacks,
    attempt         integer     not null check (attempt > 0),
    tried_at        timestamptz not null,
    outcome         text        not null,
    primary key (callback_id, attempt)
);

-- A day's bill is made from the tables whenever it is asked for; its hash is kept, so that a day
-- that no longer gives the same bytes is noticed.
create table acquirer_bills (
    acquirer_id     integer     not null references acquirers,
    day             integer     not null,
    sha256          bytea       not null check (octet_length(sha256) = 32),
    lines           integer     not null check (lines >= 0),
    made_at         timestamptz not null,
    primary key (acquirer_id, day)
);

-- The sandbox (沙箱): what an integrator tries out. No voucher, no fen of it is anybody's.
create table sandbox_orders (
    acquirer_id     integer     not null references acquirers,
    order_ref       text        not null,
    payment_ref     text,
    store_id        bigint      references stores,
    lock            jsonb,
    state           text        not null check (state in ('open', 'released', 'redeemed', 'closed')),
    redeemed_at     timestamptz,
    arrived_at      timestamptz not null,
    primary key (acquirer_id, order_ref),
    unique (acquirer_id, payment_ref),
    check ((state = 'redeemed') = (redeemed_at is not null and payment_ref is not null))
);
create table sandbox_refunds (
    acquirer_id     integer     not null,
    refund_ref      text        not null,
    order_ref       text        not null,
    refund_no       smallint    not null,
    amount_fen      bigint      not null check (amount_fen > 0),
    to_fund_fen     bigint      not null check (to_fund_fen between 0 and amount_fen),
    refunded_at     timestamptz not null,
    primary key (acquirer_id, refund_ref),
    unique (acquirer_id, order_ref, refund_no),
    foreign key (acquirer_id, order_ref) references sandbox_orders (acquirer_id, order_ref)
);

-- What a till did, it did through a cashier or through an acquirer, never both and never neither.
alter table locks
    alter column cashier_id drop not null,
    add column acquirer_id integer references acquirers,
    add column is_repeat boolean not null default false,
    add constraint locks_by_one check (num_nonnulls(cashier_id, acquirer_id) = 1);
alter table redemptions
    alter column cashier_id drop not null,
    add column acquirer_id integer references acquirers,
    add constraint redemptions_by_one check (num_nonnulls(cashier_id, acquirer_id) = 1);
alter table refunds
    alter column cashier_id drop not null,
    add column acquirer_id integer references acquirers,
    add constraint refunds_by_one check (num_nonnulls(cashier_id, acquirer_id) = 1);

grant select, insert, update on acquirers, acquirer_keys, store_rails, callbacks, sandbox_orders
    to huiquan_app;
grant select, insert, delete on acquirer_nonces to huiquan_app;
grant select, insert on acquirer_orders, acquirer_payments, acquirer_refunds, callback_attempts,
    acquirer_bills, sandbox_refunds to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on acquirers, acquirer_keys, store_rails, acquirer_nonces, acquirer_orders,
    acquirer_payments, acquirer_refunds, callbacks, callback_attempts, acquirer_bills,
    sandbox_orders, sandbox_refunds to huiquan_view;
