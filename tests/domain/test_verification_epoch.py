"""A change of keys, checked from the files alone: the day of it, the day after, and every lie."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huiquan.domain import epochs, exports, rounds
from huiquan.domain.exports import PublishedKeys
from huiquan.domain.monitoring import (
    Finding,
    Followed,
    LogFlaw,
    LogPolicy,
    PlatformKey,
    decode_followed,
    encode_followed,
    follow,
    judge_declaration,
    judge_note,
)
from huiquan.domain.verdict_sentences import Sentence, checked_sentence, found_sentence
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_day import verify_day
from huiquan.domain.verification_quick import read_quickly
from tests.domain.changed_days import (
    NEW,
    ChangedDay,
    a_changed_day,
    a_day_behind,
    declared,
    draw_all,
    the_next_day,
)
from tests.domain.draw_days import (
    DAY,
    LOG_OF_THREE,
    OPENS,
    SAME,
    DrawDay,
    a_config,
    a_drawn_day,
    a_plan,
    cosigned_note,
    published_keys,
    sign_manifest,
)

pytestmark = pytest.mark.requirement("R5.1")
CHANGED = a_changed_day()
FILES = CHANGED.files()
NEW_KEYS = published_keys({**SAME, "notary": NEW})


def found(files: dict[str, bytes], pinned: PublishedKeys | None = None) -> Wrong | None:
    """What both readings say is wrong."""
    plain = verify_day(files, pinned).finding
    quick = verify_day(files, pinned, read_quickly).finding
    assert plain == quick
    return None if plain is None else plain.wrong


@pytest.mark.parametrize("role", ["notary", "auditor"])
def test_the_day_of_the_change_and_the_day_after_it_are_right(role: str) -> None:
    changed = a_changed_day(role)
    verdict = verify_day(changed.files())
    assert verdict.finding is None
    assert verdict.checked[1] == "epoch"
    assert verdict.numbers["epoch"] == {"before": 3, "after": 7}
    assert found(a_day_behind(changed)[1]) is None


def test_keys_that_were_known_before_lead_to_those_behind_the_change() -> None:
    _, behind = a_day_behind(CHANGED)
    for files in (FILES, behind):
        assert found(files, published_keys()) is None
        assert found(files, NEW_KEYS) is None
        assert found(files, replace(NEW_KEYS, auditor=NEW_KEYS.notary)) is Wrong.KEYS_DIFFER


def resigned(changed: ChangedDay, change: Callable[[dict[str, bytes]], None]) -> dict[str, bytes]:
    """The export with a change in its files, signed by all three again."""
    files = changed.files()
    del files["manifest.json"]
    change(files)
    return files | {"manifest.json": changed.day.manifest(files)}


@pytest.mark.parametrize(
    ("forged", "wrong"),
    [
        ({"platform": "notary"}, Wrong.BAD_SIGNATURE),
        ({"survivor": "platform"}, Wrong.BAD_SIGNATURE),
        ({"successor": "notary"}, Wrong.BAD_SIGNATURE),
    ],
    ids=["platform", "remaining signer", "new key"],
)
def test_a_declaration_that_one_of_the_three_did_not_sign_is_found(
    forged: dict[str, str], wrong: Wrong
) -> None:
    lie = declared(CHANGED.epoch.declaration, **forged)
    files = resigned(CHANGED, lambda files: files.update({"epoch.json": epochs.encode_epoch(lie)}))
    assert found(files) is wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"reason": "a second declaration"}, Wrong.CHAIN_BROKEN),
        ({"new_key": "another"}, Wrong.KEYS_DIFFER),
        ({"campaign": "another"}, Wrong.EPOCH_UNDECLARED),
        ({"epoch_start": "22" * 32}, Wrong.KEYS_DIFFER),
    ],
)
def test_another_declaration_than_the_one_in_the_log_is_found(
    changes: dict[str, Any], wrong: Wrong
) -> None:
    successor = NEW
    if "new_key" in changes:
        changes, successor = {"new_key": published_keys({**SAME, "notary": "x"}).notary}, "x"
    lie = declared(replace(CHANGED.epoch.declaration, **changes), successor=successor)
    files = resigned(CHANGED, lambda files: files.update({"epoch.json": epochs.encode_epoch(lie)}))
    assert found(files) is wrong


def test_a_new_epoch_without_a_declaration_and_a_declaration_without_one_are_found() -> None:
    without = resigned(CHANGED, lambda files: files.pop("epoch.json") and None)
    assert found(without) is Wrong.EPOCH_UNDECLARED
    day, files = a_drawn_day()
    del files["manifest.json"]
    files["epoch.json"] = FILES["epoch.json"]
    assert found(files | {"manifest.json": day.manifest(files)}) is Wrong.EPOCH_UNDECLARED
    unread = resigned(CHANGED, lambda files: files.update({"epoch.json": b"{}"}))
    assert found(unread) is Wrong.UNREADABLE


def with_the_old_key(changed: ChangedDay) -> None:
    """One more round is drawn with the lost key, behind the declaration."""
    day = changed.day
    changed.enter(30)
    new, parties = day.config, day.parties
    day.change_config(a_config())
    day.parties = SAME
    day.draw(0, 23, 5)
    day.change_config(new)
    day.parties = parties
    for lane in day.lanes:
        if lane.entries:
            day.draw(lane.lane, 23, 30)


def test_a_round_that_the_lost_key_signed_behind_the_declaration_is_found() -> None:
    changed = a_changed_day()
    with_the_old_key(changed)
    assert found(changed.files()) is Wrong.OLD_KEY_USED


def test_a_checkpoint_that_the_lost_key_cosigned_behind_the_declaration_is_found() -> None:
    changed = a_changed_day()
    changed.day.notes[-1] = cosigned_note(changed.day.config, changed.day.frontier, SAME)
    assert found(changed.files()) is Wrong.OLD_KEY_USED


def test_a_log_that_hides_or_moves_the_declaration_is_found() -> None:
    leaf = CHANGED.day.leaves.index(next(one for one in CHANGED.day.leaves if isinstance(one, str)))
    for order in (
        lambda leaves: [*leaves[:leaf], *leaves[leaf + 1 :]],
        lambda leaves: [*leaves[: leaf - 1], leaves[leaf], leaves[leaf - 1], *leaves[leaf + 1 :]],
        lambda leaves: [*leaves[:leaf], leaves[leaf + 1], leaves[leaf], *leaves[leaf + 2 :]],
    ):
        changed = a_changed_day()
        changed.day.leaves = order(changed.day.leaves)
        assert found(changed.files()) in (Wrong.LOG_BROKEN, Wrong.OLD_KEY_USED)


def test_a_lane_that_goes_on_elsewhere_than_declared_is_found() -> None:
    """Entries that were sealed and never drawn are dropped, or drawn under another link."""
    for field in ("next_idx", "prev", "next_seq"):
        changed = ChangedDay()
        changed.enter(60)
        changed.day.draw(0, 10, 15)
        changed.voided[0] = changed.day.seal(0, 10, 5)
        changed.change()
        lane = changed.day.lanes[0]
        if field == "next_idx":
            dropped = lane.entries.pop(0)
            changed.entered[0].remove(dropped)
        elif field == "prev":
            lane.prev = bytes.fromhex(changed.epoch.declaration.lanes[0].last_seal_hash)
        else:
            lane.next_seq += 1
        changed.day.draw(0, 23, 50)
        while changed.day.lanes[1].entries:
            changed.day.draw(1, 23, 50)
        assert found(changed.files()) in (Wrong.CHAIN_BROKEN, Wrong.IDX_GAP)


# Three witness the log, and the one whose key was changed cosigns it never again.


def days_around(role: str, cosigners: Sequence[str]) -> dict[str, dict[str, bytes]]:
    """The day before a change, that of the change, the one behind it; who cosigns from then on.

    The day before was exported in time, or only when the new key had to sign for it.
    """
    published = OPENS - timedelta(days=3)
    config = a_config(
        log=LOG_OF_THREE,
        published_at=published,
        active_from=published + timedelta(hours=12),
        days={day: a_plan(day=day) for day in (DAY - 1, DAY, DAY + 1)},
    )
    before = DrawDay(config=config, day=DAY - 1, cosigners=("notary", "auditor", "witness"))
    entered = draw_all(before)
    days = {"before": before.files(entered)}
    changed = a_changed_day(role, day=the_next_day(before, config), cosigners=cosigners)
    days |= {"of the change": changed.files(), "behind": a_day_behind(changed)[1]}
    before.parties, before.epoch_file = changed.day.parties, changed.day.epoch_file
    late = before.files(entered)
    del late["manifest.json"]
    manifest = replace(before.unsigned_manifest(late), epoch=1)
    days["before, late"] = late | {"manifest.json": sign_manifest(manifest, before.parties)}
    return days


@pytest.mark.parametrize(("role", "survivor"), [("notary", "auditor"), ("auditor", "notary")])
def test_days_verify_before_on_and_behind_a_change_after_which_that_witness_is_away(
    role: str, survivor: str
) -> None:
    days = days_around(role, (survivor, "witness"))
    said = {name: verify_day(files) for name, files in days.items()}
    assert {name: one.finding for name, one in said.items()} == dict.fromkeys(days)
    assert "epoch" not in said["before"].checked, "there is nothing to declare yet"
    told = {name: checked_sentence(said[name], "epoch") for name in days if name != "before"}
    declared_by = "换钥：公告有平台、另一签发方和新密钥的签名；"
    assert {name: one.zh for name, one in told.items()} == {
        "of the change": f"{declared_by}换钥前 3 轮，换钥后 7 轮",
        "behind": f"{declared_by}换钥前 0 轮，换钥后 4 轮",
        "before, late": f"{declared_by}换钥前 4 轮，换钥后 0 轮",
    }
    assert told["behind"].en == (
        "change of keys: declared by platform, remaining signer and new key; "
        "0 rounds before it, 4 behind it"
    )
    for name in told:
        for keys in (published_keys(), published_keys({**SAME, role: NEW})):
            assert found(days[name], keys) is None


def test_the_keys_published_since_serve_for_days_before_where_they_name_the_lost_one() -> None:
    """As the house's door names it. It stands for nothing behind the day of its declaration."""
    days = days_around("notary", ("auditor", "witness"))
    lost = {"campaign": "2026-mashangyouli", "role": "notary", "key": published_keys().notary}
    now = json.loads(exports.build_keys(NEW_KEYS))

    def known(**changes: str) -> PublishedKeys:
        one = {**lost, "declared_at": "2026-02-06T11:00:00+08:00", **changes}
        return exports.parse_keys(json.dumps({**now, "lost": [one]}).encode())

    assert {name: found(files, known()) for name, files in days.items()} == dict.fromkeys(days)
    for changes in (
        {"declared_at": "2026-02-04T11:00:00+08:00"},
        {"campaign": "another"},
        {"role": "auditor"},
        {"key": "22" * 32},
    ):
        assert found(days["before"], known(**changes)) is Wrong.KEYS_DIFFER
    assert found(days["before"], NEW_KEYS) is Wrong.KEYS_DIFFER


