""" "They moved their friend to a lane where nobody else stood, or to a round with vouchers left."

A lane with few people and much stock is a good place to be. So is the round after the hourly
top-up, when one's own round has nothing left.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from huiquan.domain import rounds
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_day import verify_day
from notary.refusals import No
from tests.attacks.weakened import believing_reader, careless_proof
from tests.domain.draw_days import DrawDay
from tests.drills.drafts import Files
from tests.notary.houses import Pair, answer, request_for

verify_believing = partial(verify_day, reader=believing_reader)


def exported(day: DrawDay) -> Files:
    """The day with all who wait drawn, by signers that prove whatever they are shown."""
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        day.draw(lane.lane, 10)
    return day.files(taken)


def moved_to_lane_0(day: DrawDay) -> DrawDay:
    """The first of lane 1 stands in lane 0, where lane 0's first would stand."""
    friend = day.lanes[1].entries[0]
    day.lanes[0].entries[0] = replace(friend, lane=0, idx=0)
    return day


@pytest.mark.requirement("R5.1")
def test_a_friend_in_another_lane_passes_only_where_nobody_computes_lanes(tmp_path: Path) -> None:
    pair = Pair(home=tmp_path)
    pair.day.enter(40)
    seal, taken = moved_to_lane_0(pair.day).seal(0, 10, 10)
    assert careless_proof("notary", rounds.encode_seal(seal))
    assert answer(pair.notary, request_for(seal, taken)) is No.WRONG_LANE

    day = DrawDay()
    day.enter(40)
    files = exported(moved_to_lane_0(day))
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert (finding.wrong, finding.lane, finding.idx) == (Wrong.WRONG_LANE, 0, 0)


def postpone(day: DrawDay) -> tuple[rounds.Seal, list[rounds.Entry]]:
    """A round from which the friend, who is third, is left out until a better one."""
    waiting = day.lanes[0].entries
    waiting.append(waiting.pop(2))
    return day.seal(0, 10, 10)


def test_a_friend_kept_for_a_later_round_is_missed_by_number(tmp_path: Path) -> None:
    """Entries are taken in the order of their receipts; the numbers may not have a gap."""
    pair = Pair(home=tmp_path)
    pair.day.enter(40)
    seal, taken = postpone(pair.day)
    assert careless_proof("notary", rounds.encode_seal(seal))
    assert answer(pair.notary, request_for(seal, taken)) is No.IDX_GAP

    day = DrawDay()
    day.enter(40)
    postponed = day.lanes[0].entries
    postponed.append(postponed.pop(2))
    files = exported(day)
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert (finding.wrong, finding.idx) == (Wrong.IDX_GAP, 2)
