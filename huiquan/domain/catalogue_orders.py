"""The sentences of refusals about online orders, in the form of `catalogue.py`.  订单拒绝用语"""

ORDERS_TEXT = """
# Online orders: address, goods, warehouse, parcels, events.

address_unclear 422
  收货地址不明确，请写明湖北省内的市州、县区和详细地址，且只写一处。
  The address is not clear: name a city and county of Hubei and the street, and no second place.
address_outside 422
  收货地址不在湖北省内，不能使用消费券。
  The delivery address is outside Hubei; vouchers cannot be used for it.
not_self_operated 422
  订单中有非自营商品，不能使用消费券。
  The order holds goods that are not the platform's own; vouchers cannot be used for it.
goods_excluded 422
  订单中有不参加活动的商品。
  The order holds goods that are excluded from the campaign.
order_needed 409
  线上券只能随订单使用：先开立含商品、仓库和收货地址的订单，金额应与订单一致。
  An online voucher is used in an order: open one with goods, warehouse and address first, and for \
the same amount.
order_not_paid 409
  订单尚未支付。
  The order is not paid yet.
unknown_warehouse 404
  没有这个仓库代码。
  There is no warehouse of this code.
warehouse_not_open 409
  该仓库未获批准或已停用。
  This warehouse is not approved, or not in use any more.
warehouse_known 409
  这个仓库代码已经登记。
  A warehouse of this code is registered already.
warehouse_place_differs 422
  仓库地址与坐标不在同一县区，请核对地址、坐标和坐标系。
  Address and point of the warehouse lie in different counties; check both, and the datum.
warehouse_decided 409
  该仓库已经批准或停用。
  This warehouse has been approved or closed already.
unknown_carrier 404
  没有这家承运商；请核对代码，或请运营方先登记。
  There is no carrier of this code; check it, or have the operator register it first.
unknown_parcel 404
  这笔订单没有这个运单。
  This order has no such parcel.
waybill_taken 409
  该运单号已用于另一笔订单。
  This waybill stands for another order's parcel.
event_from_future 422
  事件时间晚于当前时间，请校准时钟。
  The event lies in the future; set the clock.
event_before_order 422
  变更时间早于订单开立时间，请核对时间后重新上报。
  The change lies before the order was opened; check its moment, then tell it again.
not_theirs_to_say 403
  这类事件应由另一方上报。
  An event of this kind is somebody else's to report.
"""
