-- I34 双人复核。What goes to the bank was approved by two different people, one of the department.
select f.file_id, f.state, count(a.staff_id) as approvers,
       count(a.staff_id) filter (where a.role = 'supervisor') as supervisors
  from payment_files f
  left join approvals a
    on a.subject = 'payment_file:' || f.file_id
   and a.action = 'payment_file'
   and a.at <= f.approved_at
 where f.approved_at is not null
 group by f.file_id
having count(distinct a.staff_id) < 2
    or count(a.staff_id) filter (where a.role = 'supervisor') = 0;
