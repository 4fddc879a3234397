-- Vouchers, one-time codes, locks, redemptions, refunds, settlements.  立减金、券码、占用、核销、退款、清算
-- Locks: none (new tables).
--
--     held --lock--> locked --redeem--> redeemed
--       \             / unlock or the lock's time is over
--        --expire--> expired

create table vouchers (
    lane                smallint    not null,
    campaign_id         smallint    not null,
    idx                 bigint      not null,
    serial              text        not null,
    pid                 bytea       not null,
    day                 integer     not null,
    pack                smallint    not null,
    tier                smallint    not null,
    face_fen            bigint      not null check (face_fen > 0),
    threshold_fen       bigint      not null check (threshold_fen >= face_fen),
    rulebook_version    integer     not null,
    city                text     not null,
    state               text        not null
                        check (state in ('held', 'locked', 'redeemed', 'expired')),
    valid_from          timestamptz not null,
    valid_until         timestamptz not null check (valid_until > valid_from),
    issued_at           timestamptz not null,
    lock_no             smallint    not null default 0,
    locked_until        timestamptz,
    primary key (lane, campaign_id, idx),
    unique (lane, campaign_id, serial),
    unique (lane, campaign_id, pid, day),
    foreign key (lane, campaign_id, idx) references entries (lane, campaign_id, idx),
    check ((state = 'locked') = (locked_until is not null))
);
create index vouchers_live on vouchers (lane, campaign_id, valid_until)
    where state in ('held', 'locked');
create index vouchers_by_day on vouchers (campaign_id, day);

create table codes (
    lane            smallint    not null,
    code_key        bytea       not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    device          bytea       not null,
    request_key     text        not null,
    minted_at       timestamptz not null,
    expires_at      timestamptz not null,
    used_at         timestamptz,
    voided_at       timestamptz,
    primary key (lane, code_key),
    foreign key (lane, campaign_id, idx) references vouchers (lane, campaign_id, idx)
);
create index codes_by_voucher on codes (lane, campaign_id, idx);

create table locks (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    state           text        not null check (state in ('open', 'redeemed', 'released', 'lapsed')),
    store_id        bigint      not null references stores,
    cashier_id      bigint      not null references cashiers,
    order_fen       bigint      not null check (order_fen > 0),
    offers          jsonb       not null,
    offers_fen      bigint      not null check (offers_fen between 0 and order_fen),
    net_fen         bigint      not null check (net_fen = order_fen - offers_fen),
    discount_fen    bigint      not null check (discount_fen > 0 and discount_fen <= net_fen),
    rulebook_version integer    not null,
    locked_at       timestamptz not null,
    locked_until    timestamptz not null,
    closed_at       timestamptz,
    primary key (lane, campaign_id, idx, lock_no),
    foreign key (lane, campaign_id, idx) references vouchers (lane, campaign_id, idx)
);
create unique index locks_one_open on locks (lane, campaign_id, idx) where state = 'open';

create table redemptions (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    day             integer     not null,
    store_id        bigint      not null references stores,
    merchant_id     bigint      not null references merchants,
    cashier_id      bigint      not null references cashiers,
    city            text     not null,
    pack            smallint    not null,
    payment_ref     text        not null,
    face_fen        bigint      not null,
    threshold_fen   bigint      not null,
    order_fen       bigint      not null,
    offers_fen      bigint      not null,
    net_fen         bigint      not null check (net_fen >= threshold_fen),
    discount_fen    bigint      not null check (discount_fen = face_fen),
    rulebook_version integer    not null,
    redeemed_at     timestamptz not null,
    refund_count    smallint    not null default 0 check (refund_count between 0 and 50),
    refunded_fen    bigint      not null default 0 check (refunded_fen between 0 and net_fen),
    returned_fen    bigint      not null default 0 check (returned_fen between 0 and discount_fen),
    settlement_id   bigint,
    primary key (lane, campaign_id, idx, lock_no),
    foreign key (lane, campaign_id, idx, lock_no) references locks (lane, campaign_id, idx, lock_no),
    check ((refunded_fen = net_fen) <= (returned_fen = discount_fen))
);
create index redemptions_by_store on redemptions (store_id, redeemed_at);
create index redemptions_by_day on redemptions (campaign_id, day);
-- A voucher may be redeemed again only after the whole order came back (and the rules say so).
create unique index redemptions_one_live on redemptions (lane, campaign_id, idx)
    where refunded_fen < net_fen;
create index redemptions_by_settlement on redemptions (settlement_id)
    where settlement_id is not null;
create index redemptions_unsettled on redemptions (campaign_id, merchant_id, day)
    where settlement_id is null;

-- One payment pays for one redemption; kept apart because a payment is unique across lanes.
create table payments (
    merchant_id     bigint      not null references merchants,
    payment_ref     text        not null,
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    primary key (merchant_id, payment_ref)
);

create table refunds (
    lane            smallint    not null,
    campaign_id     smallint    not null,
    idx             bigint      not null,
    lock_no         smallint    not null,
    refund_no       smallint    not null check (refund_no between 1 and 50),
    amount_fen      bigint      not null check (amount_fen > 0),
    to_consumer_fen bigint      not null check (to_consumer_fen >= 0),
    to_fund_fen     bigint      not null check (to_fund_fen >= 0),
    late            boolean     not null,
    cashier_id      bigint      not null references cashiers,
    day             integer     not null,
    refunded_at     timestamptz not null,
    primary key (lane, campaign_id, idx, lock_no, refund_no),
    foreign key (lane, campaign_id, idx, lock_no)
        references redemptions (lane, campaign_id, idx, lock_no),
    check (amount_fen = to_consumer_fen + to_fund_fen)
);
create index refunds_by_day on refunds (campaign_id, day);

create table settlements (
    settlement_id   bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    merchant_id     bigint      not null references merchants,
    day             integer     not null,
    payable_fen     bigint      not null check (payable_fen >= 0),
    recovered_fen   bigint      not null check (recovered_fen >= 0),
    amount_fen      bigint      not null check (amount_fen = payable_fen - recovered_fen and amount_fen >= 0),
    state           text        not null check (state in ('settled', 'paid')),
    settled_at      timestamptz not null,
    bank_ref        text,
    paid_at         timestamptz,
    unique (campaign_id, merchant_id, day),
    check ((state = 'paid') = (paid_at is not null and bank_ref is not null))
);
alter table redemptions
    add constraint redemptions_settled_by foreign key (settlement_id) references settlements;
