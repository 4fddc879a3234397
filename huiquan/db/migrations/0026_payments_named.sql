-- Which of our payments a line of the bank was, where the line bears the bank's own number.  重付指认
-- Locks: cases, while the column is added and the few rows closed so are written.

alter table cases
    add column payment_ref text;

update cases
   set payment_ref = ref
 where cause = 'paid_after_all';

alter table cases
    add constraint cases_name_their_payment
    check (cause is distinct from 'paid_after_all' or payment_ref is not null);
