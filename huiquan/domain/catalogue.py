"""The sentences of every refusal, in Chinese and in English.  拒绝用语

One block a refusal: its code and HTTP status, the sentence in Chinese, the sentence in English.
"""

from typing import NamedTuple

from huiquan.domain.catalogue_money import MONEY_TEXT
from huiquan.domain.catalogue_orders import ORDERS_TEXT


class Sentence(NamedTuple):
    """What a door answers for one refusal: HTTP status, Chinese sentence, English sentence."""

    status: int
    zh: str
    en: str


_TEXT = """
# The doors: what any caller can get wrong.

malformed 400
  请求格式不正确，请检查后重试。
  The request is not well formed; please check it and try again.
unauthenticated 401
  请先登录。
  Please sign in first.
token_expired 401
  登录已过期，请重新登录。
  Your session has expired; sign in again.
forbidden 403
  您的账号没有这项权限；需要办理的，请联系管理员。
  Your sign-in does not allow this; if you need it, ask your administrator.
not_found 404
  没有找到您要的内容。
  What you asked for was not found.
no_checkpoint_yet 404
  公开日志还没有检查点，见证人联署后即发布第一个。
  The public log has no checkpoint yet; the first comes as soon as its witnesses cosign it.
method_not_allowed 405
  不支持这种请求方式。
  This method is not allowed here.
too_large 413
  文件或内容太大，请分成几份再提交。
  This is too large; send it in parts.
too_many_requests 429
  操作太频繁，请稍后再试。
  Too many requests; try again later.
request_key_reused 409
  同一请求号已用于另一笔请求，请更换请求号。
  This request key was already used for a different request.
busy 503
  系统现在较忙，请稍后再试。
  The system is busy; please try again shortly.

# The campaign.

unknown_campaign 404
  没有这个活动。
  There is no such campaign.
not_yet_open 409
  今天的摇号还没有开始，请在开始时间后参与。
  Today's draw has not opened yet.
closed_for_today 409
  今天的摇号已经结束，请明天再来。
  Today's draw has closed; come again tomorrow.
campaign_ended 409
  活动已经结束；没有到期的券仍可使用。
  The campaign has ended; vouchers that have not expired can still be used.
no_stock_today 409
  今天的礼包已经发完，您今天的机会没有使用，请明天再来。
  Today's vouchers are gone; your chance was not used. Come again tomorrow.
work_needed 422
  请先完成安全校验，页面会自动进行，约需一秒。
  Please pass the security check first; your page does it in about a second.

# Registration.

bad_name 422
  请填写证件上的姓名。
  Enter the name as it stands on the document.
bad_document 422
  证件号码有误，请核对。
  The document number is not valid; please check it.
bad_phone 422
  请填写正确的中国大陆手机号。
  Enter a valid mainland China mobile number.
sms_code_wrong 422
  短信验证码不正确，请重新输入。
  The SMS code is not correct; enter it again.
sms_code_expired 422
  短信验证码已失效，请重新获取。
  The SMS code has expired; ask for a new one.
sms_too_soon 429
  验证码刚刚发过，请稍后再获取。
  A code was just sent; wait before asking again.
sms_unavailable 503
  短信暂时发不出去，请稍后再试。
  SMS cannot be sent right now; try again later.
consent_missing 422
  请分别同意处理身份信息和位置信息。
  Please agree to the use of your identity and your location.
consent_outdated 422
  告知书已更新，请重新阅读并同意。
  The notice has changed; please read it and agree again.
consent_revoked 403
  您已撤回同意，不能再参与；到“我的”里重新同意后即可恢复。
  You took your consent back; agree again under “Me” to take part.
under_age 403
  未达到活动要求的年龄，不能参与。
  You are younger than the campaign's minimum age.
identity_mismatch 422
  姓名与证件号码不一致，请核对。
  The name and the document number do not match; please check both.
identity_unavailable 503
  实名核验暂时不可用，请稍后再试。
  Identity checks are unavailable; try again later.
already_registered 409
  该证件已报名，请用报名手机号登录。
  This document is registered already; sign in with its phone.
phone_in_use 409
  该手机号已用于另一位参与者，请换用本人的其他手机号。
  This phone is already used by another participant; use another one of your own.
not_registered 404
  该手机号还没有报名，请先报名，或换用报名时的手机号。
  This phone is not registered; register first, or use the phone you registered with.
location_missing 422
  没有收到您的位置，请允许定位后重试。
  No location was received; allow location and try again.
location_inaccurate 422
  定位误差超过 1 公里，请到开阔处重试。
  Your location is not accurate enough (over 1 km); try again under the open sky.
location_mocked 403
  检测到虚拟定位，请关闭后重试。
  A simulated location was detected; switch it off.
location_stale 422
  位置信息已过时，请重新定位。
  The location is out of date; locate again.
outside_area 403
  您当前不在湖北省内，暂时不能参与。
  You are not in Hubei at the moment, so you cannot take part.
excluded 403
  您属于不得参与的人员，如有疑问请联系客服。
  You are on the list of persons who may not take part; call customer service if in doubt.
suspended 403
  您的参与资格已暂停；如有异议，请联系客服申诉。
  Your participation is suspended; to appeal, call customer service.

# The draw.

already_entered 409
  您今天已经参与过摇号，请明天再来。
  You have entered today's draw already.
win_limit_reached 409
  您的中签次数已达活动上限。
  You have reached the campaign's limit of wins.
unknown_pack 422
  没有这个礼包。
  There is no such pack.
no_draw_that_day 404
  您那天没有参与摇号。
  You did not enter on that day.
not_yet_drawn 409
  结果还没有揭晓，请稍后再来查看。
  The outcome is not known yet; look again later.
day_not_over 409
  这一天还没有结束，明天零点以后才能导出。
  The day is not over; it can be exported after midnight.
lane_frozen 503
  您的摇号通道正在核查，机会会保留，请稍后再来。
  Your draw lane is under review; your chance is kept. Look again later.
house_behind 503
  系统正在与公证、审计方核对记录，核清以前暂停办理；券和机会都会保留，请稍后再试。
  Our records are being compared with the notary's and auditor's; nothing moves until then. \
Vouchers and chances are kept; please try later.
epoch_changing 409
  签发密钥已更换，新密钥公示期满后开奖，机会会保留。
  A signer's key was changed; the draw goes on once the new key acts. Chances are kept.
epoch_taken 409
  每期活动只能换钥一次，本活动已经换过。
  A campaign changes a signer's key once only, and this one did.
epoch_waits 409
  另一份换钥公告正在签署；须先完成或撤回。
  Another declaration waits for its signatures; complete it or withdraw it first.
epoch_not_drafted 404
  没有正在签署的换钥公告。
  No declaration waits for its signatures.
epoch_unsigned 409
  换钥公告还缺签名，或签名不成立。
  The declaration lacks a signature, or one does not hold.
epoch_signed 409
  对方可能已经签过这份换钥公告，不能撤回；请完成它。
  The other signer may have signed this declaration; it cannot be withdrawn. Complete it.
bad_new_key 422
  新公钥不可用：格式不对，或已有他方在用。
  The new key cannot be used: it is malformed, or somebody has it already.
new_key_not_there 409
  签发地址上没有应答，或所示不是新公钥；请先启动新的签发机。
  Nobody answers at the signer's address, or with another key; start the new signer first.
lane_not_frozen 409
  该通道没有被冻结。
  This lane is not stopped.
two_people_needed 422
  需要两位不同的经办人署名并说明理由。
  Two different people have to give their names and a reason.
list_still_open 409
  报名尚未结束，或投放时刻未到，名单还不能封存。
  Sign-up has not ended or the stock is not out; the list cannot be sealed yet.
list_empty 409
  没有人报名，没有名单可以封存。
  Nobody signed up; there is no list to seal.
list_too_long 409
  名单人数超过规则允许的一轮上限。
  The list holds more people than the rules allow in one round.
list_not_sealed 404
  这一天的名单还没有封存。
  The list of this day was not sealed.
list_changed 409
  文件夹里的名单与封存的名单不一致。
  The list in the folder is not the one that was sealed.
list_not_drawn 409
  缺少公证处或审计方的摇号结果，或结果不成立。
  The notary's or the auditor's answer is missing or does not hold.
list_not_published 404
  这一天的名单还没有公示。
  The list of this day was not published.
objections_closed 409
  公示期已经结束，不再受理异议。
  The days of publicity are over; objections are closed.
objections_running 409
  公示期还没有结束，不能发券。
  The days of publicity are not over; vouchers cannot be issued yet.
objections_open 409
  还有异议没有两人裁定，不能发券。
  An objection still waits for its two decisions; vouchers cannot be issued.
unknown_win 404
  这个编号没有中签。
  This number did not win.
unknown_objection 404
  没有找到这份异议。
  This objection was not found.
objection_decided 409
  这份异议已由两人裁定。
  Two people have decided this objection already.
same_person 403
  须由另一人作出第二次裁定。
  The second decision is another person's.
decisions_differ 409
  两人的裁定不一致，请先商定。
  The two decisions differ; please agree first.

# Vouchers and the till.

unknown_voucher 404
  没有这张券。
  There is no such voucher.
code_unknown 422
  没有这个券码：请核对 12 位数字，或请顾客刷新后再扫。
  There is no such code; check the 12 digits, or ask the customer to refresh it.
code_expired 422
  券码已过期，请顾客刷新后再扫。
  The code has expired; ask the customer to refresh it.
code_used 422
  券码已经用过，请顾客刷新后再扫。
  The code was used already; ask the customer to refresh it.
not_your_voucher 403
  这张券不属于当前用户。
  This voucher belongs to someone else.
already_redeemed 409
  这张券已经核销过了，时间和门店可在顾客手机的券详情里看到。
  This voucher has already been redeemed; its page on the customer's phone says when and where.
voucher_locked 409
  这张券正在另一笔订单中使用，请等那一笔完成、取消或超时后再扫。
  This voucher is in use in another order; scan again when that is paid, given up or timed out.
voucher_expired 409
  这张券已经过期，不能再用；请换一张没有过期的券，或不用券付款。
  This voucher has expired; use another that has not, or pay without one.
not_yet_valid 409
  这张券还没有到使用时间；从哪天可以用，见顾客手机上的券详情。
  This voucher is not valid yet; its page on the customer's phone says from when it is.
wrong_pack 422
  本店不能使用这种礼包的券；可用的门店在顾客手机的券详情里查看。
  This store does not take vouchers of this pack; its page on the customer's phone names the \
stores that do.
wrong_city 422
  这张券只能在报名时所在的城市使用。
  This voucher is good only in the city where its holder registered.
store_not_open 403
  本店当前未参加活动，不能用券；店长可联系活动运营方。
  This store does not take part at the moment; its manager may ask the campaign's operator.
below_threshold 422
  扣除优惠后的金额没有达到使用门槛；门槛见顾客手机上的“满多少减多少”。
  After offers, the amount is below the voucher's threshold, which stands on the customer's phone.
bad_amount 422
  金额不正确，请核对后重新输入。
  The amount is not valid; check it and enter it again.
offers_exceed_order 422
  优惠金额不能超过订单金额。
  Offers cannot exceed the order amount.
unknown_lock 404
  没有找到为这一笔保留的券，请顾客刷新券码后再扫。
  No voucher is kept for this sale; ask the customer to refresh the code and scan again.
lock_expired 409
  这张券的保留时间已过，请顾客刷新券码后再扫。
  The time for which the voucher was kept is over; ask the customer for a fresh code.
lock_released 409
  这一笔已经取消，券已还给顾客；要继续，请重新扫码。
  This sale was cancelled and the voucher given back; scan again to go on.
other_store 403
  这一笔是在另一家门店办理的，请到那家门店办理。
  This was done at another store; it has to be dealt with there.
payment_ref_used 409
  这个支付流水号已经用于另一笔核销，请核对流水号后重新输入。
  This payment reference was used for another redemption; check it and enter it again.
order_repeated 409
  同一顾客在本店短时间内重复下单，按活动规则不能分单使用。
  The same customer ordered here a moment ago; a bill may not be split to use several vouchers.

# Staff.

wrong_sign_in 401
  账号或密码不正确；连续输错五次，须等 15 分钟再登录。
  The login or the password is not correct; after five wrong tries wait 15 minutes.
mixed_channels 422
  线上和线下的礼包不能开在同一家门店。
  A store takes online packs or packs on the spot, not both.
unknown_store 404
  没有找到这家门店。
  This store was not found.
login_taken 409
  这个账号已有人使用，请换一个。
  This login is taken; choose another.
wrong_city_for_role 422
  市州工作人员须填写所属市州，其他人员不填。
  A city's official needs a city of Hubei; nobody else has one.
"""


def _read(text: str) -> dict[str, Sentence]:
    """Read the blocks above; a line that begins with # is a heading."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    sentences = {}
    for head, zh, en in zip(lines[0::3], lines[1::3], lines[2::3], strict=True):
        code, status = head.split()
        sentences[code] = Sentence(int(status), zh.strip(), en.strip())
    return sentences


REFUSAL_SENTENCES = _read(_TEXT + MONEY_TEXT + ORDERS_TEXT)
