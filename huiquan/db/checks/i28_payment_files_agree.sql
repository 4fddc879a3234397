-- I28 付款文件与清算单一致。A settlement stands as its line in the bank's file does, in one file at most.
-- Files and lines are as few as merchants and days, so all of them are looked at each minute.
select s.settlement_id, s.state, l.file_id, l.state as line_state, s.amount_fen,
       l.amount_fen as line_fen
  from settlements s
  left join payment_lines l
    on l.settlement_id = s.settlement_id
   and l.state <> 'withdrawn'
 where case s.state
           when 'settled' then l.file_id is not null
           when 'in_file' then l.state is distinct from 'waiting'
           when 'paid' then l.state is distinct from 'paid' and not s.without_file
           else l.state is distinct from 'bounced'
        end
    or (l.ref, l.merchant_id, l.rail, l.amount_fen)
       <> (s.ref, s.merchant_id, s.rail, s.amount_fen)
union all
select null, f.state, f.file_id, 'sum', f.amount_fen, sum(l.amount_fen)
  from payment_files f
  left join payment_lines l
 using (file_id)
 group by f.file_id
having (f.line_count, f.amount_fen) is distinct from (count(l.file_id), sum(l.amount_fen))
    or (f.state = 'done' and count(*) filter (where l.state = 'waiting') > 0)
    or (f.state in ('drafted', 'approved') and count(*) filter (
           where l.state in ('paid', 'bounced')) > 0);
