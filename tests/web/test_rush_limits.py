"""One person, one device, one address: how often each may tap within ten seconds."""

from huiquan.web.rush_limits import (
    TAPS_OF_ADDRESS,
    TAPS_OF_DEVICE,
    TAPS_OF_PERSON,
    RushLimits,
)

ANNE, BERT = b"a" * 16, b"b" * 16


async def test_a_person_may_tap_some_times_and_others_are_not_held_up() -> None:
    limits = RushLimits(is_on=True)
    answers = [limits.allow(ANNE, ANNE[:8], None) for _ in range(TAPS_OF_PERSON + 1)]
    assert answers == [True] * TAPS_OF_PERSON + [False]
    assert limits.allow(BERT, BERT[:8], None)


async def test_a_device_serves_a_family_and_not_a_village() -> None:
    limits = RushLimits(is_on=True)
    people = [n.to_bytes(16, "big") for n in range(TAPS_OF_DEVICE + 1)]
    answers = [limits.allow(one, b"device", None) for one in people]
    assert answers == [True] * TAPS_OF_DEVICE + [False]


async def test_an_address_serves_a_town_and_the_houses_own_is_not_counted() -> None:
    limits = RushLimits(is_on=True)
    people = [n.to_bytes(16, "big") for n in range(TAPS_OF_ADDRESS + 1)]
    answers = [limits.allow(one, one[-8:], "198.51.100.1") for one in people]
    assert answers == [True] * TAPS_OF_ADDRESS + [False]
    assert limits.allow(ANNE, ANNE[:8], None)


async def test_a_new_window_begins_with_nothing() -> None:
    limits = RushLimits(is_on=True)
    for _ in range(TAPS_OF_PERSON + 1):
        limits.allow(ANNE, ANNE[:8], None)
    limits.ends_at = 0.0
    assert limits.allow(ANNE, ANNE[:8], None)
    assert len(limits.counts) == 2


async def test_limits_can_be_switched_off() -> None:
    limits = RushLimits(is_on=False)
    assert all(limits.allow(ANNE, ANNE[:8], None) for _ in range(TAPS_OF_PERSON + 1))
    assert limits.counts == {}
