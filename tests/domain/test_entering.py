"""Who gets into today's draw when many come at once, and what each is told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.consents import ConsentStanding
from huiquan.domain.days import SHANGHAI
from huiquan.domain.entering import (
    Desk,
    EntryRow,
    Judged,
    Standing,
    day_of_entry,
    draw_day_now,
    judge_batch,
    receipt_of,
    receipts_of,
)
from huiquan.domain.lottery import eligibility_commitment
from huiquan.domain.receipts import EntryReceipt, is_entry_receipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_entry
from huiquan.domain.stock import Account
from tests.domain.drawing import (
    DAY,
    OPEN,
    campaign_in_force,
    pid,
    signer,
    standing,
    tap,
)

CAMPAIGN = campaign_in_force()
NOBODY: dict[bytes, Standing] = {}


def desk(
    people: dict[bytes, Standing],
    *,
    now: datetime = OPEN,
    next_idx: int = 40,
    account: Account | None = None,
) -> Desk:
    """Lane 0 of the campaign at a moment."""
    return Desk(
        campaign=CAMPAIGN,
        lane=0,
        now=now,
        next_idx=next_idx,
        account=account,
        standings=people,
        salts_key=b"salts",
    )


def crowd(*numbers: int) -> dict[bytes, Standing]:
    return {pid(n): standing(n) for n in numbers}


def row_of(judged: Judged, place: int = 0) -> EntryRow:
    outcome = judged.outcomes[place]
    assert isinstance(outcome, EntryRow), outcome
    return outcome


@pytest.mark.requirement("R1.3")
def test_those_who_may_enter_are_numbered_in_the_order_they_came() -> None:
    judged = judge_batch(desk(crowd(1, 2, 3)), [tap(2), tap(9), tap(1), tap(3)])
    assert [row.entry.pid for row in judged.accepted] == [pid(2), pid(1), pid(3)]
    assert [row.entry.idx for row in judged.accepted] == [40, 41, 42]
    assert judged.outcomes[1] is Refusal.NOT_REGISTERED
    assert all(row.entry.day == DAY for row in judged.accepted)


@pytest.mark.requirement("R1.4")
def test_the_second_tap_of_a_person_sees_the_first() -> None:
    taps = [tap(1), tap(1), tap(1, key="another"), tap(1, pack=2)]
    judged = judge_batch(desk(crowd(1)), taps)
    assert len(judged.accepted) == 1
    assert judged.outcomes[0] == judged.outcomes[1]
    assert judged.outcomes[2:] == (Refusal.ALREADY_ENTERED, Refusal.REQUEST_KEY_REUSED)


@pytest.mark.requirement("R1.4")
def test_an_entry_that_stands_is_given_again_and_never_made_twice() -> None:
    first = row_of(judge_batch(desk(crowd(1)), [tap(1)]))
    later = desk({pid(1): standing(1, entered=first)}, now=OPEN + timedelta(hours=2), next_idx=99)
    judged = judge_batch(later, [tap(1), tap(1, key="another")])
    assert judged.accepted == ()
    assert judged.outcomes == (first, Refusal.ALREADY_ENTERED)


WHEN = [
    ("2026-02-01T10:30", Refusal.NOT_YET_OPEN),
    ("2026-02-06T09:59:59", Refusal.NOT_YET_OPEN),
    ("2026-02-06T10:00", None),
    ("2026-02-06T23:59:59", None),
    ("2026-02-07T00:00", Refusal.NOT_YET_OPEN),
    ("2026-03-25T23:59:59", Refusal.NO_STOCK_TODAY),
    ("2026-03-26T12:00", Refusal.CAMPAIGN_ENDED),
]


@pytest.mark.parametrize(("moment", "refusal"), WHEN)
def test_when_the_door_is_open(moment: str, refusal: Refusal | None) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    outcome = judge_batch(desk(crowd(1), now=now), [tap(1)]).outcomes[0]
    assert outcome is refusal if refusal else isinstance(outcome, EntryRow)


WHO = [
    ({"is_suspended": True}, Refusal.SUSPENDED),
    ({"is_excluded": True}, Refusal.EXCLUDED),
    ({"consents": ConsentStanding.MISSING}, Refusal.CONSENT_MISSING),
    ({"consents": ConsentStanding.REVOKED}, Refusal.CONSENT_REVOKED),
    ({"wins": 5}, Refusal.WIN_LIMIT_REACHED),
    ({"wins": 4, "undrawn": 1}, Refusal.WIN_LIMIT_REACHED),
    ({"wins": 4}, None),
]


@pytest.mark.requirement("R1.4")
@pytest.mark.parametrize(("facts", "refusal"), WHO)
def test_who_is_let_in(facts: dict[str, object], refusal: Refusal | None) -> None:
    judged = judge_batch(desk({pid(1): standing(1, **facts)}), [tap(1)])
    assert judged.outcomes[0] is refusal if refusal else len(judged.accepted) == 1


def test_a_place_that_could_not_be_judged_is_the_answer() -> None:
    judged = judge_batch(desk(crowd(1)), [tap(1, place=Refusal.OUTSIDE_AREA)])
    assert judged.outcomes == (Refusal.OUTSIDE_AREA,)


def test_a_pack_that_is_not_drawn_today_is_unknown() -> None:
    assert judge_batch(desk(crowd(1)), [tap(1, pack=9)]).outcomes == (Refusal.UNKNOWN_PACK,)


def test_nobody_burns_the_chance_when_nothing_is_left_for_the_day() -> None:
    last_hour = OPEN.replace(hour=23, minute=30)
    empty = Account(day=DAY, slot=23, left_after=(0,) * 11)
    judged = judge_batch(desk(crowd(1), now=last_hour, account=empty), [tap(1)])
    assert judged.outcomes == (Refusal.NO_STOCK_TODAY,)
    one_left = replace(empty, left_after=(*(0,) * 10, 1))
    assert judge_batch(desk(crowd(1), now=last_hour, account=one_left), [tap(1)]).accepted
    other_pack = judge_batch(desk(crowd(1), now=last_hour, account=one_left), [tap(1, pack=1)])
    assert other_pack.outcomes == (Refusal.NO_STOCK_TODAY,)


def test_a_day_whose_money_was_not_released_lets_nobody_in() -> None:
    waiting = replace(CAMPAIGN.days[DAY], is_released=False)
    unpaid = replace(CAMPAIGN, days={**CAMPAIGN.days, DAY: waiting})
    judged = judge_batch(replace(desk(crowd(1)), campaign=unpaid), [tap(1)])
    assert judged.outcomes == (Refusal.NO_STOCK_TODAY,)


def test_stock_that_comes_later_today_keeps_the_door_open() -> None:
    noon = OPEN.replace(hour=12)
    empty = Account(day=DAY, slot=12, left_after=(0,) * 11)
    assert judge_batch(desk(crowd(1), now=noon, account=empty), [tap(1)]).accepted


def test_the_receipt_is_signed_and_the_decision_can_be_opened() -> None:
    row = row_of(judge_batch(desk(crowd(1)), [tap(1)]))
    receipt = receipt_of(signer("platform"), row)
    assert is_entry_receipt(receipt, signer("platform").key, row.entry.client_nonce)
    assert receipt == receipt_of(signer("platform"), row)
    assert row.entry.elig == eligibility_commitment(row.salt, row.decision)
    assert b"420100" in row.decision


def test_those_answered_at_once_share_a_signature_and_repeats_are_signed_alone() -> None:
    first = row_of(judge_batch(desk(crowd(1)), [tap(1)]))
    people = {**crowd(2, 3), pid(1): standing(1, entered=first)}
    judged = judge_batch(desk(people), [tap(2), tap(9), tap(1), tap(3), tap(2)])
    answers = receipts_of(signer("platform"), judged)
    assert answers[1] is Refusal.NOT_REGISTERED
    assert answers[0] == answers[4]
    assert answers[2] == receipt_of(signer("platform"), first)
    for answer, place in ((answers[0], (0, 2)), (answers[3], (1, 2)), (answers[2], (0, 1))):
        assert isinstance(answer, EntryReceipt)
        assert (answer.index, answer.size) == place
        nonce = decode_entry(answer.entry).client_nonce
        assert is_entry_receipt(answer, signer("platform").key, nonce)


def test_salts_differ_between_people_and_requests() -> None:
    judged = judge_batch(desk(crowd(1, 2)), [tap(1), tap(2)])
    again = judge_batch(desk(crowd(1)), [tap(1, key="another")])
    salts = {row.salt for row in (*judged.accepted, *again.accepted)}
    assert len(salts) == 3


def test_an_entry_stands_under_the_day_of_its_draw() -> None:
    assert day_of_entry(CAMPAIGN, OPEN) == DAY
    assert day_of_entry(CAMPAIGN, OPEN.replace(hour=3)) == DAY
    found = draw_day_now(CAMPAIGN, OPEN)
    assert found is not None
    assert found.day == DAY
    assert draw_day_now(CAMPAIGN, OPEN.replace(hour=3)) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["key-1", "key-2"])), max_size=30))
def test_however_people_tap_each_has_one_entry_and_numbers_have_no_gap(
    taps: list[tuple[int, str]],
) -> None:
    people = crowd(*range(8))
    judged = judge_batch(desk(people), [tap(n, key=key) for n, key in taps])
    first_key: dict[int, str] = {}
    for (n, key), outcome in zip(taps, judged.outcomes, strict=True):
        if n >= 8:
            assert outcome is Refusal.NOT_REGISTERED
            continue
        assert isinstance(outcome, EntryRow) == (first_key.setdefault(n, key) == key)
    assert [row.entry.idx for row in judged.accepted] == list(range(40, 40 + len(first_key)))
