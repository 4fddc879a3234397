-- I29 差错有说明。What people say of a difference has a cause and a reason, and where money differs two said it.
-- Cases are as few as differences; the house closes those that explain themselves.
select case_id, state, cause, reason, proposed_by, closed_by, ours_fen, theirs_fen
  from cases
 where (state = 'proposed' or (state = 'closed' and closed_by <> 'house'))
   and (cause is null
        or coalesce(btrim(reason), '') = ''
        or (state = 'closed' and ours_fen <> theirs_fen
            and (proposed_by is null or proposed_by = closed_by)));
