-- Who may do what: the program writes, the views only read, and nobody changes a booked transfer.  数据库角色
-- Locks: none that matter (grants).  The roles belong to the whole server, so they may exist already.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['huiquan_app', 'huiquan_view'] loop
        -- Asked first, so that a login without the right to make roles can still migrate.
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;
end $$;

grant usage on schema public to huiquan_app, huiquan_view;
grant select, insert, update, delete on all tables in schema public to huiquan_app;
grant usage on all sequences in schema public to huiquan_app;
grant select on all tables in schema public to huiquan_view;

-- What was booked, published, sealed or entered stays as it is.
revoke update, delete, truncate on transfers, links, rulebooks, configs, entries, log_leaves,
    checkpoints, audit, requests, payments, refunds from huiquan_app;
revoke delete, truncate on rounds, vouchers, redemptions, locks, registrations, settlements,
    balances, books, lanes from huiquan_app;
