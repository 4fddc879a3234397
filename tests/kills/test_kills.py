"""A line lost before or after any statement of a money flow loses nothing and doubles nothing."""

import pytest

from huiquan.db.embedded import Embedded
from tests.kills.driver import drive
from tests.kills.flow import Flow
from tests.kills.flows import FLOWS

# One flow of each kind; `make kills` cuts all of them.
IN_SUITE = {
    *("lock", "redeem", "refund after settlement", "redeem over an acquirer"),
    *("settle with a debt", "the bank has paid", "import a bill", "repay a debt"),
    *("refund a part", "settle what bounced", "a payment is given back", "compensate"),
}
CUT = [one for one in FLOWS if one.name in IN_SUITE]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("flow", CUT, ids=lambda flow: flow.name.replace(" ", "-"))
async def test_a_flow_cut_anywhere_and_asked_again_ends_as_if_nothing_had_happened(
    postgres: Embedded, flow: Flow
) -> None:
    report = await drive(postgres, flow, is_full=False)
    assert report.wrong == []
    assert report.cuts == 2 * report.statements >= 6


def test_each_kind_of_flow_is_there_once() -> None:
    assert len({one.name for one in FLOWS}) == len(FLOWS)
    assert {one.name for one in CUT} == IN_SUITE
