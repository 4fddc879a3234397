-- I13 中签次数属实。Everyone's count of wins is the number of vouchers issued to them.
-- Only people with a count or a voucher are looked at: few of all who registered.
with counted as (
    select lane, campaign_id, pid, wins
      from registrations
     where wins <> 0
), won as (
    select lane, campaign_id, pid, count(*) as vouchers
      from vouchers
     group by lane, campaign_id, pid
)
select campaign_id, lane, encode(pid, 'hex') as pid, coalesce(wins, 0) as wins,
       coalesce(vouchers, 0) as vouchers
  from counted
  full join won
 using (lane, campaign_id, pid)
 where coalesce(wins, 0) <> coalesce(vouchers, 0);
