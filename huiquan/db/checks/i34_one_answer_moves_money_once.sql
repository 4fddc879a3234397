-- I34 银行回盘入账。What is paid or bounced was said by the bank, for a file that had gone there.
select l.file_id, l.ref, l.state, f.state as file_state
  from payment_lines l
  join payment_files f
 using (file_id)
 where l.state in ('paid', 'bounced')
   and (f.sent_at is null
        or not exists (select from bank_answers b
                        where b.file_id = l.file_id
                          and b.ref = l.ref
                          and b.amount_fen = l.amount_fen
                          and b.verdict = 'booked'
                          and case when l.state = 'paid'
                                   then (b.outcome, b.bank_ref) = ('paid', l.bank_ref)
                                   else b.outcome in ('failed', 'returned')
                               end));
