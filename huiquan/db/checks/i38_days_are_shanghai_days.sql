-- I38 日期属实。What is filed under a day happened on that day in Hubei, 00:00 to 24:00.
select 'transfer' as what, campaign_id, lane, no as number, day, booked_at as at
  from transfers
 where day <> to_char(booked_at at time zone 'Asia/Shanghai', 'YYYYMMDD')::integer
union all
select 'redemption', campaign_id, lane, idx, day, redeemed_at
  from redemptions
 where day <> to_char(redeemed_at at time zone 'Asia/Shanghai', 'YYYYMMDD')::integer
union all
select 'refund', campaign_id, lane, idx, day, refunded_at
  from refunds
 where day <> to_char(refunded_at at time zone 'Asia/Shanghai', 'YYYYMMDD')::integer
union all
select 'settlement', campaign_id, null, settlement_id, day, settled_at
  from settlements
 where day <> to_char(settled_at at time zone 'Asia/Shanghai', 'YYYYMMDD')::integer;
