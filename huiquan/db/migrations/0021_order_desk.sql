-- Online orders tried in the sandbox, and the cases that doubtful ones become.  沙箱订单、订单差错
-- Locks: writes of online_orders while its small index is made.
--
-- What is tried stands in tables of its own, so no list, no check and no settlement can take it for
-- real. `told` is an event as the judging reads it; nobody has to prove later who said it.

create table sandbox_online_orders (
    acquirer_id     integer     not null references acquirers,
    order_ref       text        not null,
    store_id        bigint      not null references stores,
    keeper_id       integer     not null references acquirers,
    order_fen       bigint      not null check (order_fen > 0),
    lines           jsonb       not null,
    county          text        not null,
    opened_at       timestamptz not null,
    primary key (acquirer_id, order_ref)
);

create table sandbox_parcels (
    carrier_id      integer     not null references acquirers,
    waybill         text        not null,
    acquirer_id     integer     not null,
    order_ref       text        not null,
    keeper_id       integer     not null references acquirers,
    lines           jsonb       not null,
    declared_at     timestamptz not null,
    primary key (carrier_id, waybill),
    foreign key (acquirer_id, order_ref) references sandbox_online_orders (acquirer_id, order_ref)
);
create index sandbox_parcels_of_order on sandbox_parcels (acquirer_id, order_ref);

create table sandbox_order_events (
    event_no        bigint      generated always as identity primary key,
    sender_id       integer     not null references acquirers,
    event_ref       text        not null,
    content         bytea       not null check (octet_length(content) = 32),
    told            jsonb       not null,
    acquirer_id     integer,
    order_ref       text,
    carrier_id      integer     references acquirers,
    waybill         text,
    received_at     timestamptz not null,
    unique (sender_id, event_ref, content),
    check (num_nulls(carrier_id, waybill) in (0, 2)),
    check (num_nulls(acquirer_id, order_ref) in (0, 2)),
    check (waybill is not null or order_ref is not null)
);
create index sandbox_order_events_of_parcel on sandbox_order_events (carrier_id, waybill);
create index sandbox_order_events_of_order on sandbox_order_events (acquirer_id, order_ref);

grant select, insert on sandbox_online_orders, sandbox_parcels, sandbox_order_events to huiquan_app;
grant select on sandbox_online_orders, sandbox_parcels, sandbox_order_events to huiquan_view;

-- An order that people have to decide: what it is about, who answers for it, what was decided.
-- One case for each order and reason; one that the house closed it opens again when it comes back.
create table order_cases (
    case_id         bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    acquirer_id     integer     not null,
    order_ref       text        not null,
    why             text        not null check (why in ('doubtful', 'not_shipped', 'not_signed')),
    state           text        not null check (state in ('open', 'proposed', 'closed')),
    owner           text,
    decision        text        check (decision in ('pay', 'refuse')),
    reason          text,
    proposed_by     text,
    closed_by       text        check (closed_by <> proposed_by),
    opened_at       timestamptz not null,
    closed_at       timestamptz,
    unique (acquirer_id, order_ref, why),
    foreign key (acquirer_id, order_ref) references online_orders (acquirer_id, order_ref),
    check ((state = 'closed') = (closed_at is not null and closed_by is not null)),
    check (state <> 'proposed' or (decision = 'pay' and proposed_by is not null)),
    -- Money that the evidence does not carry is let go by two people.
    check (state <> 'closed' or decision is distinct from 'pay' or proposed_by is not null)
);
create index order_cases_open on order_cases (campaign_id) where state <> 'closed';
create index online_orders_unfinished on online_orders (paid_at)
    where stage in ('paid', 'shipping', 'doubtful');

grant select, insert, update on order_cases to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on order_cases to huiquan_view;
