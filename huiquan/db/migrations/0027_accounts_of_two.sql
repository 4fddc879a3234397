-- The account on which a merchant is paid is asked for by one person and confirmed by another.  收款账户双人确认
-- Locks: payment_lines, while two columns are added, its rows are marked and an index is built; staff
-- and merchants for a moment each (a foreign key).
-- Accounts that one person had named wait for two: they are open requests of nobody, and whoever first
-- confirms one stands as the person who asks. Until then their merchants get into no new file.

create table account_requests (
    request_id      bigint      generated always as identity primary key,
    merchant_id     bigint      not null references merchants,
    account_no      text        not null,
    account_name    text        not null,
    bank_name       text        not null,
    bank_code       text        not null check (bank_code ~ '^[0-9]{12}$'),
    state           text        not null check (state in
                        ('open', 'confirmed', 'refused', 'withdrawn')),
    asked_by        bigint      references staff,
    asked_at        timestamptz not null,
    named_by        text,
    decided_by      bigint      references staff,
    decided_at      timestamptz,
    reason          text,
    replaced_at     timestamptz,
    constraint account_requests_are_of_somebody
        check (asked_by is not null or named_by is not null),
    constraint account_requests_take_two
        check (state <> 'confirmed'
               or (asked_by is not null and decided_by is not null and asked_by <> decided_by)),
    constraint account_requests_are_decided_once
        check ((state = 'open') = (decided_at is null)
               and (decided_by is null) = (decided_at is null)),
    constraint account_requests_end_with_a_reason
        check ((state in ('refused', 'withdrawn')) = (reason is not null)),
    constraint account_requests_are_withdrawn_by_their_asker
        check ((state = 'withdrawn') <= (decided_by is not distinct from asked_by)),
    constraint account_requests_are_replaced_later
        check (replaced_at is null or (state = 'confirmed' and replaced_at >= decided_at))
);
comment on column account_requests.bank_code is '联行号, the twelve digits of the bank''s branch';
comment on column account_requests.named_by is 'who had named it alone, before accounts took two people';
comment on column account_requests.replaced_at is 'when a later request of the merchant was confirmed';
-- A merchant has one request at a time that somebody has to answer, and one account.
create unique index account_requests_one_open on account_requests (merchant_id)
    where state = 'open';
create unique index account_requests_one_in_force on account_requests (merchant_id)
    where state = 'confirmed' and replaced_at is null;
create index account_requests_of_merchant on account_requests (merchant_id, request_id);

insert into account_requests (merchant_id, account_no, account_name, bank_name, bank_code, state,
                              asked_at, named_by)
select merchant_id, account_no, account_name, bank_name, bank_code, 'open', named_at, named_by
  from merchant_accounts
 order by merchant_id;
drop table merchant_accounts;

alter table payment_lines
    add column request_id bigint references account_requests,
    add column without_request boolean not null default false;
update payment_lines
   set without_request = true;
alter table payment_lines
    add constraint payment_lines_rest_on_a_request
        check (without_request or request_id is not null);
comment on column payment_lines.without_request is 'drafted before accounts took two people';
-- Where a merchant was last paid is looked up for each line that is to be approved.
create index payment_lines_of_merchant on payment_lines (merchant_id, file_id);

-- What an account is, and whose request it was, stays as it was asked for.
grant select, insert on account_requests to huiquan_app;
grant update (state, asked_by, decided_by, decided_at, reason, replaced_at) on account_requests
    to huiquan_app;
grant select on account_requests to huiquan_view;
grant usage on all sequences in schema public to huiquan_app;
