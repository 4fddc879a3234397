-- Settlement by rail, holds, payment files that two people approve, the bank's answers, disputes.  清算与付款
-- Locks: redemptions, transfers, settlements and cashiers, for a moment each (a column or a check);
-- the check of transfers reads the table once.
-- A payment that the bank gave back leaves its settlement `bounced`: its money is payable again, lane by
-- lane, and the merchant's next settlement carries it. The redemptions stay where they were settled.

alter table redemptions
    add column rail text not null default 'direct' check (rail ~ '^[a-z][a-z0-9-]{0,15}$');
comment on column redemptions.rail is 'the payment company''s rail; direct: told by a cashier';

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
        ('bounce', 'settling', 'payable')));

alter table settlements
    add column rail text not null default 'direct' check (rail ~ '^[a-z][a-z0-9-]{0,15}$'),
    add column ref text,
    add column rulebook_version integer,
    add column carried_fen bigint not null default 0 check (carried_fen >= 0),
    add column bounced_at timestamptz,
    add column bounce_reason text,
    add column resettled_by bigint,
    add column without_file boolean not null default false,
    drop constraint settlements_campaign_id_merchant_id_day_key,
    drop constraint settlements_check,
    drop constraint settlements_check1,
    drop constraint settlements_state_check;
update settlements
   set ref = day || '-' || merchant_id,
       without_file = state = 'paid';
alter table settlements
    alter column ref set not null,
    add constraint settlements_one_a_day unique (campaign_id, merchant_id, rail, day),
    add constraint settlements_refs_differ unique (campaign_id, ref),
    add constraint settlements_add_up
        check (amount_fen = payable_fen + carried_fen - recovered_fen and amount_fen >= 0),
    add constraint settlements_states
        check (state in ('settled', 'in_file', 'paid', 'bounced')),
    add constraint settlements_are_paid_under_a_ref
        check (state <> 'paid' or (paid_at is not null and bank_ref is not null)),
    add constraint settlements_bounce_with_a_reason
        check ((state = 'bounced') = (bounced_at is not null and bounce_reason is not null)),
    add constraint settlements_resettle_what_bounced
        check (resettled_by is null or state = 'bounced');
comment on column settlements.resettled_by is 'the settlement that carries what bounced here';
comment on column settlements.carried_fen is 'from payments that bounced, settled anew here';
comment on column settlements.without_file is 'paid before payment files were kept';
create index settlements_to_be_paid on settlements (campaign_id, state) where state <> 'paid';

create table settlement_lines (
    settlement_id   bigint      not null references settlements,
    lane            smallint    not null,
    redeemed_count  integer     not null check (redeemed_count >= 0),
    payable_fen     bigint      not null check (payable_fen >= 0),
    carried_fen     bigint      not null check (carried_fen >= 0),
    recovered_fen   bigint      not null check (recovered_fen between 0 and payable_fen + carried_fen),
    primary key (settlement_id, lane)
);
insert into settlement_lines (settlement_id, lane, redeemed_count, payable_fen, carried_fen,
                              recovered_fen)
select s.settlement_id, t.lane,
       (select count(*)
          from redemptions r
         where r.settlement_id = s.settlement_id
           and r.lane = t.lane),
       sum(t.amount_fen), 0, coalesce(sum(t.amount_fen) filter (where t.kind = 'recover'), 0)
  from settlements s
  join transfers t
    on t.campaign_id = s.campaign_id
   and t.ref = s.ref
   and t.kind in ('settle', 'recover')
 group by s.settlement_id, t.lane;

-- What waits, whatever its day: a merchant, a store, or one redemption; until a moment, or a word.
create table settlement_holds (
    hold_id         bigint      generated always as identity primary key,
    kind            text        not null check (kind in ('merchant', 'store', 'redemption')),
    merchant_id     bigint      not null references merchants,
    store_id        bigint      references stores,
    lane            smallint,
    campaign_id     smallint,
    idx             bigint,
    lock_no         smallint,
    reason          text        not null,
    until           timestamptz,
    placed_by       text        not null,
    placed_at       timestamptz not null,
    lifted_by       text,
    lifted_at       timestamptz,
    lift_reason     text,
    check ((kind = 'store') = (store_id is not null)),
    check ((kind = 'redemption') = (lane is not null and campaign_id is not null
                                    and idx is not null and lock_no is not null)),
    check ((lifted_at is null) = (lifted_by is null))
);
create index settlement_holds_in_force on settlement_holds (merchant_id) where lifted_at is null;

