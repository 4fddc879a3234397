"""The sentences of refusals about money, in the form of `catalogue.py`.  资金类拒绝用语

One block a refusal: its code and HTTP status, the sentence in Chinese, the sentence in English.
"""

MONEY_TEXT = """
# The acquirer's door.

signature_wrong 401
  签名不正确，请检查签名原文、密钥和请求头。
  The signature is not right; check the signed text, the key and the headers.
key_unknown 401
  没有这个密钥编号；请核对请求头里的编号，或请运营方登记公钥。
  There is no key of this name; check it in the header, or have the operator register the key.
key_out_of_date 401
  密钥未生效、已过期或已吊销，请换用有效密钥。
  The key is not valid yet, not valid any more, or revoked; sign with a valid one.
request_stale 401
  请求时间与我方相差超过五分钟，请校准时钟后重新签名。
  The request's time is more than five minutes off; set the clock and sign anew.
request_replayed 409
  这个请求已经收到过，再次询问请换用新的随机串重新签名。
  This request was received before; to ask again, sign it anew with a fresh nonce.
acquirer_suspended 403
  该收单机构的接入已暂停，请联系运营方。
  This acquirer's access is suspended; ask the operator.
rail_not_here 422
  本店不支持用这种支付方式使用消费券，请换用本店支持的方式。
  This store does not take vouchers by this way of paying; use one it takes.
unknown_order 404
  没有收到过这个订单号。
  No order of this number has arrived.
order_closed 409
  这个订单号已经关闭，请换用新的订单号。
  This order was closed before it arrived; use a new number.
unknown_payment 404
  没有收到过这个支付单号。
  No payment of this number has arrived.
amount_differs 422
  实付金额与立减后应付金额（to_pay_fen）不一致，请核对。
  What was paid is not what was left to pay after the voucher (to_pay_fen); check it.
not_own_account 403
  消费券限本人账户支付使用，他人代付不能使用。
  A voucher is used with its holder's own account; somebody else's payment does not count.
bill_not_ready 409
  这一天的账单还没有生成，请在次日 0 点 15 分以后下载。
  This day's bill is not made yet; ask from 00:15 of the next day.
bill_changed 409
  这一天的账单与先前出具的不一致，正在核查，暂不提供。
  This day's bill is not what it was when it was first made; nobody gets it until that is known.
unknown_acquirer 404
  没有这家收单机构。
  There is no such acquirer.
acquirer_known 409
  这个收单机构代码已经登记。
  An acquirer of this code is known already.
bad_key 422
  公钥无法使用：须为 PEM 格式的 Ed25519 公钥，或 2048 至 4096 位 RSA 公钥。
  This key cannot be used: a public key in PEM, Ed25519 or RSA of 2,048 to 4,096 bits.
key_taken 409
  这个密钥或密钥编号已经登记。
  This key, or a key of this name, is registered already.
bad_callback 422
  回调地址须为 https 地址；本机调试可用 http://127.0.0.1。
  A callback address begins with https; on this machine alone with http://127.0.0.1.

# Refunds.

unknown_redemption 404
  没有找到这笔核销，请核对核销流水号。
  This redemption was not found; check its number.
refund_too_large 422
  退款金额超过还可以退的金额，请改小后再办理。
  The refund is larger than what is left to refund; enter less.
too_many_refunds 409
  这笔订单的退款次数已达上限，不能再退；请联系活动运营方。
  This order has reached its limit of refunds; ask the campaign's operator.
refund_elsewhere 409
  这笔核销不是在这里办理的，请按原收款方式退款。
  This redemption was made another way; refund it there, where it was paid.
refund_too_late 409
  已超过活动规则规定的退款期限，这里不能再退；有疑问请联系活动运营方。
  The time in which this order may be refunded is over; ask the campaign's operator if in doubt.

# Settlement and payment.

nothing_to_settle 409
  现在没有可以清算的金额；核销款过了等待期，每天凌晨自动清算。
  There is nothing to settle now; what is past its waiting time is settled every night.
nothing_to_pay 409
  现在没有可以付款的清算单；待付款的商户若未列入，请看它的收款账户是否已确认、是否暂缓清算。
  There is no settlement that can be paid now; where a merchant still waits, see whether its \
account is confirmed and whether it is held.
unknown_settlement 404
  没有这张清算单。
  There is no such settlement.
unknown_file 404
  没有这个付款文件。
  There is no such payment file.
file_not_approved 409
  付款文件须经两人复核后才能送银行。
  Two people have to approve the payment file before it goes to the bank.
file_already_sent 409
  付款文件已送银行，不能再改。
  The payment file has gone to the bank and cannot change any more.
file_not_sent 409
  付款文件尚未送银行。
  The payment file has not gone to the bank yet.
not_sent_to_the_bank 409
  这张清算单不在已送银行的付款文件中，不能登记付款。
  This settlement is in no payment file that went to the bank; no payment of it can be booked.
already_approved_by_you 409
  您已申请或复核过，须由另一人复核。
  You asked for it or approved it yourself; somebody else has to.
supervisor_needed 403
  两位复核人中至少一位须为主管部门人员。
  One of the two who approve has to be of the supervising department.
bad_bank_file 422
  银行文件无法读取，一笔也没有入账：须为 CSV，表头含客户流水号、金额、\
处理结果、银行流水号、失败原因，处理结果写成功、失败或退汇。
  The bank's file cannot be read and nothing was booked: a CSV with the columns 客户流水号, 金额, \
处理结果, 银行流水号, 失败原因, where 处理结果 is 成功, 失败 or 退汇.
bad_account 422
  收款账户信息有误：账号为 8 至 32 位数字，联行号为 12 位数字，户名和行名不含逗号、引号。
  The account details are not valid: an account number has 8 to 32 digits, a branch code 12, and \
names no comma or quotation mark.
unknown_account_request 404
  没有这条收款账户申请。
  There is no such request for an account.
account_request_open 409
  这家商户另有一条收款账户申请待确认，请先确认、不同意或撤回该申请。
  Another account of this merchant waits for a second person; that request is confirmed, refused \
or withdrawn first.
account_request_decided 409
  这条收款账户申请已经办结。
  This request for an account has been answered already.
account_differs 422
  所填账号与申请不一致，未作确认；请与商户的书面材料核对，仍不一致的，不同意该申请。
  The number is not that of the request and nothing was confirmed; hold both against the \
merchant's paper, and refuse the request if they still differ.
unknown_merchant 404
  没有这家商户。
  There is no such merchant.
unknown_hold 404
  没有这条暂缓清算记录。
  There is no such hold.
hold_of_an_order 409
  这笔款因网购订单证据未齐而暂缓，证据齐全后自动恢复；有其他证明的，请在订单页由两人裁定。
  This is held for an online order's evidence and let go when that is complete; if there is other \
proof, two people decide on the order's page.
unknown_dispute 404
  没有这条异议。
  There is no such dispute.
dispute_answered 409
  这条异议已经答复。
  This dispute has been answered already.

# The fund.

fund_too_small 409
  资金池余额不足；请先由主管部门拨款到账，再办理这一笔。
  The pool does not hold enough money; the department pays in first, then this can be done.
unknown_tranche 404
  没有找到这笔拨款计划。
  This tranche was not found.
tranche_received 409
  这笔拨款已经到账。
  This tranche has been received already.
bank_ref_used 409
  这个银行流水号已用于另一笔款项。
  This bank reference stands for another payment already.
more_than_owed 422
  金额超过所欠数额，请核对后改小。
  The amount is more than what is owed; check it and enter less.
unknown_alert 404
  没有找到这条预警。
  This alert was not found.
not_ready_to_close 409
  活动尚不能结算关闭：仍有未了结的款项或未失效的券。
  The campaign cannot be closed yet: money or vouchers are still open.
no_closing 404
  没有正在办理的关闭事项。
  No closing of this campaign is under way.
closing_stale 409
  资金池余额已变化，请重新发起关闭。
  The pool has changed since; open the closing anew.
closing_under_way 409
  活动正在关闭，余款退回完成前不能收付款。
  The campaign is being closed; until the remainder is returned no money comes in.
register_being_made 409
  台账正在导出，请稍后在本页下载。
  A register is being written; it will be here in a moment.

# Reconciliation.

unknown_case 404
  没有找到这个差错。
  This case was not found.
case_closed 409
  这个差错已经关闭。
  This case is closed already.
cause_does_not_fit 422
  这个原因不能解释这种差错。
  This cause does not explain a difference of this kind.
payment_not_named 422
  银行流水没有写明是我方哪一笔付款，或与所填编号不符；请核对后填写该笔付款的清算单号。
  The bank's line does not say which payment of ours it was, or names another; give its \
settlement number.
unknown_mapping 404
  没有这种账单格式。
  There is no such bill format.
bad_file 422
  账单文件有误，全部内容未导入；请按所列行改正，或换一种格式再导入。
  The file is not a sound bill; nothing of it was taken. Mend the rows named, or choose its format.
unknown_staff 404
  没有这位工作人员。
  There is nobody of the staff with this login.
"""
