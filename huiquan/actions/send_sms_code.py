"""Send a code to a phone, to prove that it is in its owner's hand.  发送短信验证码"""

from huiquan.app import App
from huiquan.db import sms_codes
from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from huiquan.domain.sms_codes import (
    VALID,
    SmsSending,
    decide_sms_sending,
    sms_code_from_random,
    sms_code_hash,
)
from huiquan.gateways.faults import OutsiderFault


async def send_sms_code(app: App, phone_text: str) -> SmsSending | Refusal:
    """Send six digits to a mainland mobile phone, at most once a minute.

    The code is written down before it is sent, so that no code is on its way that the house does
    not know. One that could not be sent does not make the next wait. Refuses BAD_PHONE,
    SMS_TOO_SOON, SMS_UNAVAILABLE. (R1.1, R2.1)
    """
    phone = normalise_phone(phone_text)
    if isinstance(phone, Refusal):
        return phone
    now, phone_key = app.clock(), app.vault.index("phone", phone)
    code = sms_code_from_random(app.random_bytes(16))
    code_hash = sms_code_hash(app.keys.codes, phone, code)
    async with app.db.transaction() as tx:
        sending = decide_sms_sending(await sms_codes.lock(tx, phone_key), now)
        if isinstance(sending, Refusal):
            return sending
        if not await sms_codes.record(tx, phone_key, code_hash, now, sending.expires_at):
            return Refusal.SMS_TOO_SOON
    minutes = VALID.seconds // 60
    try:
        text = f"【惠券】您的验证码是 {code}，{minutes} 分钟内有效，请勿告诉他人。"
        await app.sms.send(phone, text)
    except OutsiderFault:
        async with app.db.transaction() as tx:
            await sms_codes.let_follow(tx, phone_key, code_hash)
        return Refusal.SMS_UNAVAILABLE
    return sending
