"""Each promise of the house is broken on purpose, and exactly its own question sees it."""

from dataclasses import replace

import asyncpg
import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.db import checks
from tests.checks.breakages import BREAKAGES
from tests.checks.breaking import Breakage
from tests.checks.conftest import Copy
from tests.checks.standing_guards import names_in, question
from tests.played import Played

RECOUNTS = (
    (
        "r1_ledger_chain_is_whole",
        "update transfers set booked_at = booked_at + interval '1 microsecond' where no = 0",
    ),
    (
        "r1_ledger_chain_is_whole",
        "update links set link_hash = sha256('another') where link_no = "
        "(select max(link_no) from links where lane = 0) and lane = 0; "
        "update books set link_hash = sha256('another') where lane = 0",
    ),
    (
        "r2_winners_follow_from_proofs",
        "update vouchers set valid_until = valid_until + interval '1 day' where ctid = "
        "(select ctid from vouchers where state = 'held' limit 1)",
    ),
    ("r2_winners_follow_from_proofs", "update entries set client_nonce = pid where idx = 0"),
    ("r2_winners_follow_from_proofs", "update entries set salt = pid where idx = 0"),
    (
        "r2_winners_follow_from_proofs",
        "update rounds set pi_notary = pi_auditor, final = "
        "overlay(final placing pi_auditor from 33) where lane = 0 and seq = 0",
    ),
    ("r2_winners_follow_from_proofs", "update rounds set final = '' where lane = 0 and seq = 0"),
    (
        "r2_winners_follow_from_proofs",
        "update rounds set seal_hash = sha256('another') where (lane, seq) = "
        "(select lane, max(seq) from rounds where lane = 0 group by lane); "
        "update lanes set prev_seal_hash = sha256('another') where lane = 0",
    ),
    ("r3_checkpoints_fix_the_log", "update checkpoints set root = sha256('another')"),
)


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.8")
async def test_a_season_of_real_actions_keeps_every_promise(copy: Copy) -> None:
    run = await run_checks(copy.house.app, recount=True)
    assert run.failed == ()
    assert run.checked == len(checks.every_check()) + 3
    kept = await copy.owner.fetch("select run_id, ran_at, failed from check_runs")
    assert [tuple(row) for row in kept] == [(run.run_id, copy.now, 0)]


async def test_the_season_has_seen_every_kind_of_event(copy: Copy) -> None:
    kinds = await copy.owner.fetch("select distinct kind from transfers")
    assert {row["kind"] for row in kinds} == {
        *("appropriate", "release", "recall", "reserve", "redeem", "expire", "refund"),
        *("refund_late", "recover", "regain", "roll_over", "settle", "pay", "pay_back", "bounce"),
    }
    states = await copy.owner.fetch("select distinct state from locks")
    assert {row["state"] for row in states} == {"redeemed", "released", "lapsed"}
    assert await copy.owner.fetchval("select exists (select 1 from rounds where 0 < any(cut))")
    states = await copy.owner.fetch("select distinct state from settlements")
    assert {row["state"] for row in states} >= {"in_file", "paid", "bounced"}
    assert await copy.owner.fetchval(
        "select exists (select 1 from settlements where carried_fen > 0)"
    )


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.check)
async def test_a_broken_promise_is_seen_by_its_own_check(
    spoilt: asyncpg.Connection, played: Played, breakage: Breakage
) -> None:
    for statement in breakage.statements:
        done = await spoilt.execute(statement.replace(":now", f"'{played.now}'::timestamptz"))
        assert not done.endswith(" 0"), f"nothing was broken: {statement}"
    failed = await checks.run_all(spoilt, played.now)
    assert {one.name for one in failed} == {breakage.check, *breakage.also}
    broken = next(one for one in failed if one.name == breakage.check)
    assert 0 < len(broken.rows) <= checks.ROWS_MAX


def test_every_promise_has_its_breakage() -> None:
    names = [check.name for check in checks.every_check()]
    assert sorted(names) == sorted(breakage.check for breakage in BREAKAGES)


async def test_every_key_index_and_bound_of_money_is_asked_for(played: Played) -> None:
    written = (checks.CHECKS / "h11_guards_stand.sql").read_text()
    assert written == question(await names_in(played.url))


@pytest.mark.parametrize(("check", "lie"), RECOUNTS)
async def test_a_lie_that_sql_believes_is_seen_by_counting_again(
    copy: Copy, check: str, lie: str
) -> None:
    for statement in lie.split("; "):
        await copy.owner.execute(statement)
    quick = await run_checks(copy.house.app)
    assert quick.failed == ()
    whole = await run_checks(copy.house.app, recount=True)
    assert {one.name for one in whole.failed} == {check}


async def test_what_cannot_be_read_is_a_promise_not_kept(
    spoilt: asyncpg.Connection, played: Played
) -> None:
    await spoilt.execute(
        "update transfers set ref = 'unreadable' where (lane, no) = "
        "(select lane, no from transfers where kind = 'refund' limit 1)"
    )
    failed = await checks.run_all(spoilt, played.now)
    # Both read which refund a movement names.
    readers = ["i23_refunds_are_booked", "i37_matching_money_adds_up"]
    assert [one.name for one in failed] == readers
    assert "unreadable" in failed[0].rows[0]


async def test_a_question_without_an_answer_counts_and_the_others_are_asked(
    spoilt: asyncpg.Connection, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = replace(checks.every_check()[0], name="endless", question="select pg_sleep(60)")
    after = replace(endless, name="after", question="select 1 as found")
    monkeypatch.setattr(checks, "every_check", lambda: (endless, after))
    monkeypatch.setattr(checks, "ANSWER_WITHIN_S", 0.1)
    failed = await checks.run_all(spoilt, played.now)
    assert [(one.name, *one.rows[0]) for one in failed] == [
        ("endless", "unanswered"),
        ("after", "found"),
    ]


@pytest.mark.parametrize("check", checks.every_check(), ids=lambda check: check.name)
def test_a_check_says_what_it_promises_in_both_languages(check: checks.Check) -> None:
    assert check.invariant
    assert check.title_zh
    assert check.title_en.strip().endswith((".", ").", ")"))
