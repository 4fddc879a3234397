-- I31 核销必通知。Each redemption has put its notice for the holder into the outbox: none was lost on the way.
-- Counts only; which one is missing is looked for by a person. Two tables are counted through.
select r.redemptions, t.notices
  from (select count(*) as redemptions from redemptions) r
 cross join (select count(*) as notices from outbox where kind = 'redeemed') t
 where r.redemptions <> t.notices;
