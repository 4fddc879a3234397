-- I34 付款只到已确认账户。Each payment goes to the account that two people had confirmed when its file was made.
-- Lines are as few as merchants and days; each looks its file and its request up by their key.
select l.file_id, l.line_no, l.merchant_id, l.request_id, f.drafted_at, r.state, r.decided_at,
       r.replaced_at
  from payment_lines l
  join payment_files f using (file_id)
  left join account_requests r
    on r.request_id = l.request_id
   and r.merchant_id = l.merchant_id
 where not l.without_request
   and (r.state is distinct from 'confirmed'
        or r.decided_at > f.drafted_at
        or r.replaced_at < f.drafted_at
        or (l.account_no, l.account_name, l.bank_name, l.bank_code)
           <> (r.account_no, r.account_name, r.bank_name, r.bank_code));
