-- Voided wins were counted as issued in what is kept of the figures.  作废中签不计发放
-- Locks: settlements of the campaigns in which an objection was upheld, while one column is set back.
-- Their books are counted anew, a part at a time; of all other campaigns nothing moves. One campaign
-- after the other, named by its number: on a cluster no table of one kind is asked about another's.

do $$
declare
    one smallint;
begin
    for one in
        select distinct campaign_id
          from objections
         where verdict = 'upheld'
           and second_by is not null
    loop
        delete from fund_cells where campaign_id = one;
        delete from fund_steps where campaign_id = one;
        delete from matching_steps where campaign_id = one;
        delete from figure_steps where campaign_id = one;
        delete from figure_merchants where campaign_id = one;
        delete from fund_marks where campaign_id = one;
        update settlements
           set counted_as = 'payable'
         where campaign_id = one
           and counted_as <> 'payable';
    end loop;
end
$$;
