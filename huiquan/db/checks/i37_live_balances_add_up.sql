-- I37 资金余额可复算。What was counted into the fund's cells is what the books say up to the marks.
-- Each draw day, pack, tier and city is added up again from transfers, refunds and redemptions; that
-- these are the vouchers' own, other questions ask. About draw days whose money still moves, and
-- about every day several times a day (`huiquan.since`). No mark stands beyond its book, and where books
-- are counted, no settlement is kept for an hour as something that its money is not any more.
with recursive clock as (
    select coalesce(nullif(current_setting('huiquan.since', true), ''),
                    '-infinity')::timestamptz as since
), asked as (
    select campaign_id, day
      from config_days
     where released_at >= (select since from clock)
     union
    select campaign_id, day
      from fund_cells
     where (select since from clock) = '-infinity'
        or issued_fen <> expired_fen + refunded_fen + paid_fen
), won as (
    select v.campaign_id, v.lane, v.idx, v.day, v.pack, v.tier, v.city
      from asked
      join vouchers v
     using (campaign_id, day)
), booked as (
    select w.campaign_id, w.day, w.pack, w.tier, w.city,
           count(*) filter (where t.kind = 'reserve') as issued_count,
           sum(t.amount_fen) filter (where t.kind = 'reserve') as issued_fen,
           sum(t.amount_fen) filter (where t.kind = 'expire') as expired_fen,
           sum(t.amount_fen) filter (where t.kind = 'refund') as refunded_fen,
           sum(case when t.kind = 'redeem' then t.amount_fen
                    when t.kind in ('refund', 'reinstate') then -t.amount_fen end) as spent_fen
      from won w
      join fund_marks m
     using (lane, campaign_id)
      join transfers t
        on (t.lane, t.campaign_id, t.idx) = (w.lane, w.campaign_id, w.idx)
       and t.no < m.counted_no
     group by w.campaign_id, w.day, w.pack, w.tier, w.city
), owed as (
    select t.campaign_id, split_part(t.ref, '-', 2)::smallint as lane,
           split_part(t.ref, '-', 3)::bigint as idx, t.amount_fen
      from fund_marks m
      join transfers t
     using (lane, campaign_id)
     where m.lane = -1
       and t.no < m.counted_no
       and t.kind = 'refund_late'
), late as (
    select w.campaign_id, w.day, w.pack, w.tier, w.city, sum(o.amount_fen) as late_fen
      from owed o
      join won w
     using (campaign_id, lane, idx)
     group by w.campaign_id, w.day, w.pack, w.tier, w.city
), early as (
    select f.campaign_id, f.lane, f.idx, f.lock_no, sum(f.to_fund_fen) as early_fen
      from refunds f
     where not f.late
     group by f.campaign_id, f.lane, f.idx, f.lock_no
), settled as (
    select w.campaign_id, w.day, w.pack, w.tier, w.city,
           sum(r.discount_fen - coalesce(e.early_fen, 0))
               filter (where s.counted_as = 'settling') as settling_fen,
           sum(r.discount_fen - coalesce(e.early_fen, 0))
               filter (where s.counted_as = 'paid') as paid_fen
      from won w
      join redemptions r
     using (lane, campaign_id, idx)
      join settlements s
        on s.settlement_id = r.settlement_id
       and s.counted_as <> 'payable'
      left join early e
        on (e.lane, e.campaign_id, e.idx, e.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
     group by w.campaign_id, w.day, w.pack, w.tier, w.city
), carried as (
    select campaign_id, settlement_id, counted_as, state, resettled_by,
           greatest(settled_at, paid_at, bounced_at) as moved_at
      from settlements
     where state <> 'paid'
        or counted_as <> 'paid'
     union all
    select c.campaign_id, c.settlement_id, c.counted_as, s.state, s.resettled_by,
           greatest(c.moved_at, s.settled_at, s.paid_at, s.bounced_at)
      from carried c
      join settlements s
        on s.settlement_id = c.resettled_by
), places as (
    select campaign_id, day, pack, tier, city from booked
     union
    select campaign_id, day, pack, tier, city from late
     union
    select campaign_id, day, pack, tier, city from settled
     union
    select campaign_id, day, pack, tier, city from fund_cells join asked using (campaign_id, day)
)
select p.campaign_id, p.day, p.pack, p.tier, p.city,
       b.issued_fen, c.issued_fen as kept_issued_fen, b.expired_fen,
       c.expired_fen as kept_expired_fen, b.refunded_fen, c.refunded_fen as kept_refunded_fen,
       b.spent_fen, c.spent_fen as kept_spent_fen, s.settling_fen,
       c.settling_fen as kept_settling_fen, s.paid_fen, c.paid_fen as kept_paid_fen,
       l.late_fen, c.late_fen as kept_late_fen
  from places p
  left join booked b
 using (campaign_id, day, pack, tier, city)
  left join late l
 using (campaign_id, day, pack, tier, city)
  left join settled s
 using (campaign_id, day, pack, tier, city)
  left join fund_cells c
 using (campaign_id, day, pack, tier, city)
 where (coalesce(b.issued_count, 0), coalesce(b.issued_fen, 0), coalesce(b.expired_fen, 0),
        coalesce(b.refunded_fen, 0), coalesce(b.spent_fen, 0), coalesce(s.settling_fen, 0),
        coalesce(s.paid_fen, 0), coalesce(l.late_fen, 0))
       is distinct from (c.issued_count, c.issued_fen, c.expired_fen, c.refunded_fen, c.spent_fen,
                         c.settling_fen, c.paid_fen, c.late_fen)
union all
select m.campaign_id, null, null, null, 'lane ' || m.lane, b.next_no, m.counted_no, null, null,
       null, null, null, null, null, null, null, null, null, null
  from fund_marks m
  left join books b
 using (lane, campaign_id)
 where m.counted_no > coalesce(b.next_no, 0)
union all
select c.campaign_id, null, null, null, 'settlement ' || c.settlement_id || ' as ' || c.counted_as,
       null, null, null, null, null, null, null, null, null, null, null, null, null, null
  from carried c
  join fund_marks m
    on m.campaign_id = c.campaign_id
   and m.lane = -1
 where c.resettled_by is null
   and c.counted_as <> case c.state when 'paid' then 'paid'
                                    when 'bounced' then 'payable'
                                    else 'settling' end
   and c.moved_at < current_setting('huiquan.now')::timestamptz - interval '1 hour';
