"""Let an official or a person of the platform into the console.  工作人员登录"""

from huiquan.app import App
from huiquan.db import audit, sign_ins, staff
from huiquan.db.sign_ins import Kept
from huiquan.db.staff import StaffSecret
from huiquan.domain.refusals import Refusal
from huiquan.gateways.passwords import is_secret


async def sign_in_staff(app: App, login: str, password: str) -> StaffSecret | Refusal:
    """Say who it is.

    WRONG_SIGN_IN for an unknown login, a wrong password and a barred person alike, after the same
    time. Five wrong tries bar the login for fifteen minutes. (R2.8)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        somebody = await staff.begin_sign_in(tx, login, now)
    kept = somebody.password_hash if somebody else None
    if not await is_secret(kept, password) or somebody is None:
        return Refusal.WRONG_SIGN_IN
    async with app.db.transaction() as tx:
        await sign_ins.end(tx, Kept.STAFF, login)
        actor = f"staff:{somebody.staff_id}"
        await audit.note(tx, at=now, actor=actor, tag="staff:signed_in", subject=actor)
    return somebody
