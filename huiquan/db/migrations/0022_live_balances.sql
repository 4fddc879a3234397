-- Live balances: how far each book was counted into the fund's cells, and as what each settlement.  资金实时余额
-- Locks: settlements, for a moment (a column, and a small index); redemptions against writing while
-- they are read once for a small index. What was summed until now is dropped: the house counts its
-- books anew, a part at a time, and the balances it shows are right from the first moment.

drop table fund_cells, fund_days;

-- The transfers of a book below counted_no are in the cells. A book has no gap and its numbers are
-- given in the order of commits, so whatever is not below the mark is what came since. Marks stand
-- where the cells stand, also on a cluster: a question sees both at one moment.
create table fund_marks (
    campaign_id     smallint    not null,
    lane            smallint    not null,
    counted_no      bigint      not null default 0 check (counted_no >= 0),
    primary key (campaign_id, lane)
);

-- One draw day, pack, tier and city. spent_fen: redeemed, less what came back before settlement;
-- settling_fen and paid_fen are the parts of it that settlements counted as such hold.
create table fund_cells (
    campaign_id     smallint    not null,
    day             integer     not null,
    pack            smallint    not null,
    tier            smallint    not null,
    city            text        not null,
    issued_count    bigint      not null check (issued_count >= 0),
    issued_fen      bigint      not null,
    expired_fen     bigint      not null check (expired_fen >= 0),
    refunded_fen    bigint      not null check (refunded_fen >= 0),
    spent_fen       bigint      not null check (spent_fen >= 0),
    settling_fen    bigint      not null check (settling_fen >= 0),
    paid_fen        bigint      not null check (paid_fen >= 0),
    late_fen        bigint      not null check (late_fen >= 0),
    primary key (campaign_id, day, tier, city),
    check (issued_fen >= expired_fen + refunded_fen + spent_fen)
);

alter table settlements
    add column counted_as text not null default 'payable'
        constraint settlements_counted_as check (counted_as in ('payable', 'settling', 'paid'));
comment on column settlements.counted_as is 'where the cells have its money: written by the count alone';

-- What is not paid for good, or not counted as paid yet: few, however many were settled.
create index settlements_to_be_counted on settlements (campaign_id)
    where state <> 'paid' or counted_as <> 'paid';

-- Matching money is counted from redemptions with an offer.
create index redemptions_with_offers on redemptions (campaign_id) where offers_fen > 0;

grant select, insert, update on fund_marks, fund_cells to huiquan_app;
grant select on fund_marks, fund_cells to huiquan_view;
