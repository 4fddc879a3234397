-- I29 三账相符。What our book and another's differ by on a day stands in cases, to the fen; no day is left out.
-- Cheap: the lines of the last two days are added up again; an older line is written by nobody.
-- Yesterday may wait for its file until noon. A source begins with its first file or payment.
with clock as (
    select (current_setting('huiquan.now')::timestamptz at time zone 'Asia/Shanghai') as now
), last as (
    select (now - case when extract(hour from now) < 12 then interval '2 days'
                       else interval '1 day' end)::date as day
      from clock
), sources as (
    select campaign_id, book, source, to_date(min(day)::text, 'YYYYMMDD') as began
      from (select campaign_id, book, source, first_day as day
              from imported_files
            union all
            select campaign_id, 'acquirer', a.code,
                   (select min(day) from acquirer_payments p
                     where (p.acquirer_id, p.campaign_id) = (a.acquirer_id, c.campaign_id))
              from acquirers a
             cross join campaigns c) began
     where day is not null
     group by 1, 2, 3
), due as (
    select s.campaign_id, s.book, s.source, to_char(d, 'YYYYMMDD')::integer as day
      from sources s, last,
           generate_series(greatest(s.began, last.day - 6)::timestamp, last.day::timestamp,
                           interval '1 day') d
), left_out as (
    select campaign_id, book, source, day, 'not compared' as what, 0 as ours_less_theirs_fen,
           0 as in_cases_fen
      from due
     where not exists (select from reconciled_days r
                        where (r.campaign_id, r.book, r.source, r.day)
                            = (due.campaign_id, due.book, due.source, due.day))
       and not exists (select from cases c
                        where (c.campaign_id, c.book, c.source, c.day, c.kind)
                            = (due.campaign_id, due.book, due.source, due.day, 'no_file'))
), recent as (
    select r.campaign_id, r.book, r.source, r.day
      from reconciled_days r, last
     where r.day >= to_char(last.day - 1, 'YYYYMMDD')::integer
), ours as (
    select r.campaign_id, 'acquirer' as book, coalesce(a.code, 'till') as source, r.day,
           r.discount_fen as fen
      from redemptions r
      left join acquirers a
     using (acquirer_id)
     where (r.campaign_id, r.day) in (select campaign_id, day from recent)
    union all
    select f.campaign_id, 'acquirer', coalesce(a.code, 'till'), f.day, -f.to_fund_fen
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
      left join acquirers a
        on a.acquirer_id = r.acquirer_id
     where (f.campaign_id, f.day) in (select campaign_id, day from recent)
    union all
    select t.campaign_id, 'bank', s.source, t.day,
           case when t.debit = 'bank' then t.amount_fen else -t.amount_fen end
      from transfers t
      join sources s
        on (s.campaign_id, s.book) = (t.campaign_id, 'bank')
     where t.lane = -1
       and 'bank' in (t.debit, t.credit)
       and (t.campaign_id, t.day) in (select campaign_id, day from recent)
), theirs as (
    select campaign_id, 'acquirer' as book, source, day, amount_fen as fen
      from bill_lines
     where (campaign_id, source, day) in (select campaign_id, source, day from recent)
    union all
    select campaign_id, 'bank', source, day, amount_fen
      from statement_lines
     where (campaign_id, source, day) in (select campaign_id, source, day from recent)
), moved as (
    select campaign_id, book, source, day, sum(fen) as fen
      from (select campaign_id, book, source, day, fen from ours
            union all
            select campaign_id, book, source, day, -fen from theirs) both_books
     group by 1, 2, 3, 4
), listed as (
    select campaign_id, book, source, day, sum(fen) as fen
      from (select campaign_id, book, source, ours_day as day, ours_fen as fen
              from cases
             where ours_day is not null
            union all
            select campaign_id, book, source, theirs_day, -theirs_fen
              from cases
             where theirs_day is not null
               and kind not in ('no_file', 'changed', 'withdrawn')) sides
     group by 1, 2, 3, 4
)
select * from left_out
union all
select campaign_id, book, source, day, 'sums differ', coalesce(m.fen, 0), coalesce(l.fen, 0)
  from recent
  left join moved m
 using (campaign_id, book, source, day)
  left join listed l
 using (campaign_id, book, source, day)
 where coalesce(m.fen, 0) <> coalesce(l.fen, 0);
