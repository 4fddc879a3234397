"""What stages, findings and events of online orders are called, in both languages.  订单用语"""

from huiquan.domain.order_cases import OrderTrouble
from huiquan.domain.order_evidence import Late, Stage
from huiquan.domain.parcel_events import EventKind, Finding

Words = tuple[str, str]

STAGES: dict[Stage, Words] = {
    Stage.OPENED: ("已下单", "opened"),
    Stage.PAID: ("待发货", "paid, not shipped"),
    Stage.SHIPPING: ("运输中", "on the road"),
    Stage.DELIVERED: ("凭证齐全", "delivered, proven"),
    Stage.DOUBTFUL: ("存疑", "in doubt"),
    Stage.RETURNED: ("已全部退款", "all refunded"),
}

LATE: dict[Late, Words] = {
    Late.NOT_SHIPPED: ("超时未发货", "not shipped in time"),
    Late.NOT_SIGNED: ("超时未签收", "not signed for in time"),
}

WHYS: dict[OrderTrouble, Words] = {
    OrderTrouble.DOUBTFUL: ("凭证矛盾", "the evidence contradicts itself"),
    OrderTrouble.NOT_SHIPPED: LATE[Late.NOT_SHIPPED],
    OrderTrouble.NOT_SIGNED: LATE[Late.NOT_SIGNED],
}

FINDINGS: dict[Finding, Words] = {
    Finding.NO_PARCEL: ("没有登记包裹", "no parcel was declared"),
    Finding.LINES_MISSING: ("有商品尚未送达", "some goods have not arrived"),
    Finding.NOT_DISPATCHED: (
        "没有登记仓库的出库记录",
        "no registered warehouse says that it left",
    ),
    Finding.NOT_COLLECTED: ("没有揽收记录", "the carrier has not collected it"),
    Finding.NOT_SIGNED: ("尚未签收", "not signed for"),
    Finding.INTERCEPTED: ("已拦截", "intercepted"),
    Finding.LOST: ("已丢失", "lost"),
    Finding.SENT_BACK: ("已退回", "sent back"),
    Finding.OTHER_WAREHOUSE: ("从别的仓库出库", "it left another warehouse"),
    Finding.WRONG_COUNTY: ("签收地与收货地址不在同一县区", "signed for in another county"),
    Finding.SIGNED_OUTSIDE: ("在湖北省外签收", "signed for outside Hubei"),
    Finding.SIGNED_BEFORE_SHIPPED: ("签收早于出库或揽收", "signed for before it was shipped"),
    Finding.REROUTED_OUTSIDE: ("改派到湖北省外", "rerouted to outside Hubei"),
    Finding.ADDRESS_OUTSIDE: ("收货地址改到湖北省外", "the address was changed to outside Hubei"),
    Finding.CONTRADICTED: ("同一来源说法前后矛盾", "a sender contradicts itself"),
}

EVENTS: dict[EventKind, Words] = {
    EventKind.ADDRESS_CHANGED: ("改收货地址", "address changed"),
    EventKind.GOODS_BACK: ("退货", "goods came back"),
    EventKind.DISPATCHED: ("出库", "dispatched"),
    EventKind.COLLECTED: ("揽收", "collected"),
    EventKind.FOUND: ("找回", "found"),
    EventKind.SIGNED: ("签收", "signed for"),
    EventKind.REROUTED: ("改派", "rerouted"),
    EventKind.INTERCEPTED: ("拦截", "intercepted"),
    EventKind.LOST: ("丢失", "lost"),
    EventKind.RETURNED: ("退回", "sent back"),
}
