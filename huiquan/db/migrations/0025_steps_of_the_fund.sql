-- What each day brought to the fund's cells, to matching money and to the figures.  资金、配套与日报逐日累计
-- Locks: settlements against writing while one column is set back; refunds while a small index is built.
-- The house counts its books anew, a part at a time. What it shows meanwhile is right, and a season of
-- millions takes long to answer until it is counted: bring such a house up at night.

delete from fund_cells;
delete from fund_marks;
update settlements set counted_as = 'payable' where counted_as <> 'payable';

-- What was booked on a day added this to a cell; settling and paid are the money of that day's
-- settlements. A cell is the sum of its steps, so what is new can be counted again without the rest.
create table fund_steps (
    campaign_id     smallint    not null,
    on_day          integer     not null,
    day             integer     not null,
    pack            smallint    not null,
    tier            smallint    not null,
    city            text        not null,
    issued_count    bigint      not null check (issued_count >= 0),
    issued_fen      bigint      not null,
    expired_fen     bigint      not null,
    refunded_fen    bigint      not null,
    spent_fen       bigint      not null,
    settling_fen    bigint      not null,
    paid_fen        bigint      not null,
    late_fen        bigint      not null,
    counted_at      timestamptz not null,
    primary key (campaign_id, on_day, day, tier, city)
);
comment on column fund_steps.on_day is 'booked on; of settling and paid, settled on';

-- What offers of the platform (merchant_id 0) or of a merchant came to on a day, as far as the books
-- are counted: on orders redeemed that day, and what went with goods that came back that day.
create table matching_steps (
    campaign_id      smallint    not null,
    on_day           integer     not null,
    funder           text        not null check (funder in ('platform', 'merchant')),
    merchant_id      bigint      not null,
    redemption_count bigint      not null check (redemption_count >= 0),
    order_fen        bigint      not null check (order_fen >= 0),
    used_fen         bigint      not null check (used_fen >= 0),
    given_back_fen   bigint      not null check (given_back_fen >= 0),
    counted_at       timestamptz not null,
    primary key (campaign_id, on_day, funder, merchant_id),
    check ((funder = 'merchant') = (merchant_id > 0))
);

-- What a day brought to the nine figures, by city: people count on the day of their first voucher and
-- of their first redemption, in the campaign (holder_count) and in the city (city_holder_count).
create table figure_steps (
    campaign_id         smallint    not null,
    on_day              integer     not null,
    city                text        not null,
    issued_count        bigint      not null check (issued_count >= 0),
    issued_fen          bigint      not null check (issued_fen >= 0),
    holder_count        bigint      not null check (holder_count >= 0),
    city_holder_count   bigint      not null check (city_holder_count >= holder_count),
    redeemed_count      bigint      not null check (redeemed_count >= 0),
    redeemed_fen        bigint      not null check (redeemed_fen >= 0),
    order_fen           bigint      not null check (order_fen >= 0),
    redeemer_count      bigint      not null check (redeemer_count >= 0),
    city_redeemer_count bigint      not null check (city_redeemer_count >= redeemer_count),
    refunded_fen        bigint      not null check (refunded_fen >= 0),
    counted_at          timestamptz not null,
    primary key (campaign_id, on_day, city)
);

-- The first day on which a merchant redeemed a voucher in a city, as far as the books are counted.
create table figure_merchants (
    campaign_id     smallint    not null,
    city            text        not null,
    merchant_id     bigint      not null,
    first_day       integer     not null,
    primary key (campaign_id, city, merchant_id)
);

-- A refund of which the fund's part is nothing is in no book: few, and counted at each question.
create index refunds_in_no_book on refunds (campaign_id) where to_fund_fen = 0;

grant select, insert, update on fund_steps, matching_steps, figure_steps, figure_merchants
    to huiquan_app;
grant select on fund_steps, matching_steps, figure_steps, figure_merchants to huiquan_view;
