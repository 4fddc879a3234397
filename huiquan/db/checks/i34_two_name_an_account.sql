-- I34 收款账户双人确认。Each account that was ever in force was asked for by one and confirmed by another, one of the department.
-- Requests are as few as merchants and changes, and each looks its words up by their key.
select r.request_id, r.merchant_id, r.asked_by, r.decided_by, count(a.staff_id) as words,
       count(a.staff_id) filter (where a.role = 'supervisor') as supervisors
  from account_requests r
  left join approvals a
    on a.subject = 'account_request:' || r.request_id
   and a.action = 'account'
   and a.staff_id in (r.asked_by, r.decided_by)
   and a.at <= r.decided_at
 where r.state = 'confirmed'
 group by r.request_id
having count(distinct a.staff_id) < 2
    or count(a.staff_id) filter (where a.role = 'supervisor') = 0;