def test_one_witness_alone_is_too_few_behind_the_change_and_both_languages_say_where() -> None:
    days = days_around("notary", ("auditor",))
    said = {name: verify_day(files).finding for name, files in days.items()}
    assert (said["before"], said["before, late"]) == (None, None)
    for name, number in (("of the change", 4), ("behind", 1)):
        finding = said[name]
        assert finding is not None
        assert found_sentence(finding) == Sentence(
            zh=f"见证人签名不足：checkpoints.txt: 检查点 {number}",
            en=f"too few witnesses cosigned (no_quorum): checkpoints.txt: checkpoint {number}",
        )


# What a stranger sees who follows the log.

POLICY = LogPolicy(keys=PlatformKey(platform=NEW_KEYS.platform), log=a_config().log)


def log_of(changed: ChangedDay) -> list[bytes]:
    """The log's entries: rounds, and the declaration among them."""
    rows = {(row.lane, row.seq): row for row in changed.day.rows}
    return [
        epochs.leaf_of(changed.epoch)
        if isinstance(place, str)
        else rounds.log_leaf(*(bytes.fromhex(getattr(rows[place], n)) for n in ("seal", "final")))
        for place in changed.day.leaves
    ]


def flaw_of(given: object) -> LogFlaw | None:
    """What a look found."""
    return given.flaw if isinstance(given, Finding) else None


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_monitor_follows_the_log_across_the_change(cut: int) -> None:
    """From before it to behind it, in two looks; with keys from before it or from behind it."""
    log = log_of(CHANGED)
    first = follow(Followed(), log[:cut], CHANGED.epoch)
    assert not isinstance(first, Finding)
    seen = decode_followed(encode_followed(first[0]))
    second = follow(seen, log[cut:], CHANGED.epoch)
    assert not isinstance(second, Finding)
    assert second[0].edge.root() == CHANGED.day.frontier.root()
    assert second[0].declaration == CHANGED.epoch.hash.hex()
    raw = epochs.encode_epoch(CHANGED.epoch)
    behind = replace(POLICY, log=CHANGED.day.config.log)
    for policy in (POLICY, behind):
        assert judge_declaration(raw, policy, seen) == CHANGED.epoch
        for note in CHANGED.day.notes:
            assert flaw_of(judge_note(note, policy, CHANGED.epoch)) is None
    assert flaw_of(judge_note(CHANGED.day.notes[-1], POLICY)) is LogFlaw.NO_QUORUM


