"""What an acquirer's machine does about each refusal: ask again or not, and after what.  错误码表

One block a code: how to go on, and after how many seconds; then the advice in Chinese and English.
The sentences for people stand in `catalogue.py`. `GET /acquirer/v1/errors` and docs/api.md show
this table; a test holds all three together.

    no       asking again gives the same answer until something else has changed
    same     the same body under the same number again, signed anew with a fresh nonce
    code     ask the customer for a fresh code, then the same number again
    number   the same again under a new number
"""

from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.refusals import Refusal


class Retry(StrEnum):
    """How a machine goes on after a refusal."""

    NO = "no"
    SAME = "same"
    CODE = "code"
    NUMBER = "number"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do about one refusal; after_s is how long to wait first, in seconds."""

    code: Refusal
    retry: Retry
    after_s: int
    zh: str
    en: str


_TEXT = """
malformed no 0
  按 detail 指出的字段和接口说明修改报文。
  Mend the field that detail names, by the description.
too_large no 0
  报文不超过 64 KB。
  A message has at most 64 KB.
not_found no 0
  核对地址。
  Check the address.
method_not_allowed no 0
  核对请求方法。
  Check the method.
too_many_requests same 1
  按 Retry-After 等待后重试。
  Wait as Retry-After says.
busy same 2
  按 Retry-After 等待后用同一单号重试；结果不明时先查单。
  Wait as Retry-After says, then the same number; when in doubt ask for the order first.
house_behind same 60
  平台正在恢复数据，期间不核销、不退款、不查单；稍后用同一单号重试，不要按失败处理。
  The platform is being restored: the same number again later; it is not a failure.
signature_wrong no 0
  缺哪个请求头、我方验签用的六行原文，都在 detail；逐行核对，再核对密钥与算法。
  The missing header or the six lines that we verified are in detail; then check key and algorithm.
key_unknown no 0
  核对密钥编号，或请运营方登记公钥。
  Check the key's name, or have the operator register the key.
key_out_of_date no 0
  换用有效密钥。
  Sign with a key that is valid.
request_stale same 0
  与标准时间对时后重新签名；我方时间见 detail 的 now_ms。
  Set the clock, then sign anew; our time is now_ms in detail.
request_replayed same 0
  换用新的随机串重新签名。
  Sign anew with a fresh nonce.
acquirer_suspended no 0
  联系运营方。
  Ask the operator.
request_key_reused number 0
  同一单号的内容与首次不同：用原内容重试，或换新单号。
  The number stands for other content: send the first content again, or take a new number.
unknown_store no 0
  核对门店代码。
  Check the store's code.
unknown_campaign no 0
  核对活动编号，或请运营方确认活动已发布。
  Check the campaign's number, or ask the operator whether it is published.
rail_not_here no 0
  提示顾客本店支持的方式和最近的可用门店（见 detail）。
  Tell the customer what this store takes and where the next one is (in detail).
store_not_open no 0
  提示本店当前不参加活动。
  Say that this store does not take part now.
code_unknown code 0
  请顾客刷新券码后再扫。
  Ask for a fresh code.
code_expired code 0
  请顾客刷新券码后再扫。
  Ask for a fresh code.
code_used code 0
  先按单号查单；不是本单使用的，请顾客刷新券码。
  Ask for your order first; if it was not yours, ask for a fresh code.
already_redeemed no 0
  按单号查单；已核销的不能再用。
  Ask for your order; what is redeemed is not used again.
voucher_expired no 0
  提示券已过期。
  Say that the voucher has expired.
not_yet_valid no 0
  提示券未到使用时间。
  Say that the voucher is not valid yet.
voucher_locked code 60
  券在另一笔订单中，等待其超时或解除后重新扫码。
  It is in another order; scan again when that has lapsed or was given up.
wrong_pack no 0
  提示本店不适用该礼包。
  Say that the store does not take this pack.
wrong_city no 0
  提示只能在报名市州使用。
  Say that it is good in the city of registration only.
bad_amount no 0
  核对金额，单位为分。
  Check the amounts; they are in fen.
offers_exceed_order no 0
  核对优惠金额。
  Check the offers.
below_threshold no 0
  提示满多少元可用、本单多少、还差多少（zh、en 已写明，数额见 detail）。
  Say threshold, order and what is missing; zh and en do, the sums are in detail.
