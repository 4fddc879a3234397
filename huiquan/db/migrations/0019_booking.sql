-- Booking in one journey: a book's number, its transfers and the balances they move.  记账
-- Locks: none (a new function).
-- Each statement in it sees what was committed before it began, so whoever waited for the book's row
-- goes on from what the one before left there. It acts with the rights of whoever calls it.

create function book_transfers(
    of_lane smallint, of_campaign smallint, on_day integer, at_time timestamptz,
    kinds text[], debits text[], debit_lanes smallint[], debit_holders text[],
    credits text[], credit_lanes smallint[], credit_holders text[],
    amounts bigint[], refs text[], idxs bigint[],
    moved_lanes smallint[], moved_accounts text[], moved_holders text[], moved_fen bigint[]
) returns bigint
language plpgsql
as $$
declare
    first_no bigint;
begin
    update books
       set next_no = next_no + cardinality(kinds)
     where lane = of_lane
       and campaign_id = of_campaign
    returning next_no - cardinality(kinds) into strict first_no;

    insert into transfers (lane, campaign_id, no, kind, debit, debit_lane, debit_holder,
                           credit, credit_lane, credit_holder, amount_fen, ref, idx, day, booked_at)
    select of_lane, of_campaign, first_no + t.ord - 1, t.kind, t.debit, t.debit_lane,
           t.debit_holder, t.credit, t.credit_lane, t.credit_holder, t.amount_fen, t.ref, t.idx,
           on_day, at_time
      from unnest(kinds, debits, debit_lanes, debit_holders, credits, credit_lanes,
                  credit_holders, amounts, refs, idxs)
           with ordinality as t (kind, debit, debit_lane, debit_holder, credit, credit_lane,
                                 credit_holder, amount_fen, ref, idx, ord);

    insert into balances (lane, campaign_id, account, holder)
    select a.lane, of_campaign, a.account, a.holder
      from unnest(moved_lanes, moved_accounts, moved_holders) as a (lane, account, holder)
    on conflict do nothing;

    update balances b
       set amount_fen = b.amount_fen + a.fen
      from unnest(moved_lanes, moved_accounts, moved_holders, moved_fen)
           as a (lane, account, holder, fen)
     where b.campaign_id = of_campaign
       and (b.lane, b.account, b.holder) = (a.lane, a.account, a.holder);

    return first_no;
end
$$;
revoke all on function book_transfers from public;
grant execute on function book_transfers to huiquan_app;
