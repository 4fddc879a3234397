-- H4 配置一致。A round is drawn under the config published for its day, and the day was released.
-- Where a signer's key was changed, the day has the config that ended, too.
select r.campaign_id, r.lane, r.seq, r.day, encode(r.cfg_hash, 'hex') as cfg_hash,
       encode(d.cfg_hash, 'hex') as days_cfg_hash, d.released_at
  from rounds r
  left join config_days d
    on (d.campaign_id, d.day) = (r.campaign_id, r.day)
  left join configs c
    on (c.campaign_id, c.cfg_hash) = (d.campaign_id, d.cfg_hash)
 where r.cfg_hash is distinct from d.cfg_hash and r.cfg_hash is distinct from c.succeeds
    or d.released_at is null;
