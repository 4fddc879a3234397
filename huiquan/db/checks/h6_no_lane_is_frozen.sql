-- H6 没有冻结的通道。No lane is stopped: where one is, two people have to decide.
select campaign_id, lane, frozen_at, frozen_reason
  from lanes
 where frozen_at is not null;