create table merchant_accounts (
    merchant_id     bigint      not null references merchants,
    account_no      text        not null,
    account_name    text        not null,
    bank_name       text        not null,
    bank_code       text        not null check (bank_code ~ '^[0-9]{12}$'),
    named_by        text        not null,
    named_at        timestamptz not null,
    primary key (merchant_id)
);
comment on column merchant_accounts.bank_code is '联行号, the twelve digits of the bank''s branch';

create table payment_files (
    file_id         bigint      generated always as identity primary key,
    campaign_id     smallint    not null references campaigns,
    day             integer     not null,
    state           text        not null check (state in
                        ('drafted', 'approved', 'sent', 'accepted', 'done', 'withdrawn')),
    line_count      integer     not null check (line_count > 0),
    amount_fen      bigint      not null check (amount_fen > 0),
    sha256          bytea       not null,
    drafted_by      bigint      not null references staff,
    drafted_at      timestamptz not null,
    approved_at     timestamptz,
    sent_at         timestamptz,
    accepted_at     timestamptz,
    bank_batch      text,
    done_at         timestamptz,
    withdrawn_at    timestamptz,
    check ((state in ('approved', 'sent', 'accepted', 'done')) <= (approved_at is not null)),
    check ((state in ('sent', 'accepted', 'done')) <= (sent_at is not null)),
    check ((state = 'done') = (done_at is not null)),
    check ((state = 'withdrawn') = (withdrawn_at is not null))
);

create table payment_lines (
    file_id         bigint      not null references payment_files,
    line_no         integer     not null check (line_no > 0),
    settlement_id   bigint      not null references settlements,
    ref             text        not null,
    merchant_id     bigint      not null references merchants,
    rail            text        not null,
    amount_fen      bigint      not null check (amount_fen > 0),
    account_no      text        not null,
    account_name    text        not null,
    bank_name       text        not null,
    bank_code       text        not null,
    state           text        not null default 'waiting'
                        check (state in ('waiting', 'paid', 'bounced', 'withdrawn')),
    bank_ref        text,
    reason          text,
    answered_at     timestamptz,
    primary key (file_id, line_no),
    unique (file_id, ref)
);
-- A settlement goes to the bank once: in one file that was not withdrawn.
create unique index payment_lines_once on payment_lines (settlement_id) where state <> 'withdrawn';
-- The bank's number of a payment stands for one payment.
create unique index payment_lines_by_bank_ref on payment_lines (bank_ref) where state = 'paid';

-- All that the bank ever said about a line, once each; nothing is taken back.
create table bank_answers (
    answer_id       bigint      generated always as identity primary key,
    file_id         bigint      not null references payment_files,
    ref             text        not null,
    outcome         text        not null check (outcome in ('paid', 'failed', 'returned')),
    amount_fen      bigint      not null,
    bank_ref        text        not null,
    reason          text        not null,
    verdict         text        not null check (verdict in
                        ('booked', 'unknown_line', 'other_amount', 'paid_after_bounce',
                         'failed_after_payment', 'other_bank_ref', 'bank_ref_used')),
    taken_by        text        not null,
    taken_at        timestamptz not null,
    unique (file_id, ref, outcome, amount_fen, bank_ref)
);

create table approvals (
    subject         text        not null,
    action          text        not null,
    staff_id        bigint      not null references staff,
    role            text        not null,
    at              timestamptz not null,
    primary key (subject, action, staff_id)
);
comment on table approvals is 'one row a person; what takes two people has two rows of the same subject and action';

create table settlement_disputes (
    dispute_id      bigint      generated always as identity primary key,
    settlement_id   bigint      not null references settlements,
    redemption      text,
    words           text        not null,
    cashier_id      bigint      not null references cashiers,
    opened_at       timestamptz not null,
    verdict         text        check (verdict in ('upheld', 'dismissed')),
    answer          text,
    answered_by     bigint      references staff,
    answered_at     timestamptz,
    check ((verdict is null) = (answer is null) and (verdict is null) = (answered_by is null)
           and (verdict is null) = (answered_at is null))
);
create index settlement_disputes_open on settlement_disputes (opened_at) where answered_at is null;

-- Statements are for whoever leads the store; until a merchant says otherwise, its first cashier.
alter table cashiers
    add column is_manager boolean not null default false;
update cashiers c
   set is_manager = true
 where cashier_id = (select min(cashier_id) from cashiers where store_id = c.store_id);

grant select, insert, update on settlement_holds, merchant_accounts, payment_files, payment_lines,
    settlement_disputes to huiquan_app;
grant select, insert on settlement_lines, bank_answers, approvals to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on settlement_lines, settlement_holds, merchant_accounts, payment_files,
    payment_lines, bank_answers, approvals, settlement_disputes to huiquan_view;
