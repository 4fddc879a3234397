-- I22 台账编号连续。The transfers of a book are numbered from 0 without a gap, up to its end.
select b.campaign_id, b.lane, b.next_no, t.first_no, t.last_no, t.transfers
  from books b
 cross join lateral (
       select min(no) as first_no, max(no) as last_no, count(*) as transfers
         from transfers
        where lane = b.lane
          and campaign_id = b.campaign_id
       ) t
 where t.transfers <> b.next_no
    or coalesce(t.first_no, 0) <> 0
    or coalesce(t.last_no, -1) <> b.next_no - 1;
