-- H1 台账链连续。The links of a book cover its transfers without a gap, each naming the one before.
-- That a link's hash fits its transfers is computed again; see `run_checks`.
with chained as (
    select campaign_id, lane, link_no, first_no, next_no, prev_hash, link_hash,
           lag(link_no, 1, -1::bigint) over w as link_before,
           lag(next_no, 1, 0::bigint) over w as ended_before,
           lag(link_hash, 1, decode(repeat('00', 32), 'hex')) over w as hash_before
      from links
    window w as (partition by campaign_id, lane order by link_no)
)
select campaign_id, lane, link_no, first_no, ended_before, 'does not follow its link' as flaw
  from chained
 where link_no <> link_before + 1
    or first_no <> ended_before
    or prev_hash <> hash_before
union all
select b.campaign_id, b.lane, l.link_no, b.linked_no, l.next_no, 'the book names another end'
  from books b
  left join lateral (
       select link_no, next_no, link_hash
         from links
        where lane = b.lane
          and campaign_id = b.campaign_id
        order by link_no desc
        limit 1
       ) l on true
 where b.linked_no <> coalesce(l.next_no, 0)
    or b.link_hash <> coalesce(l.link_hash, decode(repeat('00', 32), 'hex'));
