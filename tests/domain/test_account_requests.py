"""Who may say on which account a merchant is paid, and what of it is refused."""

from dataclasses import replace

import pytest

from huiquan.domain.account_requests import (
    AccountRequest,
    Earlier,
    RequestState,
    decide_asking,
    decide_confirming,
    decide_ending,
)
from huiquan.domain.approvals import Approval, Given, Standing
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role

OLD = PayeeAccount(
    account_no="42001234000000001",
    account_name="武汉某某百货有限公司",
    bank_name="中国建设银行武汉分行",
    bank_code="105521000018",
)
NEW = replace(OLD, account_no="42001234000000002")
ASKER, OTHER, THIRD = 1, 2, 3


def request(
    state: RequestState = RequestState.OPEN, decided_by: int | None = None
) -> AccountRequest:
    return AccountRequest(
        request_id=7,
        merchant_id=77,
        account=NEW,
        state=state,
        asked_by=ASKER,
        decided_by=decided_by,
        is_in_force=state is RequestState.CONFIRMED,
    )


def somebody(
    staff_id: int, role: Role | None = Role.SUPERVISOR, asker: Role | None = Role.OPERATOR
) -> Standing:
    """Who comes now; asker: what the person who asked was, None for nobody."""
    earlier = () if asker is None else (Approval(staff_id=ASKER, role=asker),)
    return Standing(earlier=earlier, staff_id=staff_id, role=role)


IN_FORCE = replace(request(RequestState.CONFIRMED, OTHER), request_id=3, account=OLD)
ASKED = (
    ("the first account", None, None, NEW, "new"),
    ("another one than before", None, IN_FORCE, NEW, "new"),
    ("the same again", request(), None, NEW, 7),
    ("the one that is in force", None, IN_FORCE, OLD, 3),
    ("while another waits", request(), IN_FORCE, OLD, Refusal.ACCOUNT_REQUEST_OPEN),
)


@pytest.mark.parametrize(
    ("open_one", "in_force", "account", "outcome"),
    [row[1:] for row in ASKED],
    ids=[row[0] for row in ASKED],
)
def test_what_is_asked_again_is_the_same_request(
    open_one: AccountRequest | None,
    in_force: AccountRequest | None,
    account: PayeeAccount,
    outcome: int | str | Refusal,
) -> None:
    earlier = Earlier(open=open_one, in_force=in_force)
    asked = decide_asking(earlier, account, somebody(ASKER, Role.OPERATOR, None))
    if isinstance(asked, Given):
        assert (outcome, asked.is_complete) == ("new", False)
    elif isinstance(asked, AccountRequest):
        assert asked.request_id == outcome
    else:
        assert asked is outcome


CONFIRMED = (
    ("another, of the department", request(), OTHER, Role.SUPERVISOR, Role.OPERATOR, "in force"),
    ("the platform, asked by it", request(), OTHER, Role.OPERATOR, Role.OPERATOR,
     Refusal.SUPERVISOR_NEEDED),
    ("the platform, asked by the department", request(), OTHER, Role.OPERATOR, Role.SUPERVISOR,
     "in force"),
    ("whoever asked", request(), ASKER, Role.OPERATOR, Role.OPERATOR,
     Refusal.ALREADY_APPROVED_BY_YOU),
    ("whoever asked, of the department", request(), ASKER, Role.SUPERVISOR, Role.SUPERVISOR,
     Refusal.ALREADY_APPROVED_BY_YOU),
    ("an official of a city", request(), OTHER, Role.CITY_SUPERVISOR, Role.OPERATOR,
     Refusal.FORBIDDEN),
    ("nobody", request(), OTHER, None, Role.OPERATOR, Refusal.FORBIDDEN),
    ("the first of two, where one had named it", request(), OTHER, Role.OPERATOR, None,
     "one more"),
    ("the same person again", request(RequestState.CONFIRMED, OTHER), OTHER, Role.SUPERVISOR,
     Role.OPERATOR, RequestState.CONFIRMED),
    ("a third person", request(RequestState.CONFIRMED, OTHER), THIRD, Role.SUPERVISOR,
     Role.OPERATOR, Refusal.ACCOUNT_REQUEST_DECIDED),
    ("after it was refused", request(RequestState.REFUSED, OTHER), OTHER, Role.SUPERVISOR,
     Role.OPERATOR, Refusal.ACCOUNT_REQUEST_DECIDED),
    ("after it was withdrawn", request(RequestState.WITHDRAWN, ASKER), OTHER, Role.SUPERVISOR,
     Role.OPERATOR, Refusal.ACCOUNT_REQUEST_DECIDED),
)  # fmt: skip


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize(
    ("one", "staff_id", "role", "asker", "outcome"),
    [row[1:] for row in CONFIRMED],
    ids=[row[0] for row in CONFIRMED],
)
def test_another_person_confirms_and_one_of_the_two_is_of_the_department(
    one: AccountRequest, staff_id: int, role: Role | None, asker: Role | None, outcome: object
) -> None:
    said = decide_confirming(one, NEW.account_no, somebody(staff_id, role, asker))
    if isinstance(said, Given):
        assert outcome == ("in force" if said.is_complete else "one more")
    else:
        assert said is outcome


@pytest.mark.parametrize("number", [OLD.account_no, "", NEW.account_no + "0", "0002"])
def test_the_number_that_is_confirmed_is_the_number_that_was_asked_for(number: str) -> None:
    assert decide_confirming(request(), number, somebody(OTHER)) is Refusal.ACCOUNT_DIFFERS


ENDED = (
    ("whoever asked", request(), ASKER, Role.OPERATOR, RequestState.WITHDRAWN),
    ("another", request(), OTHER, Role.OPERATOR, RequestState.REFUSED),
    ("an official of a city", request(), OTHER, Role.CITY_SUPERVISOR, Refusal.FORBIDDEN),
    ("the same person again", request(RequestState.REFUSED, OTHER), OTHER, Role.OPERATOR,
     RequestState.REFUSED),
    ("whoever asked, after it was refused", request(RequestState.REFUSED, OTHER), ASKER,
     Role.OPERATOR, Refusal.ACCOUNT_REQUEST_DECIDED),
    ("whoever confirmed it", request(RequestState.CONFIRMED, OTHER), OTHER, Role.SUPERVISOR,
     Refusal.ACCOUNT_REQUEST_DECIDED),
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "staff_id", "role", "outcome"),
    [row[1:] for row in ENDED],
    ids=[row[0] for row in ENDED],
)
def test_a_request_is_withdrawn_by_its_asker_and_refused_by_others(
    one: AccountRequest, staff_id: int, role: Role, outcome: object
) -> None:
    assert decide_ending(one, somebody(staff_id, role)) is outcome
