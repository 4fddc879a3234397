-- I22 借贷有名。Every transfer moves money between the two accounts that its name allows.
-- A transfer is one amount on both sides, so it balances as it stands; this holds where it may go.
with allowed (kind, debit, credit) as (
    values ('appropriate', 'bank', 'pool'),
           ('release', 'pool', 'released'),
           ('recall', 'released', 'pool'),
           ('reserve', 'released', 'reserved'),
           ('redeem', 'reserved', 'payable'),
           ('expire', 'reserved', 'returned'),
           ('refund', 'payable', 'returned'),
           ('reinstate', 'payable', 'reserved'),
           ('refund_late', 'receivable', 'recovering'),
           ('recover', 'payable', 'receivable'),
           ('regain', 'recovering', 'returned'),
           ('roll_over', 'returned', 'pool'),
           ('settle', 'payable', 'settling'),
           ('pay', 'settling', 'bank'),
           ('pay_back', 'bank', 'settling'),
           ('bounce', 'settling', 'payable'),
           ('compensate', 'bank', 'pool'),
           ('repay', 'bank', 'receivable'),
           ('repaid', 'recovering', 'returned'),
           ('return_remainder', 'pool', 'bank'),
           ('overpay', 'receivable', 'bank'),
           ('cover', 'pool', 'recovering')
)
select t.campaign_id, t.lane, t.no, t.kind,
       t.debit, t.debit_lane, t.debit_holder,
       t.credit, t.credit_lane, t.credit_holder
  from transfers t
  left join allowed a
 using (kind, debit, credit)
 where a.kind is null
    or t.lane <> greatest(t.debit_lane, t.credit_lane)
    or (t.debit in ('released', 'reserved', 'returned', 'payable')) <> (t.debit_lane >= 0)
    or (t.credit in ('released', 'reserved', 'returned', 'payable')) <> (t.credit_lane >= 0)
    or (t.debit in ('payable', 'settling', 'receivable', 'recovering')) <> (t.debit_holder <> '')
    or (t.credit in ('payable', 'settling', 'receivable', 'recovering')) <> (t.credit_holder <> '');
