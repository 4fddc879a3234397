"""How each promise about acquirers is broken; see `breakages.py`.

The season has no acquirer, so each lie begins with one: a redemption of a cashier's is made an
acquirer's, with all that belongs to it, and then one thing of that is spoilt.
"""

from tests.checks.breaking import breaks

_REDEEMED = "(lane, idx) = (select lane, idx from redemptions where refund_count = 0 limit 1)"
_WHO = "(select max(acquirer_id) from acquirers)"

_UNCOMPARED = "i29_books_equal_their_files"

_AN_ACQUIRERS = (
    """
    insert into acquirers (code, name_zh, name_en, rail, is_sandbox, callback_url, state, added_at)
    values ('pay', '支付', 'pay', 'demo', false, 'http://127.0.0.1:1/', 'open', :now)
    """,
    f"update locks set cashier_id = null, acquirer_id = {_WHO} "
    f"where {_REDEEMED} and state = 'redeemed'",
    f"update redemptions set cashier_id = null, acquirer_id = {_WHO} where {_REDEEMED}",
    """
    insert into acquirer_orders (acquirer_id, order_ref, store_id, lane, campaign_id, idx, lock_no,
                                 arrived_at)
    select acquirer_id, 'o-1', store_id, lane, campaign_id, idx, lock_no, locked_at
      from locks where acquirer_id is not null
    """,
    """
    insert into acquirer_payments (acquirer_id, payment_ref, order_ref, lane, campaign_id, idx,
                                   lock_no, day)
    select acquirer_id, payment_ref, 'o-1', lane, campaign_id, idx, lock_no, day
      from redemptions where acquirer_id is not null
    """,
    """
    insert into store_rails (store_id, acquirer_id, rail, open_from)
    select store_id, acquirer_id, 'demo', '2026-01-01' from redemptions
     where acquirer_id is not null
    """,
    f"""
    insert into callbacks (acquirer_id, event, body, created_at, next_try_at)
    values ({_WHO}, 'redeemed/R', '', :now, :now)
    """,
)

ACQUIRERS = (
    breaks(
        "i17_store_took_the_rail",
        *_AN_ACQUIRERS,
        "update store_rails set open_until = open_from",
        also=_UNCOMPARED,
    ),
    breaks(
        "i19_acquirer_numbers_stand_for_deeds",
        *_AN_ACQUIRERS,
        "update acquirer_payments set day = 20260101",
        also=_UNCOMPARED,
    ),
    breaks(
        "i31_callbacks_follow_deeds",
        *_AN_ACQUIRERS,
        "delete from callbacks",
        also=_UNCOMPARED,
    ),
    breaks(
        "i32_no_callback_waits",
        *_AN_ACQUIRERS,
        "update callbacks set next_try_at = :now - interval '10 minutes'",
        also=_UNCOMPARED,
    ),
)
