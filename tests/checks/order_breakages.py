"""How each promise about online orders is broken; see `breakages.py`.

The season has no online order, so each lie begins with one: a redemption of a cashier's that is not
settled yet is made an acquirer's, with an order, and then one thing of that is spoilt.
"""

from tests.checks.breaking import breaks

_WHO = "(select max(acquirer_id) from acquirers)"
_ONE = """(lane, campaign_id, idx, lock_no) = (
    select lane, campaign_id, idx, lock_no from redemptions
     where refund_count = 0 and settlement_id is null order by redeemed_at desc limit 1)"""

_ORDERED = (
    """
    insert into acquirers (code, name_zh, name_en, rail, is_sandbox, state, added_at)
    values ('mall', '商城', 'mall', 'demo', false, 'open', :now)
    """,
    f"update locks set cashier_id = null, acquirer_id = {_WHO} where {_ONE}",
    f"update redemptions set cashier_id = null, acquirer_id = {_WHO} where {_ONE}",
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
    insert into warehouses (code, merchant_id, operator_id, name, address, lat, lng, told_datum,
                            city, county, proof, proof_sha256, state, registered_by, registered_at,
                            approved_at)
    select 'wh', max(merchant_id), {_WHO}, '仓', '湖北', 30.5, 114.3, 'wgs84', '420100', '420103',
           '证', sha256('scan'), 'open', 'test', :now, :now
      from merchants
    """,
    """
    insert into online_orders (acquirer_id, order_ref, store_id, warehouse_id, order_fen, lines,
                               city, county, sealed_address, opened_at, paid_at, stage)
    select acquirer_id, 'o-1', store_id, (select max(warehouse_id) from warehouses), order_fen,
           '[]', '420100', '420103', '', redeemed_at, redeemed_at, 'paid'
      from redemptions where acquirer_id is not null
    """,
)
_HELD = """
    insert into settlement_holds (kind, merchant_id, lane, campaign_id, idx, lock_no, reason,
                                  placed_by, placed_at)
    select 'redemption', merchant_id, lane, campaign_id, idx, lock_no, 'waits', 'house:orders', :now
      from redemptions where acquirer_id is not null
"""

ORDERS = (
    breaks("o1_unproven_orders_are_held", *_ORDERED),
    breaks(
        "o2_online_vouchers_have_orders",
        "update stores set channel = 'online' where store_id = (select min(store_id) from locks)",
    ),
    breaks(
        "o3_orders_keep_their_redemptions_moment",
        *_ORDERED,
        _HELD,
        "update online_orders set paid_at = paid_at + interval '1 second'",
    ),
    breaks(
        "o4_orders_in_doubt_have_cases",
        *_ORDERED,
        _HELD,
        """
        update online_orders
           set stage = 'doubtful',
               judged_at = :now - interval '2 hours'
        """,
        """
        insert into job_runs (name, period, started_at, finished_at)
        values ('open_order_cases', 'x', :now, :now)
        """,
    ),
)
