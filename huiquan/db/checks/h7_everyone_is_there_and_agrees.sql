-- H7 各方在场且一致。Signers and witnesses answer and hold what this database holds; no evidence stands open.
select campaign_id, kind, subject, began_at
  from notices
 where ended_at is null;
