-- What a merchant came to owe is looked up by whose it is, not in all of the house's book.  欠款明细按商户查
-- Locks: transfers against writing while they are read through once for a small index; a movement that
-- is no debt is in it not at all.

create index transfers_of_debts on transfers (lane, campaign_id, debit_holder)
    where debit = 'receivable';
