"""The other side's lines as they are compared: under our references, payment by payment.  对方明细

A bank that does not repeat our number is known by its own, which stands with its answer (also with
one that came after it had called the payment failed), or with a settlement that was paid before
there were payment files. A bank that moves a whole payment file in
one line is known by the file's number or its own number of the batch, and by the sum: such a line
is compared as so many lines as it paid, or took back, so that each settlement finds its own.

    one debit of the whole file      each line of the file
    one debit of what it could pay   each line it paid, once the bank has answered them all
    one credit of what failed        each line it did not pay, likewise

Any other sum stays one line, for people. So does a line that stands in a case: it has its place.
"""

from huiquan.domain.bill_mappings import Book

_BILL_LINES = """
    select campaign_id, source, day, line_key, kind, ref, sub, amount_fen, paid_fen, at
      from bill_lines
"""

_STATEMENT_LINES = """
    select l.campaign_id, l.source, l.day,
           case when p.ref is null then l.line_key else l.line_key || '/' || p.line_no end
           as line_key,
           l.kind,
           coalesce(p.ref,
                    (select b.ref
                       from bank_answers b
                       join payment_files f
                      using (file_id)
                      where f.campaign_id = l.campaign_id
                        and b.bank_ref = l.serial
                        and b.verdict in ('booked', 'paid_after_bounce')
                        and l.serial <> ''
                      order by b.verdict
                      limit 1),
                    (select s.ref
                       from settlements s
                      where s.campaign_id = l.campaign_id
                        and s.bank_ref = l.serial
                        and s.without_file
                        and l.serial <> ''
                      limit 1),
                    l.ref) as ref,
           l.sub,
           case when p.ref is null then l.amount_fen
                else sign(l.amount_fen)::bigint * p.amount_fen end as amount_fen,
           l.paid_fen, l.at
      from statement_lines l
      left join lateral (
           select f.file_id,
                  case l.amount_fen when -f.amount_fen then 'whole'
                                    when -t.paid_fen then 'paid'
                                    when t.failed_fen then 'failed' end as what
             from payment_files f
            cross join lateral (
                  select sum(amount_fen) filter (where bank_ref is not null) as paid_fen,
                         sum(amount_fen) filter (where bank_ref is null) as failed_fen
                    from payment_lines
                   where file_id = f.file_id) t
            where f.campaign_id = l.campaign_id
              and f.state in ('sent', 'accepted', 'done')
              and (l.ref = f.day || '-' || lpad(f.file_id::text, 7, '0')
                   or f.bank_batch in (l.ref, l.serial))
              and ((l.kind = 'out' and l.amount_fen = -f.amount_fen)
                   or (l.kind = 'out' and f.state = 'done' and l.amount_fen = -t.paid_fen)
                   or (l.kind = 'in' and f.state = 'done' and l.amount_fen = t.failed_fen))
              and not exists (select from cases c
                               where (c.campaign_id, c.book, c.source, c.theirs_key)
                                   = (l.campaign_id, 'bank', l.source, l.line_key))
            order by f.file_id
            limit 1) whole
        on l.kind in ('out', 'in')
      left join payment_lines p
        on p.file_id = whole.file_id
       and (whole.what = 'whole' or (whole.what = 'paid') = (p.bank_ref is not null))
"""

THEIR_LINES = {Book.ACQUIRER: _BILL_LINES, Book.BANK: _STATEMENT_LINES}
"""The question for the lines of each book."""
