"""Roles: what an official or a person of the platform may see and do at the console.  角色"""

from enum import StrEnum


class Role(StrEnum):
    """Why somebody has a sign-in at the console."""

    SUPERVISOR = "supervisor"  # 省级主管部门
    CITY_SUPERVISOR = "city_supervisor"  # 市州商务主管部门 (R5.2)
    OPERATOR = "operator"  # 平台运营人员


def may_decide_objections(role: Role) -> bool:
    """Whether somebody reads objections to a list, with who objects, and decides them.

    A list is one for the province, so an official of one city does not.
    """
    return role is not Role.CITY_SUPERVISOR
