"""A signer's key is lost in the middle of a day: declared once, and never used again.  换钥"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huiquan.domain import epochs, rounds
from huiquan.domain.epoch_files import (
    DECLARATION,
    AnswerFile,
    DraftFile,
    answer_name,
    write_file,
)
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.signing import signer_from
from notary.configs import Accepted
from notary.declare import NotDeclaredError, declare, sign_declaration
from notary.refusals import No
from notary.status import status_of
from notary.stops import stop_or_resume
from tests.domain.changed_days import NEW, declared, successor_of
from tests.domain.draw_days import KEYS, SIGNERS, seed_for
from tests.notary.changes import NEW_SIGNER, Change, no_of, offer
from tests.notary.houses import Pair, answer, open_desk, request_for

LATER = timedelta(hours=15)  # one o'clock at night: what waited counts to the day's last hour
pytestmark = pytest.mark.requirement("R5.1")


def lost_at_noon(pair: Pair, role: str = "notary") -> Change:
    """Rounds were drawn in both lanes, lane 0 holds a seal that was not; then the key is lost."""
    pair.draw(0, 10)
    pair.draw(1, 10)
    pair.draw(0, 5)
    change = Change(pair, role)
    change.seal_undrawn(0, 7)
    change.declare()
    return change


@pytest.mark.parametrize("role", ["notary", "auditor"])
def test_what_was_never_drawn_is_drawn_once_under_the_new_key(pair: Pair, role: str) -> None:
    change = lost_at_noon(pair, role)
    undrawn, taken = change.voided[0]
    if role == "auditor":
        # The notary signs first: it may have proven the seal that the auditor never did.
        assert isinstance(answer(pair.notary, _asked(pair, undrawn, taken)), bytes)
    change.sign()
    change.take_over()
    pair.clock.now += LATER
    final = change.draw(0, 23, 7)
    seal, again, _ = pair.asked[-1]
    assert again == taken, "the entries of the voided seal, in their order"
    assert (seal.epoch, seal.seq, seal.first_idx) == (1, undrawn.seq, undrawn.first_idx)
    assert seal.prev_seal_hash != undrawn.prev_seal_hash
    assert final.seal_hash != rounds.seal_hash_of(rounds.encode_seal(undrawn))
    change.draw(0, 23, 5)
    change.draw(1, 23, 5)


@pytest.mark.parametrize("role", ["notary", "auditor"])
def test_whoever_finds_the_lost_key_gets_no_second_draw(pair: Pair, role: str) -> None:
    """With the old key found again and the platform's help there is still no proof of the other."""
    change = lost_at_noon(pair, role)
    change.sign()
    seal, taken = change.voided[0]
    asked = _asked(pair, seal, taken)
    if role == "notary":
        proof = answer(change.old_desk, asked)
        assert isinstance(proof, bytes), "the thief's signer proves whatever it is asked"
        asked = replace(asked, previous_final=None, pi_notary=proof)
    assert answer(change.survivor, asked) is No.EPOCH_OVER
    assert answer(change.successor, asked) in (No.EPOCH_OVER, No.CONFIG_UNKNOWN)
    evidence = status_of(change.survivor)["refusals"][0]
    assert (evidence["code"], evidence["seal"]) == ("epoch_over", asked.seal.hex())


def test_even_a_drawn_round_is_not_proven_again(pair: Pair) -> None:
    change = lost_at_noon(pair)
    change.sign()
    seal, taken, _ = pair.asked[2]
    again = request_for(seal, taken, pi_notary=rounds.decode_final(pair.asked[2][2]).pi_notary)
    assert answer(change.survivor, again) is No.EPOCH_OVER


@pytest.mark.parametrize("role", ["notary", "auditor"])
def test_a_campaign_changes_a_key_once(pair: Pair, role: str) -> None:
    change = lost_at_noon(pair, role)
    change.sign()
    assert sign_declaration(change.survivor, change.epoch) == change.epoch.signatures.survivor
    other = declared(replace(change.epoch.declaration, reason="again"))
    third = signer_from(seed_for("a third key")).key.hex()
    rival = declared(replace(change.epoch.declaration, new_key=third), successor="a third key")
    for one in (other, rival):
        for desk in (change.survivor, change.successor):
            assert no_of(sign_declaration(desk, one)) == "epoch_taken"
    reopened = open_desk(pair.home / change.survivor.role, change.survivor.role, pair.clock)
    assert no_of(sign_declaration(reopened, other)) == "epoch_taken"


