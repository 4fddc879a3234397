"""A line lost before or after any statement of a money flow loses nothing and doubles nothing."""

import re

import asyncpg
import pytest

from huiquan.db.embedded import Embedded
from tests.kills.cutting import AFTER, Cutter
from tests.kills.driver import drive
from tests.kills.flow import Flow
from tests.kills.flows import FLOWS
from tests.tidy.source import ROOT

# One flow of each kind; `make kills` cuts all of them.
IN_SUITE = {
    *("lock", "redeem", "refund after settlement", "redeem over an acquirer"),
    *("settle with a debt", "the bank has paid", "import a bill", "repay a debt"),
    *("refund a part", "settle what bounced", "a payment is given back", "compensate"),
    *("take online goods back", "seal, sign and draw a round"),
}
# Actions that book and whose flow does not name them, and how it does.
ELSEWHERE = {"draw_round": "tend_lane"}
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


def test_every_action_that_books_money_stands_in_a_flow() -> None:
    """Read from the text: whoever adds an action that books adds a flow that is cut."""
    actions = sorted((ROOT / "huiquan/actions").glob("*.py"))
    books = {path.stem for path in actions if "ledger.book" in path.read_text()}
    flows = "".join(path.read_text() for path in (ROOT / "tests/kills").glob("*_flows.py"))
    in_flows = {name for name in books if re.search(rf"\b{name}\b", flows)}
    assert books - in_flows == set(ELSEWHERE), "an action books money and no flow is cut in it"
    assert all(words in flows for words in ELSEWHERE.values())


class LastWord:
    """A line of which the client has heard the server's last word, and not yet the end."""

    asked = 0

    def get_server_pid(self) -> int:
        return 1

    def is_closed(self) -> bool:
        self.asked += 1
        return self.asked > 3


class Owner:
    """The server, which says that the session is over."""

    async def execute(self, text: str, *args: object) -> None:
        assert "pg_terminate_backend" in text

    async def fetchval(self, text: str, *args: object) -> int:
        return 0


async def test_a_line_is_cut_when_its_client_knows_it() -> None:
    """Else the pool lends it out once more, and whoever asks again is refused for the first cut."""
    line, cutter = LastWord(), Cutter(owner=Owner())  # type: ignore[arg-type]

    async def run() -> str:
        return "done"

    cutter.arm(at=1, side=AFTER)
    assert await cutter.step(line, "begin", run) == "done"  # type: ignore[arg-type]
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await cutter.step(line, "commit", run)  # type: ignore[arg-type]
    assert line.is_closed()
    assert line.asked == 5
