-- H4 配置一致。A round is drawn under the config published for its day, and the day was released.
select r.campaign_id, r.lane, r.seq, r.day, encode(r.cfg_hash, 'hex') as cfg_hash,
       encode(d.cfg_hash, 'hex') as days_cfg_hash, d.released_at
  from rounds r
  left join config_days d
    on (d.campaign_id, d.day) = (r.campaign_id, r.day)
 where r.cfg_hash is distinct from d.cfg_hash
    or d.released_at is null;
