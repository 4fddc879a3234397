r"""Account requests: on which account a merchant is paid, said by two people.  收款账户申请

    open --another person, with the same number--> confirmed --a later one is confirmed--> replaced
      \--another person--> refused
       \--whoever asked--> withdrawn

Until a request is confirmed the account before it stays in force. A request never changes: whoever
wants another account asks anew, after the open request was answered. What a second person confirms
is the number that stands in the merchant's own paper: they type it, and it has to be the same.
"""

from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.approvals import MONEY_ROLES, Given, Standing, decide_approval
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal

REASON_MAX = 200


class RequestState(StrEnum):
    """How far a request has come."""

    OPEN = "open"  # 待确认
    CONFIRMED = "confirmed"  # 已确认
    REFUSED = "refused"  # 未同意
    WITHDRAWN = "withdrawn"  # 已撤回


@dataclass(frozen=True, kw_only=True)
class AccountRequest:
    """One request; asked_by is None where one person had named the account before two were needed.

    is_in_force: it was confirmed, and no later one was.
    """

    request_id: int
    merchant_id: int
    account: PayeeAccount
    state: RequestState
    asked_by: int | None
    decided_by: int | None
    is_in_force: bool


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What a merchant has: the request that waits, and the one whose account is in force."""

    open: AccountRequest | None
    in_force: AccountRequest | None


def decide_asking(
    earlier: Earlier, account: PayeeAccount, standing: Standing
) -> Given | AccountRequest | Refusal:
    """Say whether a new request is made; asked again with the same content it is the earlier one.

    Refuses FORBIDDEN (an official of a city, or nobody), ACCOUNT_REQUEST_OPEN (another account of
    this merchant waits to be answered).
    """
    given = decide_approval(standing)
    if isinstance(given, Refusal):
        return given
    if earlier.open is not None:
        same = earlier.open.account == account
        return earlier.open if same else Refusal.ACCOUNT_REQUEST_OPEN
    if earlier.in_force is not None and earlier.in_force.account == account:
        return earlier.in_force
    return given


def decide_confirming(
    request: AccountRequest, account_no: str, standing: Standing
) -> Given | RequestState | Refusal:
    """Add a person's word to a request (I34); confirmed again by the same person it stays so.

    account_no is the number as this person has it. Refuses ACCOUNT_REQUEST_DECIDED,
    ACCOUNT_DIFFERS, and what `decide_approval` refuses: the person who asked is not a second one.
    """
    if standing.role not in MONEY_ROLES:
        return Refusal.FORBIDDEN
    if request.state is not RequestState.OPEN:
        return _decided(request, standing, RequestState.CONFIRMED)
    if account_no != request.account.account_no:
        return Refusal.ACCOUNT_DIFFERS
    return decide_approval(standing)


def decide_ending(request: AccountRequest, standing: Standing) -> RequestState | Refusal:
    """End a request without an account: withdrawn by whoever asked, refused by anybody else.

    Ended again by the same person it stays so. Refuses FORBIDDEN, ACCOUNT_REQUEST_DECIDED.
    """
    if standing.role not in MONEY_ROLES:
        return Refusal.FORBIDDEN
    if request.state is not RequestState.OPEN:
        return _decided(request, standing, RequestState.REFUSED, RequestState.WITHDRAWN)
    is_own = request.asked_by == standing.staff_id
    return RequestState.WITHDRAWN if is_own else RequestState.REFUSED


def _decided(
    request: AccountRequest, standing: Standing, *same: RequestState
) -> RequestState | Refusal:
    """What was decided stays; whoever decided it and asks again is told the same."""
    if request.state in same and request.decided_by == standing.staff_id:
        return request.state
    return Refusal.ACCOUNT_REQUEST_DECIDED