order_repeated no 0
  提示不得拆单用券。
  Say that a bill may not be split.
order_closed number 0
  该单号已由你方关闭，换新单号并重新扫码。
  You closed this number; take a new one and scan again.
unknown_order same 5
  先查单；仍未收到的，重新占用。
  Ask for the order; if it never arrived, lock again.
lock_expired number 0
  占用已超时，不能核销：原价收款或退还顾客，重新扫码用新单号。
  Too late to redeem: give the reduction back or charge it; scan again under a new number.
lock_released number 0
  占用已解除，重新扫码用新单号。
  The lock was given up; scan again under a new number.
other_store no 0
  该占用不属于这家门店或这家机构。
  The lock belongs to another store or acquirer.
amount_differs no 0
  实付须等于 to_pay_fen（见 detail）；不符时退还顾客并解除占用。
  What was paid has to be to_pay_fen, in detail; if not, pay it back and unlock.
not_own_account no 0
  退还付款并解除占用，请本人支付。
  Pay it back and unlock; the holder has to pay.
payment_ref_used no 0
  一笔支付只核销一张券，按支付单号查单。
  One payment pays for one voucher; ask for the payment.
unknown_payment same 5
  先查单；未核销的支付没有退款。
  Ask for the payment; what was not redeemed is not refunded here.
refund_too_large no 0
  核对剩余可退金额 left_fen（见 detail）。
  Check what is left, left_fen in detail.
too_many_refunds no 0
  退款次数已达 50 次。
  There have been 50 refunds.
refund_too_late no 0
  已过规则允许的退款期限：货款由商户自行退给顾客，立减部分不再退回。
  The rulebook's days are over: the merchant settles it with the customer, no voucher money moves.
refund_elsewhere no 0
  按原收款方式退款。
  Refund it where it was paid.
bill_not_ready same 900
  次日 0 点 15 分以后下载。
  Ask from 00:15 of the next day.
bill_changed no 0
  账单正在核查，联系运营方。
  The bill is under review; ask the operator.
forbidden no 0
  这个接口由另一类机构使用。
  This door is for senders of another kind.
address_unclear no 0
  请顾客写明湖北省内的市州、县区和详细地址，且只写一处。
  Have the customer name a city and county of Hubei and the street, and no second place.
address_outside no 0
  提示收货地址须在湖北省内。
  Say that the address has to be in Hubei.
not_self_operated no 0
  非自营商品另行下单。
  Order goods that are not your own separately.
goods_excluded no 0
  不参加活动的商品另行下单。
  Order excluded goods separately.
order_needed no 0
  先以同一单号、同一金额开立订单。
  Open the order first, under the same number and for the same amount.
order_not_paid same 5
  先上报支付。
  Report the payment first.
unknown_warehouse no 0
  核对仓库代码，须为本商户的仓库。
  Check the warehouse's code; it has to be this merchant's.
warehouse_not_open no 0
  换用已批准的仓库，或联系运营方。
  Take an approved warehouse, or ask the operator.
unknown_carrier no 0
  核对承运商代码。
  Check the carrier's code.
unknown_parcel no 0
  先登记包裹，再拦截。
  Declare the parcel before it is intercepted.
waybill_taken no 0
  核对运单号。
  Check the waybill.
event_from_future same 60
  校准时钟后重新上报。
  Set the clock, then tell it again.
event_before_order no 0
  改址、拦截、退货的时间不得早于订单开立时间；改正时间后以同一编号上报。
  A change cannot lie before its order was opened; tell it with its true moment, same number.
not_theirs_to_say no 0
  出库由仓储方上报，路上的由承运商上报，改址、拦截、退货由平台上报。
  Warehouses tell what leaves, carriers the road, platforms addresses, interceptions and returns.
"""


def _read(text: str) -> tuple[Advice, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(
        Advice(code=Refusal(code), retry=Retry(retry), after_s=int(after_s), zh=zh, en=en)
        for head, zh, en in zip(lines[0::3], lines[1::3], lines[2::3], strict=True)
        for code, retry, after_s in (head.split(),)
    )


ADVICE = _read(_TEXT)
"""Every refusal that the acquirer's door knows, in the order of docs/api.md."""
