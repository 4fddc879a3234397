-- Merchants, their stores, their cashiers; and the people of the house.  商户、门店、收银员、工作人员
-- Locks: none (new tables).  Reference tables.

create table merchants (
    merchant_id     bigint      generated always as identity primary key,
    name            text        not null,
    uscc            text        not null unique,
    opened_at       timestamptz not null
);

create table stores (
    store_id        bigint      generated always as identity primary key,
    merchant_id     bigint      not null references merchants,
    code            text        not null unique,
    name            text        not null,
    channel         text        not null default 'offline'
                    check (channel in ('online', 'offline')),
    city            text        not null,
    county          text,
    address         text        not null,
    lat             double precision not null,
    lng             double precision not null,
    datum           text        not null check (datum in ('wgs84', 'gcj02')),
    state           text        not null check (state in ('open', 'suspended', 'closed')),
    opened_at       timestamptz not null
);

create table store_packs (
    store_id        bigint      not null references stores,
    campaign_id     smallint    not null references campaigns,
    pack            smallint    not null,
    open_from       timestamptz not null,
    open_until      timestamptz,
    primary key (store_id, campaign_id, pack, open_from)
);

create table cashiers (
    cashier_id      bigint      generated always as identity primary key,
    store_id        bigint      not null references stores,
    login           text        not null unique,
    name            text        not null,
    pin_hash        text        not null,
    tries           smallint    not null default 0,
    barred_until    timestamptz,
    opened_at       timestamptz not null
);

create table staff (
    staff_id        bigint      generated always as identity primary key,
    login           text        not null unique,
    name            text        not null,
    role            text        not null,
    city            text,
    password_hash   text        not null,
    tries           smallint    not null default 0,
    barred_until    timestamptz,
    opened_at       timestamptz not null
);