def test_a_monitor_finds_the_lost_key_and_every_forged_or_second_declaration() -> None:
    log, place = log_of(CHANGED), CHANGED.epoch.declaration.log.size
    assert flaw_of(follow(Followed(), log, None)) is LogFlaw.UNDECLARED
    twice = [*log[: place + 1], log[place], *log[place + 1 :]]
    assert flaw_of(follow(Followed(), twice, CHANGED.epoch)) is LogFlaw.UNDECLARED
    hidden = [*log[:place], *log[place + 1 :]]
    assert flaw_of(follow(Followed(), hidden, CHANGED.epoch)) is LogFlaw.UNDECLARED
    early = [*log[: place - 1], log[place], log[place - 1], *log[place + 1 :]]
    assert flaw_of(follow(Followed(), early, CHANGED.epoch)) is LogFlaw.UNDECLARED
    changed = a_changed_day()
    with_the_old_key(changed)
    assert flaw_of(follow(Followed(), log_of(changed), changed.epoch)) is LogFlaw.OLD_KEY
    late = cosigned_note(CHANGED.day.config, CHANGED.day.frontier, SAME)
    assert flaw_of(judge_note(late, POLICY, CHANGED.epoch)) is LogFlaw.OLD_KEY
    for forged in ({"platform": "notary"}, {"survivor": "platform"}, {"successor": "notary"}):
        lie = epochs.encode_epoch(declared(CHANGED.epoch.declaration, **forged))
        assert flaw_of(judge_declaration(lie, POLICY, Followed())) is LogFlaw.UNDECLARED
    other = declared(replace(CHANGED.epoch.declaration, reason="another"))
    met = Followed(declaration=CHANGED.epoch.hash.hex())
    for raw in (None, b"{}", epochs.encode_epoch(other)):
        assert flaw_of(judge_declaration(raw, POLICY, met)) is LogFlaw.UNDECLARED
    assert flaw_of(follow(Followed(), log, other)) is LogFlaw.UNDECLARED


def test_the_export_is_one_that_can_be_read_again() -> None:
    manifest, _ = exports.parse_manifest(FILES["manifest.json"])
    assert manifest.epoch == 1
    assert epochs.decode_epoch(FILES["epoch.json"]) == CHANGED.epoch
