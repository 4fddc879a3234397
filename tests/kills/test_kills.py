"""A line lost before or after any statement of a money flow loses nothing and doubles nothing."""

import pytest

from huiquan.db.embedded import Embedded
from tests.kills.driver import drive
from tests.kills.flows import FLOWS, Flow

pytestmark = pytest.mark.xdist_group("kills")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name.replace(" ", "-"))
async def test_a_flow_cut_anywhere_and_asked_again_ends_as_if_nothing_had_happened(
    postgres: Embedded, flow: Flow
) -> None:
    report = await drive(postgres, flow, is_full=False)
    assert report.wrong == []
    assert report.cuts == 2 * report.statements >= 6
