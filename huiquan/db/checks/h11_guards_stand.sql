-- H11 约束都在。The keys, unique indexes and bounds that hold money and entries are all there.
-- An index that was lost, or whose making failed, is noticed by nobody until it is needed. Two
-- looks at the catalogue; the list is written by tests/checks/standing_guards.py.
with due (guard) as (
    values ('acquirer_keys_algorithm_check'), ('acquirer_keys_check'),
           ('acquirer_keys_key_id_check'), ('acquirer_keys_pkey'), ('acquirer_keys_public_key_key'),
           ('acquirer_nonces_pkey'), ('acquirer_orders_campaign_id_lane_idx_lock_no_key'),
           ('acquirer_orders_check'), ('acquirer_orders_pkey'),
           ('acquirer_payments_acquirer_id_order_ref_key'),
           ('acquirer_payments_campaign_id_lane_idx_lock_no_key'), ('acquirer_payments_pkey'),
           ('acquirer_refunds_campaign_id_lane_idx_lock_no_refund_no_key'),
           ('acquirer_refunds_pkey'), ('approvals_pkey'), ('balances_amount_fen_check'),
           ('balances_pkey'), ('bank_answers_file_id_ref_outcome_amount_fen_bank_ref_key'),
           ('bank_answers_outcome_check'), ('bank_answers_pkey'), ('bank_answers_verdict_check'),
           ('bill_lines_kind_check'), ('bill_lines_pkey'), ('books_check'), ('books_pkey'),
           ('callbacks_acquirer_id_event_key'), ('callbacks_check'), ('callbacks_pkey'),
           ('cases_book_check'), ('cases_check'), ('cases_check1'), ('cases_check2'),
           ('cases_check3'), ('cases_check4'), ('cases_check5'), ('cases_check6'),
           ('cases_one_of_ours'), ('cases_one_of_theirs'), ('cases_pkey'), ('cases_state_check'),
           ('closing_shares_amount_fen_check'), ('closing_shares_campaign_id_bank_ref_key'),
           ('closing_shares_check'), ('closing_shares_pkey'), ('closings_check'),
           ('closings_check1'), ('closings_closing_no_check'), ('closings_one_at_a_time'),
           ('closings_pkey'), ('closings_receivable_fen_check'), ('closings_remainder_fen_check'),
           ('closings_state_check'), ('codes_pkey'), ('compensations_amount_fen_check'),
           ('compensations_pkey'), ('entries_client_nonce_check'), ('entries_elig_check'),
           ('entries_one_a_day'), ('entries_pack_check'), ('entries_pid_check'), ('entries_pkey'),
           ('entries_salt_check'), ('figure_merchants_pkey'), ('figure_steps_check'),
           ('figure_steps_check1'), ('figure_steps_holder_count_check'),
           ('figure_steps_issued_count_check'), ('figure_steps_issued_fen_check'),
           ('figure_steps_order_fen_check'), ('figure_steps_pkey'),
           ('figure_steps_redeemed_count_check'), ('figure_steps_redeemed_fen_check'),
           ('figure_steps_redeemer_count_check'), ('figure_steps_refunded_fen_check'),
           ('fund_alerts_check'), ('fund_alerts_check1'), ('fund_alerts_open'),
           ('fund_alerts_pkey'), ('fund_cells_check'), ('fund_cells_expired_fen_check'),
           ('fund_cells_issued_count_check'), ('fund_cells_late_fen_check'),
           ('fund_cells_paid_fen_check'), ('fund_cells_pkey'), ('fund_cells_refunded_fen_check'),
           ('fund_cells_settling_fen_check'), ('fund_cells_spent_fen_check'),
           ('fund_marks_counted_no_check'), ('fund_marks_pkey'), ('fund_steps_issued_count_check'),
           ('fund_steps_pkey'), ('imported_files_book_check'),
           ('imported_files_campaign_id_book_source_part_content_hash_key'),
           ('imported_files_check'), ('imported_files_check1'), ('imported_files_pkey'),
           ('lanes_check'), ('lanes_check1'), ('lanes_pkey'), ('links_check'),
           ('links_lane_campaign_id_first_no_key'), ('links_pkey'), ('locks_by_one'),
           ('locks_check'), ('locks_check1'), ('locks_check2'), ('locks_one_open'),
           ('locks_order_fen_check'), ('locks_pkey'), ('locks_state_check'),
           ('matching_steps_check'), ('matching_steps_funder_check'),
           ('matching_steps_given_back_fen_check'), ('matching_steps_order_fen_check'),
           ('matching_steps_pkey'), ('matching_steps_redemption_count_check'),
           ('matching_steps_used_fen_check'), ('online_orders_check'),
           ('online_orders_order_fen_check'), ('online_orders_pkey'), ('online_orders_stage_check'),
           ('order_cases_acquirer_id_order_ref_why_key'), ('order_cases_check'),
           ('order_cases_check1'), ('order_cases_check2'), ('order_cases_check3'),
           ('order_cases_decision_check'), ('order_cases_pkey'), ('order_cases_state_check'),
           ('order_cases_why_check'), ('order_events_body_hash_check'), ('order_events_check'),
           ('order_events_check1'), ('order_events_check2'), ('order_events_content_check'),
           ('order_events_kind_check'), ('order_events_pkey'),
           ('order_events_sender_id_event_ref_content_key'), ('order_parcels_pkey'),
           ('outbox_pkey'), ('payment_files_amount_fen_check'), ('payment_files_check'),
           ('payment_files_check1'), ('payment_files_check2'), ('payment_files_check3'),
           ('payment_files_line_count_check'), ('payment_files_pkey'),
           ('payment_files_state_check'), ('payment_lines_amount_fen_check'),
           ('payment_lines_by_bank_ref'), ('payment_lines_file_id_ref_key'),
           ('payment_lines_line_no_check'), ('payment_lines_once'), ('payment_lines_pkey'),
           ('payment_lines_state_check'), ('payments_pkey'), ('redemptions_by_one'),
           ('redemptions_check'), ('redemptions_check1'), ('redemptions_check2'),
           ('redemptions_check3'), ('redemptions_check4'), ('redemptions_one_live'),
           ('redemptions_pkey'), ('redemptions_rail_check'), ('redemptions_refund_count_check'),
           ('refunds_amount_fen_check'), ('refunds_by_one'), ('refunds_check'), ('refunds_pkey'),
           ('refunds_refund_no_check'), ('refunds_to_consumer_fen_check'),
           ('refunds_to_fund_fen_check'), ('registrations_consent_standing_check'),
           ('registrations_lane_campaign_id_registration_no_key'), ('registrations_pid_check'),
           ('registrations_pkey'), ('registrations_wins_check'), ('repayments_amount_fen_check'),
           ('repayments_pkey'), ('requests_pkey'), ('rounds_check'), ('rounds_entry_count_check'),
           ('rounds_lane_campaign_id_first_idx_key'), ('rounds_one_open'), ('rounds_pkey'),
           ('rounds_slot_check'), ('rounds_state_check'), ('settlement_holds_check'),
           ('settlement_holds_check1'), ('settlement_holds_check2'),
           ('settlement_holds_kind_check'), ('settlement_holds_pkey'),
           ('settlement_lines_carried_fen_check'), ('settlement_lines_check'),
           ('settlement_lines_payable_fen_check'), ('settlement_lines_pkey'),
           ('settlement_lines_redeemed_count_check'), ('settlements_add_up'),
           ('settlements_are_paid_under_a_ref'), ('settlements_bounce_with_a_reason'),
           ('settlements_carried_fen_check'), ('settlements_counted_as'), ('settlements_one_a_day'),
           ('settlements_payable_fen_check'), ('settlements_pkey'), ('settlements_rail_check'),
           ('settlements_recovered_fen_check'), ('settlements_refs_differ'),
           ('settlements_resettle_what_bounced'), ('settlements_states'),
           ('statement_lines_kind_check'), ('statement_lines_pkey'), ('store_rails_check'),
           ('store_rails_one_open'), ('store_rails_pkey'), ('tranches_campaign_id_bank_ref_key'),
           ('tranches_check'), ('tranches_pkey'), ('tranches_planned_fen_check'),
           ('tranches_received_fen_check'), ('tranches_tranche_no_check'),
           ('transfers_amount_fen_check'), ('transfers_lane_campaign_id_kind_ref_key'),
           ('transfers_move_as_named'), ('transfers_pkey'), ('vouchers_check'), ('vouchers_check1'),
           ('vouchers_check2'), ('vouchers_face_fen_check'),
           ('vouchers_lane_campaign_id_pid_day_key'), ('vouchers_lane_campaign_id_serial_key'),
           ('vouchers_pkey'), ('vouchers_state_check'), ('warehouses_check'), ('warehouses_check1'),
           ('warehouses_code_check'), ('warehouses_code_key'), ('warehouses_pkey'),
           ('warehouses_proof_sha256_check'), ('warehouses_state_check'),
           ('warehouses_told_datum_check')
)
select due.guard, 'missing or not valid' as flaw
  from due
 where not exists (
       select from pg_constraint c
        where c.conname = due.guard
          and c.contype = 'c'
          and c.convalidated
          and c.connamespace = 'public'::regnamespace)
   and not exists (
       select from pg_index i
         join pg_class k
           on k.oid = i.indexrelid
        where k.relname = due.guard
          and k.relnamespace = 'public'::regnamespace
          and i.indisunique
          and i.indisvalid);
