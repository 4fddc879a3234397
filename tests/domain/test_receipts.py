"""Receipts: a consumer's own proof, which nobody can take apart and put together anew.  回执"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from huiquan.domain import draw_config, merkle, receipts, rounds
from huiquan.domain.lottery import Outcome
from huiquan.domain.receipts import BadReceiptError, LogProof, OutcomeReceipt
from huiquan.domain.signing import is_text_signed
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_receipt import verify_outcome_receipt
from tests.domain.draw_days import KEYS, OPENS, SIGNERS, DrawDay, a_config, draw_sealed

PLATFORM = SIGNERS["platform"]
TABLES_BY_PACK = a_config().days[20260206].tables


def a_drawn_lane() -> tuple[DrawDay, list[rounds.Entry], OutcomeReceipt]:
    """A day with one drawn round of lane 0, its entries, and the receipt of its fourth entry."""
    day = DrawDay()
    day.enter(120)
    taken = day.lanes[0].entries[:30]
    row = day.draw(0, 10, 30)
    return day, taken, receipt_of(day, taken, row, 3)


def receipt_of(day: DrawDay, taken: list[rounds.Entry], row: object, place: int) -> OutcomeReceipt:
    """The outcome receipt of one entry of a drawn round that is the only leaf of the log."""
    seal, final = row.seal, row.final  # type: ignore[attr-defined]
    hashes = [merkle.leaf_hash(rounds.encode_entry(entry)) for entry in taken]
    outcome = draw_sealed(rounds.decode_seal(bytes.fromhex(seal)), taken, day.tables)[1].outcomes
    path = merkle.inclusion_path(place, len(taken), merkle.nodes_of(hashes))
    return OutcomeReceipt(
        entry=rounds.encode_entry(taken[place]).hex(),
        path=tuple(step.hex() for step in path),
        seal=seal,
        final=final,
        table=day.config.days[day.day].tables[taken[place].pack],
        outcome=outcome[place],
        log=LogProof(index=0, size=1, path=(), checkpoint=day.notes[0]),
    )


DAY, TAKEN, RECEIPT = a_drawn_lane()
ROW = DAY.rows[0]
NONCE = TAKEN[3].client_nonce


@pytest.mark.requirement("R1.3")
def test_every_entry_of_a_round_has_a_receipt_that_holds() -> None:
    seen = set()
    for place in range(len(TAKEN)):
        receipt = receipt_of(DAY, TAKEN, ROW, place)
        verdict = verify_outcome_receipt(receipt, KEYS, DAY.raw_config, TAKEN[place].client_nonce)
        assert verdict.is_right, verdict
        assert verdict.checked == ("nonce", "entry", "config", "proofs", "outcome", "log")
        assert not verdict.unchecked
        seen.add((receipt.outcome.tier > 0, receipt.outcome.kept))
    assert seen == {(False, False), (True, False), (True, True)}


def test_what_is_not_at_hand_is_not_claimed_to_be_checked() -> None:
    verdict = verify_outcome_receipt(RECEIPT, KEYS)
    assert verdict.is_right
    assert verdict.unchecked == ("nonce", "config", "log")
    offline = verify_outcome_receipt(replace(RECEIPT, log=None), KEYS, DAY.raw_config)
    assert offline.unchecked == ("nonce", "log")


def other_final(**changes: object) -> str:
    """The receipt's final with changed fields."""
    final = rounds.decode_final(bytes.fromhex(RECEIPT.final))
    return rounds.encode_final(replace(final, **changes)).hex()  # type: ignore[arg-type]


def other_log(**changes: object) -> LogProof:
    """The receipt's log proof with changed fields."""
    assert RECEIPT.log is not None
    return replace(RECEIPT.log, **changes)  # type: ignore[arg-type]


OTHER = receipt_of(DAY, TAKEN, ROW, 4)
WRONG_OUTCOME = Outcome(1, True) if RECEIPT.outcome.tier != 1 else Outcome(2, True)
NOTE = DAY.notes[0]
ELSEWHERE = DrawDay(config=a_config(log=replace(DAY.config.log, origin="huiquan/other")))
ELSEWHERE.enter(9)
ELSEWHERE.draw(0, 10)

