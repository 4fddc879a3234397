"""Approvals as they are kept: one row a person, appended, never changed.  双人复核"""

from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.approvals import Approval, Approved, Standing
from huiquan.domain.roles import Role


async def standing(tx: Tx, subject: str, action: Approved, staff_id: int) -> Standing:
    """Who has approved a thing, the first first, and the role of whoever asks now.

    The caller holds the thing until the commit.
    """
    rows = await tx.fetch(
        """
        select staff_id, role
          from approvals
         where subject = $1
           and action = $2
         order by at, staff_id
        """,
        subject,
        action.value,
    )
    earlier = [Approval(staff_id=row["staff_id"], role=Role(row["role"])) for row in rows]
    return Standing(earlier=earlier, staff_id=staff_id, role=await role_of(tx, staff_id))


async def record(tx: Tx, subject: str, action: Approved, approval: Approval, at: datetime) -> None:
    """Record a person's approval; a second one of the same person is a key violation."""
    await tx.execute(
        """
        insert into approvals (subject, action, staff_id, role, at)
        values ($1, $2, $3, $4, $5)
        """,
        subject,
        action.value,
        approval.staff_id,
        approval.role.value,
        at,
    )


async def names(tx: Tx, subject: str, action: Approved) -> list[str]:
    """The names of those who approved, the first first."""
    rows = await tx.fetch(
        """
        select s.name
          from approvals a
          join staff s
         using (staff_id)
         where a.subject = $1
           and a.action = $2
         order by a.at, s.staff_id
        """,
        subject,
        action.value,
    )
    return [row["name"] for row in rows]


async def role_of(tx: Tx, staff_id: int) -> Role | None:
    """What somebody is at the console for, or None for nobody."""
    role = await tx.fetchval("select role from staff where staff_id = $1", staff_id)
    return Role(role) if role else None
