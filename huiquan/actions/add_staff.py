"""Give somebody a sign-in at the console.  新增工作人员"""

from dataclasses import dataclass, field

from huiquan.app import App
from huiquan.db import audit, staff
from huiquan.domain.cities import CITIES
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from huiquan.gateways.passwords import hash_secret


@dataclass(frozen=True, kw_only=True)
class NewStaff:
    """Who it is and what for; a city only for a city's officials."""

    login: str
    name: str
    role: Role
    city: str | None = None
    password: str = field(repr=False)


async def add_staff(app: App, new: NewStaff, by: str) -> int | Refusal:
    """Give the id of the new sign-in.

    Refuses LOGIN_TAKEN, and WRONG_CITY_FOR_ROLE when a city's official has no city of Hubei or
    anybody else has one. (R5.2)
    """
    if (new.role is Role.CITY_SUPERVISOR) != (new.city in CITIES):
        return Refusal.WRONG_CITY_FOR_ROLE
    now, password_hash = app.clock(), await hash_secret(new.password)
    async with app.db.transaction() as tx:
        staff_id = await staff.record(
            tx,
            login=new.login,
            name=new.name,
            role=new.role,
            city=new.city,
            password_hash=password_hash,
            at=now,
        )
        if staff_id is None:
            return Refusal.LOGIN_TAKEN
        subject = f"staff:{staff_id}"
        await audit.note(
            tx, at=now, actor=by, tag="staff:added", subject=subject, detail={"role": new.role}
        )
    return staff_id
