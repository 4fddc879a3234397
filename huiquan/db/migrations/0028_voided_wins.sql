-- Voided wins were counted as issued in what is kept of the figures.  作废中签不计发放
-- Locks: settlements of the campaigns in which an objection was upheld, while one column is set back.
-- Their books are counted anew, a part at a time; of all other campaigns nothing moves.

delete from fund_cells
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
delete from fund_steps
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
delete from matching_steps
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
delete from figure_steps
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
delete from figure_merchants
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
delete from fund_marks
 where campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
update settlements
   set counted_as = 'payable'
 where counted_as <> 'payable'
   and campaign_id in (
       select campaign_id from objections where verdict = 'upheld' and second_by is not null);
