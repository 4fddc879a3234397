"""Let a cashier open the till with a PIN.  收银员登录"""

from huiquan.app import App
from huiquan.db import audit, sign_ins, stores
from huiquan.db.sign_ins import Kept
from huiquan.db.stores import CashierSecret
from huiquan.domain.refusals import Refusal
from huiquan.gateways.passwords import is_secret


async def sign_in_cashier(app: App, login: str, pin: str) -> CashierSecret | Refusal:
    """Say who the cashier is.

    WRONG_SIGN_IN for an unknown login, a wrong PIN and a barred cashier alike, after the same
    time. Five wrong tries bar the login for fifteen minutes. (R2.2)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        cashier = await stores.begin_sign_in(tx, login, now)
    if not await is_secret(cashier.pin_hash if cashier else None, pin) or cashier is None:
        return Refusal.WRONG_SIGN_IN
    async with app.db.transaction() as tx:
        await sign_ins.end(tx, Kept.CASHIERS, login)
        actor = f"cashier:{cashier.cashier_id}"
        await audit.note(tx, at=now, actor=actor, tag="cashier:signed_in", subject=actor)
    return cashier
