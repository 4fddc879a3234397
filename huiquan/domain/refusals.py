"""Refusals: every way the house says no.  拒绝的理由

A refusal is a value, not an exception: nothing was changed, and the code says which rule said no.
The sentences people are shown, and the HTTP status at the doors, stand in `catalogue.py`.
"""

from enum import StrEnum

from huiquan.domain.catalogue import REFUSAL_SENTENCES


class Refusal(StrEnum):
    """One reason why the house did not do what was asked."""

    # The doors: what any caller can get wrong.
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    NO_CHECKPOINT_YET = "no_checkpoint_yet"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    TOO_MANY_REQUESTS = "too_many_requests"
    REQUEST_KEY_REUSED = "request_key_reused"
    BUSY = "busy"

    # The campaign.
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    NOT_YET_OPEN = "not_yet_open"
    CLOSED_FOR_TODAY = "closed_for_today"
    CAMPAIGN_ENDED = "campaign_ended"
    NO_STOCK_TODAY = "no_stock_today"
    WORK_NEEDED = "work_needed"

    # Registration.
    BAD_NAME = "bad_name"
    BAD_DOCUMENT = "bad_document"
    BAD_PHONE = "bad_phone"
    SMS_CODE_WRONG = "sms_code_wrong"
    SMS_CODE_EXPIRED = "sms_code_expired"
    SMS_TOO_SOON = "sms_too_soon"
    SMS_UNAVAILABLE = "sms_unavailable"
    CONSENT_MISSING = "consent_missing"
    CONSENT_OUTDATED = "consent_outdated"
    CONSENT_REVOKED = "consent_revoked"
    UNDER_AGE = "under_age"
    IDENTITY_MISMATCH = "identity_mismatch"
    IDENTITY_UNAVAILABLE = "identity_unavailable"
    ALREADY_REGISTERED = "already_registered"
    PHONE_IN_USE = "phone_in_use"
    NOT_REGISTERED = "not_registered"
    LOCATION_MISSING = "location_missing"
    LOCATION_INACCURATE = "location_inaccurate"
    LOCATION_MOCKED = "location_mocked"
    LOCATION_STALE = "location_stale"
    OUTSIDE_AREA = "outside_area"
    EXCLUDED = "excluded"
    SUSPENDED = "suspended"

    # The draw.
    ALREADY_ENTERED = "already_entered"
    WIN_LIMIT_REACHED = "win_limit_reached"
    UNKNOWN_PACK = "unknown_pack"
    NO_DRAW_THAT_DAY = "no_draw_that_day"
    NOT_YET_DRAWN = "not_yet_drawn"
    DAY_NOT_OVER = "day_not_over"
    LANE_FROZEN = "lane_frozen"
    HOUSE_BEHIND = "house_behind"
    EPOCH_CHANGING = "epoch_changing"
    EPOCH_TAKEN = "epoch_taken"
    EPOCH_WAITS = "epoch_waits"
    EPOCH_NOT_DRAFTED = "epoch_not_drafted"
    EPOCH_UNSIGNED = "epoch_unsigned"
    EPOCH_SIGNED = "epoch_signed"
    BAD_NEW_KEY = "bad_new_key"
    NEW_KEY_NOT_THERE = "new_key_not_there"
    LANE_NOT_FROZEN = "lane_not_frozen"
    TWO_PEOPLE_NEEDED = "two_people_needed"
    LIST_STILL_OPEN = "list_still_open"
    LIST_EMPTY = "list_empty"
    LIST_TOO_LONG = "list_too_long"
    LIST_NOT_SEALED = "list_not_sealed"
    LIST_CHANGED = "list_changed"
    LIST_NOT_DRAWN = "list_not_drawn"
    LIST_NOT_PUBLISHED = "list_not_published"
    OBJECTIONS_CLOSED = "objections_closed"
    OBJECTIONS_RUNNING = "objections_running"
    OBJECTIONS_OPEN = "objections_open"
    UNKNOWN_WIN = "unknown_win"
    UNKNOWN_OBJECTION = "unknown_objection"
    OBJECTION_DECIDED = "objection_decided"
    SAME_PERSON = "same_person"
    DECISIONS_DIFFER = "decisions_differ"

    # Vouchers and the till.
    UNKNOWN_VOUCHER = "unknown_voucher"
    CODE_UNKNOWN = "code_unknown"
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"
    NOT_YOUR_VOUCHER = "not_your_voucher"
    ALREADY_REDEEMED = "already_redeemed"
    VOUCHER_LOCKED = "voucher_locked"
    VOUCHER_EXPIRED = "voucher_expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_PACK = "wrong_pack"
    WRONG_CITY = "wrong_city"
    STORE_NOT_OPEN = "store_not_open"
    BELOW_THRESHOLD = "below_threshold"
    BAD_AMOUNT = "bad_amount"
    OFFERS_EXCEED_ORDER = "offers_exceed_order"
    UNKNOWN_LOCK = "unknown_lock"
    LOCK_EXPIRED = "lock_expired"
    LOCK_RELEASED = "lock_released"
    OTHER_STORE = "other_store"
    PAYMENT_REF_USED = "payment_ref_used"
    ORDER_REPEATED = "order_repeated"

    # The acquirer's door.
    SIGNATURE_WRONG = "signature_wrong"
    KEY_UNKNOWN = "key_unknown"
    KEY_OUT_OF_DATE = "key_out_of_date"
    REQUEST_STALE = "request_stale"
    REQUEST_REPLAYED = "request_replayed"
    ACQUIRER_SUSPENDED = "acquirer_suspended"
    RAIL_NOT_HERE = "rail_not_here"
    UNKNOWN_ORDER = "unknown_order"
    ORDER_CLOSED = "order_closed"
    UNKNOWN_PAYMENT = "unknown_payment"
    AMOUNT_DIFFERS = "amount_differs"
    NOT_OWN_ACCOUNT = "not_own_account"
    BILL_NOT_READY = "bill_not_ready"
    BILL_CHANGED = "bill_changed"
    UNKNOWN_ACQUIRER = "unknown_acquirer"
    ACQUIRER_KNOWN = "acquirer_known"
    BAD_KEY = "bad_key"
    KEY_TAKEN = "key_taken"
    BAD_CALLBACK = "bad_callback"

    # Online orders.
    ADDRESS_UNCLEAR = "address_unclear"
    ADDRESS_OUTSIDE = "address_outside"
    NOT_SELF_OPERATED = "not_self_operated"
    GOODS_EXCLUDED = "goods_excluded"
    ORDER_NEEDED = "order_needed"
    ORDER_NOT_PAID = "order_not_paid"
    UNKNOWN_WAREHOUSE = "unknown_warehouse"
    WAREHOUSE_NOT_OPEN = "warehouse_not_open"
    WAREHOUSE_KNOWN = "warehouse_known"
    WAREHOUSE_PLACE_DIFFERS = "warehouse_place_differs"
    WAREHOUSE_DECIDED = "warehouse_decided"
    UNKNOWN_CARRIER = "unknown_carrier"
    UNKNOWN_PARCEL = "unknown_parcel"
    WAYBILL_TAKEN = "waybill_taken"
    EVENT_FROM_FUTURE = "event_from_future"
    EVENT_BEFORE_ORDER = "event_before_order"
    NOT_THEIRS_TO_SAY = "not_theirs_to_say"

    # Refunds.
    UNKNOWN_REDEMPTION = "unknown_redemption"
    REFUND_TOO_LARGE = "refund_too_large"
    TOO_MANY_REFUNDS = "too_many_refunds"
    REFUND_ELSEWHERE = "refund_elsewhere"
    REFUND_TOO_LATE = "refund_too_late"

    # Reconciliation.
    UNKNOWN_CASE = "unknown_case"
    CASE_CLOSED = "case_closed"
    CAUSE_DOES_NOT_FIT = "cause_does_not_fit"
    PAYMENT_NOT_NAMED = "payment_not_named"
    UNKNOWN_MAPPING = "unknown_mapping"
    BAD_FILE = "bad_file"
    UNKNOWN_STAFF = "unknown_staff"

    # Staff.
    WRONG_SIGN_IN = "wrong_sign_in"
    UNKNOWN_STORE = "unknown_store"
    MIXED_CHANNELS = "mixed_channels"
    NOTHING_TO_SETTLE = "nothing_to_settle"

    # Settlement and payment.
    NOTHING_TO_PAY = "nothing_to_pay"
    UNKNOWN_SETTLEMENT = "unknown_settlement"
    UNKNOWN_FILE = "unknown_file"
    FILE_NOT_APPROVED = "file_not_approved"
    FILE_ALREADY_SENT = "file_already_sent"
    FILE_NOT_SENT = "file_not_sent"
    NOT_SENT_TO_THE_BANK = "not_sent_to_the_bank"
    ALREADY_APPROVED_BY_YOU = "already_approved_by_you"
    SUPERVISOR_NEEDED = "supervisor_needed"
    BAD_BANK_FILE = "bad_bank_file"
    BAD_ACCOUNT = "bad_account"
    UNKNOWN_ACCOUNT_REQUEST = "unknown_account_request"
    ACCOUNT_REQUEST_OPEN = "account_request_open"
    ACCOUNT_REQUEST_DECIDED = "account_request_decided"
    ACCOUNT_DIFFERS = "account_differs"
    UNKNOWN_MERCHANT = "unknown_merchant"
    UNKNOWN_HOLD = "unknown_hold"
    HOLD_OF_AN_ORDER = "hold_of_an_order"
    UNKNOWN_DISPUTE = "unknown_dispute"
    DISPUTE_ANSWERED = "dispute_answered"

    FUND_TOO_SMALL = "fund_too_small"
    UNKNOWN_TRANCHE = "unknown_tranche"
    TRANCHE_RECEIVED = "tranche_received"
    BANK_REF_USED = "bank_ref_used"
    MORE_THAN_OWED = "more_than_owed"
    UNKNOWN_ALERT = "unknown_alert"
    NOT_READY_TO_CLOSE = "not_ready_to_close"
    NO_CLOSING = "no_closing"
    CLOSING_STALE = "closing_stale"
    CLOSING_UNDER_WAY = "closing_under_way"
    REGISTER_BEING_MADE = "register_being_made"
    LOGIN_TAKEN = "login_taken"
    WRONG_CITY_FOR_ROLE = "wrong_city_for_role"

    @property
    def status(self) -> int:
        """The HTTP status under which the doors send it: 4xx, or 503 when a helper is away."""
        return REFUSAL_SENTENCES[self.value].status

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return REFUSAL_SENTENCES[self.value].zh

    @property
    def en(self) -> str:
        """The sentence in English."""
        return REFUSAL_SENTENCES[self.value].en