def test_a_round_that_both_proved_is_drawn_and_not_voided(pair: Pair) -> None:
    """The auditor proved it and the platform never drew it: the outcome is fixed already."""
    pair.draw(0, 10)
    change = Change(pair)
    seal, taken = change.seal_undrawn(0, 7)
    proofs = pair.ask(seal, taken)
    assert isinstance(proofs, tuple)
    change.declare()
    given = sign_declaration(change.survivor, change.epoch)
    assert no_of(given) == "round_proven"
    asked = request_for(seal, [])
    assert change.survivor.recall(asked) == proofs
    forged = replace(asked, signature=SIGNERS["notary"].sign(epochs.Purpose.SEAL, asked.seal))
    assert no_of(change.survivor.recall(forged)) == "seal_unsigned"
    unknown = SealRequest(seal=asked.seal[:-1] + b"x", signature=asked.signature, entries=b"")
    assert no_of(change.survivor.recall(unknown)) == "not_found"
    # Not even by saying nothing of the seal.
    change.voided.clear()
    change.day.lanes[0].entries = [*taken, *change.day.lanes[0].entries]
    assert no_of(sign_declaration(change.survivor, change.declare())) == "epoch_differs"


@pytest.mark.parametrize(
    ("changes", "no"),
    [
        ({"platform": "another"}, "config_unknown"),
        ({"epoch_start": "22" * 32}, "config_unknown"),
        ({"log": epochs.LogHead(size=1, root="11" * 32)}, "log_forked"),
        ({"keys": replace(KEYS, notary=KEYS.approver)}, "config_unknown"),
        ({"keys": replace(KEYS, auditor=KEYS.notary)}, "not_my_key"),
        ({"role": "auditor"}, "not_my_key"),
    ],
    ids=["series", "start", "log", "old key", "own key", "role"],
)
def test_a_declaration_that_does_not_fit_the_book_is_not_signed(
    pair: Pair, changes: dict[str, Any], no: str
) -> None:
    change = lost_at_noon(pair)
    pair.auditor.book.record_checkpoint("huiquan/2026-mashangyouli", 3, b"r" * 32, "")
    given = sign_declaration(pair.auditor, change.declare(**changes))
    assert no_of(given) == no


def test_lanes_go_on_where_the_book_ends(pair: Pair) -> None:
    change = lost_at_noon(pair)
    first, second = change.epoch.declaration.lanes
    wrong = [
        (first._replace(next_idx=first.next_idx + 1), second),
        (first._replace(next_seq=first.next_seq - 1), second),
        (first._replace(last_seal_hash=second.last_seal_hash), second),
        (first, epochs.LaneStart(0, 0, "00" * 32)),
        (first,),
    ]
    for lanes in wrong:
        given = sign_declaration(pair.auditor, change.declare(lanes=lanes))
        assert no_of(given) in ("epoch_differs", "config_unknown")
    assert pair.auditor.book.declarations() == []


def test_nobody_signs_what_the_platform_did_not(pair: Pair) -> None:
    change = lost_at_noon(pair)
    forged = replace(
        change.epoch,
        signatures=replace(change.epoch.signatures, platform=change.epoch.signatures.survivor),
    )
    assert no_of(sign_declaration(pair.auditor, forged)) == "declaration_unsigned"


def test_the_new_key_signs_only_after_the_remaining_signer(pair: Pair, tmp_path: Path) -> None:
    change = lost_at_noon(pair)
    new = open_desk(tmp_path / "n", "notary", pair.clock, party=NEW)
    forged = declared(change.epoch.declaration, survivor="platform")
    assert no_of(sign_declaration(new, forged)) == "declaration_unsigned"
    stranger = open_desk(tmp_path / "s", "notary", pair.clock, party="stranger")
    assert no_of(sign_declaration(stranger, change.epoch)) == "not_my_key"


def test_a_config_of_the_new_epoch_repeats_the_days_and_names_the_declared_keys(
    pair: Pair,
) -> None:
    change = lost_at_noon(pair)
    fine = successor_of(pair.day, change.epoch.declaration)
    assert offer(pair.auditor, fine) == "not_declared"
    change.sign()
    start = change.epoch.declaration.epoch_start
    other = replace(fine.days[20260206], topups=fine.days[20260206].topups[:-1])
    for wrong, no in (
        (replace(fine, keys=replace(fine.keys, auditor=KEYS.notary)), "not_my_key"),
        (replace(fine, keys=KEYS), "epoch_changed"),
        (replace(fine, epoch_start=None), "epoch_changed"),
        (replace(fine, epoch=2), "epoch_changed"),
        (replace(fine, campaign_key="22" * 32), "epoch_changed"),
        (replace(fine, days={20260206: other}), "day_changed"),
        (replace(fine, tiers={**fine.tiers, 1: replace(fine.tiers[1], face_fen=1)}), "day_changed"),
    ):
        assert offer(pair.auditor, wrong) == no
    assert fine.epoch_start == start
    pair.clock.now += timedelta(seconds=1)
    assert offer(pair.auditor, fine) == "too_late"


