-- I34 关闭须双人审批。No remainder goes back before two people, one of the department, approved it.
select c.campaign_id, c.closing_no, c.state, count(distinct a.staff_id) as approvers,
       count(a.staff_id) filter (where a.role = 'supervisor') as supervisors
  from closings c
  left join approvals a
    on a.action = 'close_campaign'
   and a.subject = format('closing %s-%s', c.campaign_id, c.closing_no)
   and a.at <= c.approved_at
 where c.state in ('approved', 'closed')
 group by c.campaign_id, c.closing_no, c.state
having count(distinct a.staff_id) < 2
    or count(a.staff_id) filter (where a.role = 'supervisor') = 0;
