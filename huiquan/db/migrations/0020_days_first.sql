-- Indexes for a day begin with the day. 按日的索引以日打头
--
-- Until now they began as the keys do. On a table that is still empty they and the key cost a
-- planner the same, and it may keep the wrong one while the first day's table fills. Nobody who
-- names no day can take these now, and who names one finds what was found before.
-- Locks: rounds, vouchers, transfers, redemptions and refunds against writing, each while its small
-- index is built.

drop index rounds_by_day;
create index rounds_by_day on rounds (day, lane, campaign_id, first_idx);

drop index vouchers_by_day;
create index vouchers_by_day on vouchers (day, campaign_id);

drop index transfers_by_day;
create index transfers_by_day on transfers (day, campaign_id, kind);

drop index redemptions_by_day;
create index redemptions_by_day on redemptions (day, campaign_id);

drop index refunds_by_day;
create index refunds_by_day on refunds (day, campaign_id);