FORGED = {
    "another's entry": ({"entry": OTHER.entry}, Wrong.NOT_YOURS),
    "another's path": ({"path": OTHER.path}, Wrong.WRONG_ROOT),
    "a path too short": ({"path": RECEIPT.path[:-1]}, Wrong.WRONG_ROOT),
    "another outcome": ({"outcome": WRONG_OUTCOME}, Wrong.WRONG_DRAW),
    "another table": ({"table": (("1", 1),)}, Wrong.WRONG_TABLE),
    "half a seal": ({"seal": RECEIPT.seal[:-2]}, Wrong.UNREADABLE),
    "half a final": ({"final": RECEIPT.final[:-2]}, Wrong.UNREADABLE),
    "another seed": ({"final": other_final(seed=bytes(32))}, Wrong.WRONG_DRAW),
    "a swapped proof": (
        {"final": other_final(pi_notary=rounds.decode_final(bytes.fromhex(ROW.final)).pi_auditor)},
        Wrong.BAD_PROOF,
    ),
    "no auditor": ({"final": other_final(pi_auditor=bytes(80))}, Wrong.BAD_PROOF),
    "another round's final": ({"final": other_final(seal_hash=bytes(32))}, Wrong.CHAIN_BROKEN),
    "more kept than there was": ({"final": other_final(kept=(99, 99, 99))}, Wrong.WRONG_STOCK),
    "cut with stock left": (
        {"final": other_final(kept=(0, 0, 0), cut=(1, 1, 1))},
        Wrong.WRONG_STOCK,
    ),
    "a final of one tier": (
        {"final": other_final(kept=(0,), cut=(0,), last_kept_rank=(bytes(32),))},
        Wrong.WRONG_TABLE,
    ),
    "a log without the round": ({"log": other_log(index=1, size=2)}, Wrong.LOG_BROKEN),
    "a path in the log": ({"log": other_log(path=("00" * 32,))}, Wrong.NOT_LOGGED),
    "another log": ({"log": other_log(checkpoint=ELSEWHERE.notes[0])}, Wrong.LOG_BROKEN),
    "a note that is none": ({"log": other_log(checkpoint="hello")}, Wrong.UNREADABLE),
    "one witness": (
        {"log": other_log(checkpoint=NOTE[: NOTE.rindex("—")])},
        Wrong.NO_QUORUM,
    ),
    "no platform": (
        {"log": other_log(checkpoint=NOTE.replace("— huiquan", "— huiqian"))},
        Wrong.BAD_SIGNATURE,
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_receipt_is_found_out(name: str) -> None:
    changes, wrong = FORGED[name]
    verdict = verify_outcome_receipt(replace(RECEIPT, **changes), KEYS, DAY.raw_config, NONCE)
    assert verdict.finding is not None
    assert verdict.finding.wrong is wrong
    assert verdict.finding.wrong.zh
    assert not verdict.is_right


def seal_with(**changes: object) -> dict[str, str]:
    """The receipt's seal with changed fields."""
    seal = rounds.decode_seal(bytes.fromhex(RECEIPT.seal))
    return {"seal": rounds.encode_seal(replace(seal, **changes)).hex()}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"first_idx": 90}, Wrong.WRONG_ENTRY),
        ({"lane": 1}, Wrong.WRONG_ENTRY),
        ({"day": 20260207}, Wrong.WRONG_ENTRY),
        ({"root": bytes(32)}, Wrong.WRONG_ROOT),
        ({"cfg_hash": bytes(32)}, Wrong.CONFIG_UNKNOWN),
        ({"left_before": (1,)}, Wrong.CONFIG_UNKNOWN),
        ({"left_before": (1, 2, 3)}, Wrong.CHAIN_BROKEN),
    ],
)
def test_a_receipt_with_another_seal_is_found_out(changes: dict[str, object], wrong: Wrong) -> None:
    forged = replace(RECEIPT, **seal_with(**changes))
    verdict = verify_outcome_receipt(forged, KEYS, DAY.raw_config, NONCE)
    assert verdict.finding is not None
    assert verdict.finding.wrong is wrong


def test_a_config_other_than_the_published_one_is_found_out() -> None:
    stranger = replace(KEYS, approver=KEYS.platform)
    verdict = verify_outcome_receipt(RECEIPT, stranger, DAY.raw_config)
    assert verdict.finding is not None
    assert verdict.finding.wrong is Wrong.KEYS_DIFFER
    verdict = verify_outcome_receipt(RECEIPT, KEYS, b"{}")
    assert verdict.finding is not None
    assert verdict.finding.wrong is Wrong.UNREADABLE


def test_a_person_in_anothers_lane_is_found_out() -> None:
    """The platform puts someone into lane 0 who belongs to lane 1, and everyone signs."""
    day = DrawDay()
    day.enter(60)
    stranger = day.lanes[1].entries[0]
    day.lanes[0].entries[0] = replace(stranger, lane=0, idx=0)
    taken = day.lanes[0].entries[:20]
    row = day.draw(0, 10, 20)
    verdict = verify_outcome_receipt(receipt_of(day, taken, row, 0), KEYS, day.raw_config)
    assert verdict.finding is not None
    assert verdict.finding.wrong is Wrong.WRONG_LANE


def test_an_outcome_receipt_travels_as_json_and_back() -> None:
    wire = msgspec.json.decode(msgspec.json.encode(receipts.outcome_receipt_json(RECEIPT)))
    assert wire["outcome"] == {"tier": RECEIPT.outcome.tier, "kept": RECEIPT.outcome.kept}
    assert receipts.outcome_receipt_from_json(wire) == RECEIPT


