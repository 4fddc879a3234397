-- Entering at ten o'clock: what consents say about a person stands in their own row.  参与提速
-- Locks: registrations, while the newest consents of everyone are read once; entries, for a moment.
-- consent_standing is a copy, written by whoever changes consents in the same transaction; the check
-- h5_consent_standings_are_true asks every minute whether it equals what it was copied from.

alter table registrations
    add column consent_standing text not null default 'missing'
        check (consent_standing in ('given', 'missing', 'revoked'));

update registrations r
   set consent_standing = s.standing
  from (select lane, campaign_id, pid,
               case when bool_or(revoked_at is not null) then 'revoked'
                    when count(*) = 2 then 'given'
                    else 'missing' end as standing
          from (select distinct on (lane, campaign_id, pid, kind)
                       lane, campaign_id, pid, kind, revoked_at
                  from consents
                 order by lane, campaign_id, pid, kind, granted_at desc) newest
         group by lane, campaign_id, pid) s
 where (s.lane, s.campaign_id, s.pid) = (r.lane, r.campaign_id, r.pid);

-- A foreign key asks for each row by itself and writes a lock into the person's row. The statement
-- that inserts entries joins the registrations instead, once for the whole batch, and registrations
-- are never deleted; h6_entries_are_of_registered_people asks every minute whether that held.
alter table entries
    drop constraint entries_lane_campaign_id_pid_fkey;

-- The two keys of entries now share only their first column. While they shared two, a planner that
-- knows nothing of the table yet (the first minute of the first day) took one for the other and
-- read a whole lane to find one person.
alter table vouchers
    drop constraint vouchers_lane_campaign_id_idx_fkey;
alter table objections
    drop constraint objections_lane_campaign_id_idx_fkey;
alter table entries
    drop constraint entries_pkey,
    drop constraint entries_lane_campaign_id_pid_day_key,
    add primary key (lane, idx, campaign_id),
    add constraint entries_one_a_day unique (lane, pid, day, campaign_id);
alter table vouchers
    add foreign key (lane, campaign_id, idx) references entries (lane, campaign_id, idx);
alter table objections
    add foreign key (lane, campaign_id, idx) references entries (lane, campaign_id, idx);