def test_the_new_key_signs_nothing_before_it_knows_the_day(pair: Pair) -> None:
    change = lost_at_noon(pair)
    change.sign()
    config = successor_of(pair.day, change.epoch.declaration)
    assert offer(change.successor, config) == ""
    change.take_over()
    pair.clock.now += LATER
    fresh = open_desk(pair.home / "fresh", "notary", pair.clock, party=NEW)
    fresh.book.record_declaration(
        change.epoch.declaration.series, epochs.encode_epoch(change.epoch), 0, []
    )
    fresh.register.add(Accepted(pair.day.config, pair.day.cfg_hash))
    seal, taken = pair.day.seal(0, 23, 7)
    assert answer(fresh, _asked(pair, seal, taken)) is No.BEHIND
    assert isinstance(answer(change.successor, _asked(pair, seal, taken)), bytes)


def test_nobody_enters_twice_on_the_day_of_the_change(pair: Pair) -> None:
    change = lost_at_noon(pair)
    change.sign()
    change.take_over()
    pair.clock.now += LATER
    drawn_before = pair.asked[0][1][0]
    lane = pair.day.lanes[0]
    lane.entries[0] = replace(drawn_before, idx=lane.entries[0].idx)
    seal, taken = pair.day.seal(0, 23, 7)
    for desk in (change.survivor, change.successor):
        request = _asked(pair, seal, taken)
        if desk is change.survivor:
            proof = change.successor.key.prove(
                b"lotto/v1/vrf/N\0" + rounds.seal_hash_of(request.seal)
            )
            request = replace(request, pi_notary=proof)
        assert answer(desk, request) is No.PID_TWICE


def test_a_new_key_may_learn_a_lane_from_the_first_round_of_a_day(pair: Pair) -> None:
    change = lost_at_noon(pair)
    change.sign()
    assert offer(change.successor, pair.day.config) == ""
    first, _, third = change.past()
    for lie in (None, first.seal, third.seal, b"x"):
        given = change.successor.catch_up([replace(third, before=lie)])
        assert no_of(given) == "seq_gap", "the day did not begin there"
    earlier = replace(rounds.decode_seal(first.seal), day=20260205)
    assert no_of(
        change.successor.catch_up([replace(third, before=rounds.encode_seal(earlier))])
    ) in ("chain_broken", "seq_gap")


def test_a_witness_takes_the_new_configs_as_platform_and_department_signed_them(
    pair: Pair, tmp_path: Path
) -> None:
    witness = open_desk(tmp_path / "w", "witness", pair.clock, party="auditor")
    assert offer(witness, pair.day.config) == ""
    change = lost_at_noon(pair)
    assert offer(witness, successor_of(pair.day, change.epoch.declaration)) == ""


def test_the_folder_goes_from_the_platform_to_both_signers(pair: Pair) -> None:
    change = lost_at_noon(pair)
    folder = pair.home / "folder"
    folder.mkdir()
    new = open_desk(pair.home / "new", "notary", pair.clock, party=NEW)
    said: list[str] = []
    with pytest.raises(NotDeclaredError, match="cannot be read"):
        declare(pair.auditor, folder, _types(""), said.append)
    draft = DraftFile(
        declaration=change.epoch.raw.decode(), platform=change.epoch.signatures.platform.hex()
    )
    (folder / DECLARATION).write_bytes(write_file(draft))
    with pytest.raises(NotDeclaredError, match="has not signed yet"):
        declare(new, folder, _types(""), said.append)
    with pytest.raises(NotDeclaredError, match="nothing was signed"):
        declare(pair.auditor, folder, _types("0" * 30), said.append)
    assert pair.auditor.book.declarations() == []
    print_of_new = fingerprint_of(NEW_SIGNER.key)
    for desk in (pair.auditor, new, new):
        path = declare(desk, folder, _types(print_of_new), said.append)
        assert path == folder / answer_name(desk.role)
    assert any(print_of_new in line for line in said)
    told = AnswerFile(
        role="auditor",
        key=KEYS.auditor,
        declaration_hash=change.epoch.hash.hex(),
        signature=change.epoch.signatures.survivor.hex(),
    )
    assert (folder / answer_name("auditor")).read_bytes() == write_file(told)


def _types(words: str) -> Any:
    return lambda question: words


def _asked(pair: Pair, seal: rounds.Seal, taken: list[rounds.Entry]) -> SealRequest:
    return request_for(seal, taken, previous_final=pair.finals.get(seal.lane))


def test_a_stopped_signer_declares_nothing(pair: Pair) -> None:
    change = lost_at_noon(pair)
    stop_or_resume(pair.auditor.book, "stop", "王公证员", "核对", pair.clock.now)
    assert no_of(sign_declaration(pair.auditor, change.epoch)) == "stopped"