@pytest.mark.parametrize(
    "changes",
    [{"seal": "xx"}, {"seal": 1}, {"outcome": None}, {"outcome": {}}, {"format": "other"},
     {"table": [["0", 1]]}, {"path": ["00"]}, {"log": 1}],
)  # fmt: skip
def test_another_shape_is_no_outcome_receipt(changes: dict[str, object]) -> None:
    with pytest.raises(BadReceiptError):
        receipts.outcome_receipt_from_json(receipts.outcome_receipt_json(RECEIPT) | changes)


# The entry receipt: the proof that an entry was accepted, before anyone knew the outcome.

AT = OPENS + timedelta(seconds=3, microseconds=123_999)
SAID = [(DAY.cfg_hash, rounds.encode_entry(entry), AT) for entry in TAKEN[:7]]
BATCH = receipts.entry_receipts(PLATFORM, SAID, 60)
ENTRY_RECEIPT = BATCH[3]
RAW = ENTRY_RECEIPT.entry


@pytest.mark.requirement("R1.3")
def test_an_entry_receipt_binds_config_entry_time_and_promise() -> None:
    assert receipts.is_entry_receipt(ENTRY_RECEIPT, PLATFORM.key, NONCE)
    changed: list[dict[str, object]] = [
        {"promise_s": 61},
        {"cfg_hash": bytes(32)},
        {"entered_at": AT + timedelta(milliseconds=1)},
        {"entry": rounds.encode_entry(TAKEN[4])},
        {"platform_key": SIGNERS["notary"].key},
        {"index": 2},
        {"size": 8},
        {"path": ENTRY_RECEIPT.path[:-1]},
        {"path": (*ENTRY_RECEIPT.path, bytes(32))},
        {"path": ()},
    ]
    for fields in changed:
        forged = msgspec.structs.replace(ENTRY_RECEIPT, **fields)
        assert not receipts.is_entry_receipt(forged, PLATFORM.key, NONCE), fields
    assert not receipts.is_entry_receipt(ENTRY_RECEIPT, SIGNERS["notary"].key, NONCE)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 8, 13, 30])
def test_everyone_answered_at_once_holds_a_proof_under_one_signature(size: int) -> None:
    """The signed bytes are made again from the page alone: u32 and the root of RFC 6962."""
    said = [(DAY.cfg_hash, rounds.encode_entry(entry), AT) for entry in TAKEN[:size]]
    batch = receipts.entry_receipts(PLATFORM, said, 60)
    statements = [
        DAY.cfg_hash + raw + receipts.milliseconds(AT).to_bytes(8) + (60).to_bytes(4)
        for _, raw, _ in said
    ]
    signed = b"lotto/v1/receipt/entry\0" + size.to_bytes(4) + merkle.root_of(statements)
    for place, receipt in enumerate(batch):
        assert is_text_signed(PLATFORM.key, signed, receipt.signature)
        assert receipts.is_entry_receipt(receipt, PLATFORM.key, TAKEN[place].client_nonce)
        assert (receipt.index, receipt.size) == (place, size)


def test_nobody_answered_needs_no_signature() -> None:
    assert receipts.entry_receipts(PLATFORM, [], 60) == []


def test_a_receipt_made_again_is_the_same_statement_signed_alone() -> None:
    (again,) = receipts.entry_receipts(PLATFORM, SAID[3:4], 60)
    assert (again.index, again.size, again.path) == (0, 1, ())
    assert receipts.is_entry_receipt(again, PLATFORM.key, NONCE)
    assert receipts.entry_receipts(PLATFORM, SAID[3:4], 60) == [again]


def test_one_leaf_shown_to_two_people_is_noticed_by_one_of_them() -> None:
    assert not receipts.is_entry_receipt(ENTRY_RECEIPT, PLATFORM.key, TAKEN[4].client_nonce)


def test_an_entry_receipt_travels_as_json_and_back() -> None:
    wire = msgspec.json.decode(msgspec.json.encode(receipts.entry_receipt_text(ENTRY_RECEIPT)))
    assert wire == receipts.entry_receipt_json(ENTRY_RECEIPT)
    assert wire["entered_at"] == "2026-02-06T10:00:03.123+08:00"
    assert (wire["lane"], wire["idx"], wire["day"]) == (0, 3, 20260206)
    assert (wire["index"], wire["size"], len(wire["path"])) == (3, 7, 3)
    back = receipts.entry_receipt_from_json(wire)
    assert receipts.is_entry_receipt(back, PLATFORM.key, NONCE)
    for broken in ({}, wire | {"entry": "xx"}, wire | {"promise": None}, wire | {"path": [1]}):
        with pytest.raises(BadReceiptError):
            receipts.entry_receipt_from_json(broken)


@pytest.mark.parametrize(
    "at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 2, 6, 1, 2, 3, 999_999, tzinfo=UTC)]
)
def test_milliseconds_are_exact(at: datetime) -> None:
    whole = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert receipts.milliseconds(at) == whole


def test_a_config_is_the_same_for_every_receipt() -> None:
    assert draw_config.cfg_hash_of(DAY.raw_config) == DAY.cfg_hash
    assert DAY.config.days[DAY.day].tables == TABLES_BY_PACK
