-- Online orders: warehouses, orders with goods and address, parcels, and what was said of them.  线上订单
-- Locks: acquirers for a moment (a column with a constant default; no table is rewritten), and writes
-- of settlement_holds while its index is made.
--
-- Orders and parcels go by the numbers of platform and carrier, over all lanes, so they stand beside
-- the lane tables as acquirers' own numbers do. Events are appended and never changed.

alter table acquirers
    add column kind text not null default 'acquirer'
        check (kind in ('acquirer', 'carrier', 'warehouse'));
comment on column acquirers.kind is 'who signs: a payment company or online platform, a carrier, a warehouse';

create table warehouses (
    warehouse_id    integer     generated always as identity primary key,
    code            text        not null unique check (code ~ '^[A-Za-z0-9._-]{1,64}$'),
    merchant_id     bigint      not null references merchants,
    operator_id     integer     not null references acquirers,
    name            text        not null,
    address         text        not null,
    lat             double precision not null,
    lng             double precision not null,
    told_datum      text        not null check (told_datum in ('wgs84', 'gcj02')),
    city            text        not null,
    county          text        not null,
    proof           text        not null,
    proof_sha256    bytea       not null check (octet_length(proof_sha256) = 32),
    state           text        not null check (state in ('proposed', 'open', 'closed')),
    registered_by   text        not null,
    registered_at   timestamptz not null,
    approved_at     timestamptz,
    closed_at       timestamptz,
    close_reason    text,
    check (state <> 'open' or approved_at is not null),
    check ((state = 'closed') = (closed_at is not null and close_reason is not null))
);
comment on column warehouses.lat is 'WGS-84, like lng; told_datum is the one it was handed in with';

create table online_orders (
    acquirer_id     integer     not null references acquirers,
    order_ref       text        not null,
    store_id        bigint      not null references stores,
    warehouse_id    integer     not null references warehouses,
    order_fen       bigint      not null check (order_fen > 0),
    lines           jsonb       not null,
    city            text        not null,
    county          text        not null,
    sealed_address  bytea       not null,
    opened_at       timestamptz not null,
    paid_at         timestamptz,
    stage           text        not null check (stage in
                        ('opened', 'paid', 'shipping', 'delivered', 'doubtful', 'returned')),
    findings        text[]      not null default '{}',
    judged_at       timestamptz,
    primary key (acquirer_id, order_ref),
    check (stage = 'opened' or paid_at is not null)
);

create table order_parcels (
    carrier_id      integer     not null references acquirers,
    waybill         text        not null,
    acquirer_id     integer     not null,
    order_ref       text        not null,
    warehouse_id    integer     not null references warehouses,
    lines           jsonb       not null,
    declared_at     timestamptz not null,
    primary key (carrier_id, waybill),
    foreign key (acquirer_id, order_ref) references online_orders (acquirer_id, order_ref)
);
create index order_parcels_of_order on order_parcels (acquirer_id, order_ref);

-- What somebody signed: said, and by which key. `content` is the hash of what it says, so that one
-- number with two contents is kept twice and seen as a contradiction. The signature is over the six
-- lines of request signing; body_hash stands for the body there, so it can be verified any time. The
-- body itself is kept where it names no person: what carriers and warehouses say.
create table order_events (
    event_no        bigint      generated always as identity primary key,
    sender_id       integer     not null references acquirers,
    event_ref       text        not null,
    content         bytea       not null check (octet_length(content) = 32),
    kind            text        not null check (kind in
                        ('address_changed', 'goods_back', 'dispatched', 'collected', 'found',
                         'signed', 'rerouted', 'intercepted', 'lost', 'returned')),
    happened_at     timestamptz not null,
    acquirer_id     integer,
    order_ref       text,
    carrier_id      integer     references acquirers,
    waybill         text,
    warehouse_id    integer     references warehouses,
    county          text,
    lines           jsonb       not null default '[]',
    sealed_address  bytea,
    key_id          text        not null references acquirer_keys,
    method          text        not null,
    target          text        not null,
    time_ms         text        not null,
    nonce           text        not null,
    body_hash       bytea       not null check (octet_length(body_hash) = 32),
    body            text,
    signature       bytea       not null,
    received_at     timestamptz not null,
    unique (sender_id, event_ref, content),
    check (num_nulls(carrier_id, waybill) in (0, 2)),
    check (num_nulls(acquirer_id, order_ref) in (0, 2)),
    check (waybill is not null or order_ref is not null)
);
create index order_events_of_parcel on order_events (carrier_id, waybill);
create index order_events_of_order on order_events (acquirer_id, order_ref);
create index order_events_by_arrival on order_events (received_at);

-- An online order's hold is found by its redemption, also once it was lifted.
create index settlement_holds_of_redemption
    on settlement_holds (lane, campaign_id, idx, lock_no) where lane is not null;

grant select, insert, update on warehouses, online_orders to huiquan_app;
grant select, insert on order_parcels, order_events to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on warehouses, online_orders, order_parcels, order_events to huiquan_view;
