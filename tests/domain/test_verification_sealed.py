"""An exported day that was wrong before it was sealed: everyone signed it, and it is found out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from huiquan.domain import draw_config, exports, rounds
from huiquan.domain.verdicts import Wrong
from tests.domain.draw_days import CHANCES, DAY, OPENS, DrawDay, a_config, a_drawn_day, sign_both
from tests.domain.test_verification import found, resigned

PLAYED, _ = a_drawn_day()


def played(edit: Callable[[DrawDay], None]) -> Wrong | None:
    """What is found in a day whose entries were tampered with before they were sealed."""
    day = DrawDay()
    day.enter(60)
    edit(day)
    taken = {lane.lane: list(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        day.draw(lane.lane, 10)
    return found(
        day.files({lane: rounds.encode_entries(entries) for lane, entries in taken.items()})
    )


def swap(place: int, **changes: Any) -> Callable[[DrawDay], None]:
    """Change one waiting entry of lane 0."""

    def edit(day: DrawDay) -> None:
        entries = day.lanes[0].entries
        entries[place] = replace(entries[place], **changes)

    return edit


def double(day: DrawDay) -> None:
    """One person stands in the lane twice."""
    entries = day.lanes[0].entries
    entries[5] = replace(entries[5], pid=entries[4].pid)


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        (lambda _: None, None),
        (double, Wrong.PID_TWICE),
        (lambda day: swap(3, pid=day.lanes[1].entries[0].pid)(day), Wrong.WRONG_LANE),
        (swap(3, pack=3), Wrong.UNKNOWN_PACK),
        (swap(3, idx=30), Wrong.IDX_GAP),
        (swap(3, lane=1), Wrong.WRONG_ENTRY),
        (swap(3, day=DAY + 1), Wrong.WRONG_ENTRY),
    ],
    ids=["honest", "twice", "lane", "pack", "gap", "other lane", "other day"],
)
def test_entries_that_were_wrong_before_the_seal_are_found_out(
    edit: Callable[[DrawDay], None], wrong: Wrong | None
) -> None:
    assert played(edit) is wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"round_max": 0}, Wrong.UNREADABLE),
        ({"tiers": {}}, Wrong.CONFIG_FLAWED),
        ({"active_from": OPENS.replace(hour=11)}, Wrong.CONFIG_NOT_IN_FORCE),
    ],
)
def test_a_config_that_must_not_act_is_found_out(changes: dict[str, Any], wrong: Wrong) -> None:
    day = DrawDay(config=a_config(**changes)) if "tiers" not in changes else DrawDay()
    day.enter(30)
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        day.draw(lane.lane, 10)
    if "tiers" in changes:
        day.raw_config = draw_config.encode_config(a_config(**changes))
        day.cfg_hash = draw_config.cfg_hash_of(day.raw_config)
    assert found(day.files(taken)) is wrong


def two_configs(**changes: Any) -> Wrong | None:
    """What is found when a second config of the day, with changes, stands beside the first."""
    second = draw_config.encode_config(
        a_config(**{"epoch_start": PLAYED.cfg_hash.hex(), **changes})
    )
    cfg_hash = draw_config.cfg_hash_of(second)
    both = {PLAYED.cfg_hash: PLAYED.raw_config, cfg_hash: second}

    def change(files: dict[str, bytes], fields: dict[str, Any]) -> None:
        del files["config.json"]
        files.update(exports.config_files(both))
        fields["configs"] = [
            {
                "file": f"config-{one.hex()[:8]}.json",
                "cfg_hash": one.hex(),
                "platform": sign_both(one).platform.hex(),
                "approver": sign_both(one).approver.hex(),
            }
            for one in both
        ]

    return found(resigned(change))


def test_two_configs_of_a_day_must_be_of_one_mind() -> None:
    assert two_configs() is None
    more = {1: CHANCES[1], 2: [(3, CHANCES[2][0][1] / 2)]}
    tables = {pack: draw_config.table_from(chances) for pack, chances in more.items()}
    plan = replace(a_config().days[DAY], tables=tables)
    assert two_configs(days={DAY: plan}) is Wrong.CONFIGS_DISAGREE
    assert two_configs(epoch_start="00" * 32) is Wrong.CONFIGS_DISAGREE
    assert two_configs(days={DAY + 1: plan}) is Wrong.CONFIG_FLAWED
    other_keys = replace(
        a_config().keys, notary=a_config().keys.platform, platform=a_config().keys.notary
    )
    assert two_configs(keys=other_keys) is Wrong.KEYS_DIFFER


def test_a_later_day_starts_where_the_day_before_ended() -> None:
    """Rounds and entries go on counting over midnight, and the log holds other days' leaves."""
    day = DrawDay()
    day.enter(90)
    before = {lane.lane: len(lane.entries) // 2 for lane in day.lanes}
    for lane in day.lanes:
        day.draw(lane.lane, 0, before[lane.lane])
    # The rounds so far are those of "yesterday": the day is exported without them.
    day.rows, day.kept, day.notes = [], [], []
    day.log_before, day.leaves = day.frontier, []
    for lane in day.lanes:
        lane.account = None
    taken = {lane.lane: rounds.encode_entries(lane.entries) for lane in day.lanes}
    for lane in day.lanes:
        assert lane.next_seq == 1
        day.draw(lane.lane, 10)
    assert found(day.files(taken)) is None
