-- What spreading the tables by lane asks of keys.  通道键
-- Locks: campaigns and objections, for a moment.
-- A number that PostgreSQL gives out by itself must be a bigint once tables are on several machines;
-- campaigns are few and published one at a time, so whoever publishes takes the next number.

alter table campaigns
    alter column campaign_id drop identity;

-- An objection belongs to the lane of the entry it is about.
alter table objections
    drop constraint objections_pkey,
    add primary key (lane, objection_id);
