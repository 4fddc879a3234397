"""Sign a registered person in again by their phone.  登录"""

from huiquan.app import App
from huiquan.db import audit, phones, sms_codes
from huiquan.domain.campaigns import Campaign
from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant
from huiquan.domain.sms_codes import decide_sms_code, sms_code_hash


async def sign_in_consumer(
    app: App, campaign: Campaign, phone_text: str, sms_code: str
) -> Registrant | Refusal:
    """Say who registered with this phone, if it is in their hand.

    Refuses BAD_PHONE, SMS_CODE_WRONG, SMS_CODE_EXPIRED, and NOT_REGISTERED; then the code is still
    good for registering. A wrong try is counted although it is refused. (R2.1)
    """
    phone = normalise_phone(phone_text)
    if isinstance(phone, Refusal):
        return phone
    now, phone_key = app.clock(), app.vault.index("phone", phone)
    typed_hash = sms_code_hash(app.keys.codes, phone, sms_code)
    async with app.db.transaction() as tx:
        code = decide_sms_code(await sms_codes.lock(tx, phone_key), typed_hash, now)
        if code is Refusal.SMS_CODE_WRONG:
            await sms_codes.count_wrong_try(tx, phone_key)
        if isinstance(code, Refusal):
            return code
        registrant = await phones.find(tx, campaign.campaign_id, phone_key)
        if registrant is None:
            return Refusal.NOT_REGISTERED
        await sms_codes.mark_used(tx, phone_key, code.code_hash, now)
        pid = registrant.pid.hex()
        await audit.note(tx, at=now, actor=pid, tag="consumer:signed_in", subject=pid)
    return registrant
