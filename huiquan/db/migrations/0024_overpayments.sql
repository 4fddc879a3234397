-- A payment that the bank had called failed, and that went through after all.  重付追记
-- Locks: transfers, while its list of movements is written anew and the rows are read through once.

alter table transfers
    drop constraint transfers_move_as_named;
alter table transfers
    add constraint transfers_move_as_named check ((kind, debit, credit) in (
        ('appropriate', 'bank', 'pool'),
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
        ('cover', 'pool', 'recovering')));
