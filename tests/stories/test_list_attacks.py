"""What a platform, or a backup, could try with a list, and what comes of it.  名单摇号攻击"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import UNSET

from huiquan.actions.import_list import import_list
from huiquan.actions.publish_config import publish_config
from huiquan.db.connection import Database
from huiquan.domain import list_files, merkle, rounds
from huiquan.domain.days import day_from_number, starts_at
from huiquan.domain.draw_config import (
    ConfigSignatures,
    cfg_hash_of,
    decode_config,
    encode_config,
)
from huiquan.domain.receipts import entry_receipt_from_json, is_entry_receipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Entry
from huiquan.domain.signing import Purpose, is_signed
from huiquan.views.lists import config_of_day
from notary.listdraw import NotDrawnError, draw
from notary.overview import evidence_of
from notary.refusals import No, Refused
from notary.stops import stop_or_resume
from tests.lists import CODE, DAY, PACK, SIGN_UP, ListHouse, files_in, list_house, reloaded

PEOPLE = 12


def another_list(
    standing: ListHouse, folder: Path, change: Callable[[list[Entry]], list[Entry]]
) -> Path:
    """A list that the platform seals and signs anew, over other people; in a folder of its own."""
    files = files_in(folder)
    told = json.loads(files["list.json"])
    entries = change(list(rounds.decode_entries(files["entries.bin"])))
    raw = rounds.encode_entries(entries)
    seal = replace(
        rounds.decode_seal(bytes.fromhex(told["seal"])),
        count=len(entries),
        root=merkle.root_of(rounds.split_entries(raw)),
    )
    sealed = rounds.encode_seal(seal)
    told["seal"] = sealed.hex()
    told["signature"] = standing.house.app.signer.sign(Purpose.SEAL, sealed).hex()
    changed = {"list.json": json.dumps(told).encode(), "entries.bin": raw}
    return standing.put({"config.json": files["config.json"], **changed}, "another")


def without_one(entries: list[Entry]) -> list[Entry]:
    """The list without its fifth person, numbered again so that no gap shows."""
    left = [entry for entry in entries if entry.idx != 4]
    return [replace(entry, idx=idx) for idx, entry in enumerate(left)]


def refusals(standing: ListHouse, role: str) -> list[str]:
    """Why a signer refused, as its book keeps it."""
    desk = standing.desk(role)
    codes = [row["code"] for row in desk.book.refusals(9)]
    desk.book.close()
    return codes


@pytest.mark.requirement("R5.1")
async def test_the_same_list_again_gets_the_same_answer(database: Database, tmp_path: Path) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        standing.hold("notary", folder)
        first = files_in(folder)["answer-notary.json"]
        standing.hold("notary", folder)
        assert files_in(folder)["answer-notary.json"] == first
        assert refusals(standing, "notary") == []


@pytest.mark.requirement("R5.1")
async def test_a_list_changed_after_sealing_is_drawn_by_nobody(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        raw = bytearray(files_in(folder)["entries.bin"])
        raw[40] ^= 1
        changed = standing.put({**files_in(folder), "entries.bin": bytes(raw)}, "changed")
        with pytest.raises(NotDrawnError, match="wrong_root"):
            standing.hold("notary", changed)
        assert refusals(standing, "notary") == ["wrong_root"]
        standing.hold("notary", folder)
        standing.hold("auditor", folder)
        for name in ("answer-notary.json", "answer-auditor.json"):
            (changed / name).write_bytes(files_in(folder)[name])
        told = await import_list(standing.house.app, CODE, DAY, files_in(changed), "s")
        assert told is Refusal.LIST_CHANGED


@pytest.mark.requirement("R5.1")
async def test_a_second_list_is_refused_and_both_seals_are_evidence(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        standing.hold("notary", folder)
        second = another_list(standing, folder, without_one)
        with pytest.raises(NotDrawnError, match="conflict"):
            standing.hold("notary", second)
        desk = standing.desk("notary")
        (kept,) = desk.book.refusals(9)
        evidence = json.loads(evidence_of(desk, kept["id"]) or b"")
        desk.book.close()
        platform = standing.house.app.signer.key
        for one in (evidence["refused"], evidence["signed"]):
            seal, signature = bytes.fromhex(one["seal"]), bytes.fromhex(one["signature"])
            assert is_signed(platform, Purpose.SEAL, seal, signature)
        assert evidence["refused"]["seal"] != evidence["signed"]["seal"]


@pytest.mark.requirement("R5.1")
async def test_who_was_removed_after_their_receipt_holds_the_proof(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        (told,) = await standing.sign_up(1, first=PEOPLE)
        receipt = entry_receipt_from_json(told)
        nonce = rounds.decode_entry(receipt.entry).client_nonce
        assert is_entry_receipt(receipt, standing.house.app.signer.key, nonce)
        folder = await standing.seal()

        def drop_last(entries: list[Entry]) -> list[Entry]:
            return entries[:-1]

        shorter = another_list(standing, folder, drop_last)
        standing.hold("notary", shorter)
        standing.hold("auditor", shorter)
        listed = rounds.split_entries(files_in(shorter)["entries.bin"])
        assert receipt.entry in rounds.split_entries(files_in(folder)["entries.bin"])
        assert receipt.entry not in listed
        # And the platform's own books take no draw over another list than the sealed one.
        told_back = await import_list(standing.house.app, CODE, DAY, files_in(shorter), "s")
        assert told_back is Refusal.LIST_CHANGED


@pytest.mark.requirement("R5.1")
async def test_a_gap_in_the_list_is_seen_by_the_notary(database: Database, tmp_path: Path) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        gap = another_list(standing, folder, lambda entries: entries[:4] + entries[5:])
        with pytest.raises(NotDrawnError, match="idx_gap"):
            standing.hold("notary", gap)


@pytest.mark.requirement("R5.1")
async def test_somebody_twice_on_the_list_is_seen_by_the_notary(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()

        def one_twice(entries: list[Entry]) -> list[Entry]:
            return [*entries, replace(entries[0], idx=len(entries))]

        with pytest.raises(NotDrawnError, match="pid_twice"):
            standing.hold("notary", another_list(standing, folder, one_twice))


@pytest.mark.requirement("R5.1")
async def test_a_restored_book_draws_no_second_list(database: Database, tmp_path: Path) -> None:
    """The notary's home is put back as it was before the draw, and another list is brought."""
    async with list_house(database, tmp_path, PEOPLE) as standing:
        home, backup = standing.homes["notary"], tmp_path / "backup"
        shutil.copytree(home, backup)
        before = standing.status_of("auditor").read_bytes()
        folder = await standing.seal()
        standing.hold("notary", folder)
        standing.hold("auditor", folder)
        shutil.rmtree(home)
        shutil.copytree(backup, home)
        second = another_list(standing, folder, without_one)
        with pytest.raises(NotDrawnError, match="behind"):
            standing.hold("notary", second)
        # With the auditor's status of before the draw the notary cannot know; the auditor does.
        stale = standing.folder / "status-before.json"
        stale.write_bytes(before)
        standing.status_of = lambda _: stale  # type: ignore[method-assign]
        standing.house.clock.now -= timedelta(hours=12)
        with pytest.raises(NotDrawnError):
            standing.hold("notary", second)
        standing.house.clock.now += timedelta(hours=12)
        desk = standing.desk("notary")
        desk.ready = True
        draw(desk, second, lambda _: str(PEOPLE - 1), standing.said.append)
        desk.book.close()
        with pytest.raises(NotDrawnError, match="conflict"):
            standing.hold("auditor", second)
        assert refusals(standing, "auditor") == ["conflict"]


async def test_an_old_status_of_the_auditor_is_not_enough(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        old = standing.status_of("auditor")
        folder = await standing.seal()
        standing.status_of = lambda _: old  # type: ignore[method-assign]
        with pytest.raises(NotDrawnError, match="older than a day"):
            standing.hold("notary", folder)


@pytest.mark.requirement("R5.1")
async def test_the_auditor_draws_after_the_notary_and_checks_its_proof(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        with pytest.raises(NotDrawnError, match="not drawn yet"):
            standing.hold("auditor", folder)
        standing.hold("notary", folder)
        answer = json.loads(files_in(folder)["answer-notary.json"])
        proof = bytes.fromhex(answer["pi"])
        forged = answer | {"pi": (proof[:40] + bytes((proof[40] ^ 1,)) + proof[41:]).hex()}
        bad = standing.put(
            {**files_in(folder), "answer-notary.json": json.dumps(forged).encode()}, "bad"
        )
        with pytest.raises(NotDrawnError):
            standing.hold("auditor", bad)
        assert list_files.answer_name("auditor") not in files_in(folder)
        told = await import_list(standing.house.app, CODE, DAY, files_in(folder), "s")
        assert told is Refusal.LIST_NOT_DRAWN


async def test_nothing_is_signed_without_the_right_confirmation_or_while_stopped(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        folder = await standing.seal()
        with pytest.raises(NotDrawnError, match="not the number"):
            standing.hold("notary", folder, confirm="11")
        desk = standing.desk("notary")
        assert desk.book.last_rounds() == []
        stop_or_resume(desk.book, "stop", "王公证员", "等待家属到场", desk.clock())
        desk.book.close()
        with pytest.raises(NotDrawnError, match="stopped"):
            standing.hold("notary", folder)


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("at", [SIGN_UP, SIGN_UP + timedelta(hours=16)], ids=["first", "second"])
async def test_chances_are_not_changed_once_people_sign_up(
    database: Database, tmp_path: Path, at: datetime
) -> None:
    """A config that the approver signed, too, and that acts before the draw day begins."""
    async with list_house(database, tmp_path, PEOPLE) as standing:
        app, now = standing.house.app, standing.house.clock
        now.now = at - timedelta(hours=13)
        stored = await config_of_day(app, CODE, DAY)
        assert not isinstance(stored, Refusal)
        config = decode_config(stored.body)
        plan = config.days[DAY]
        times = {"published_at": now.now, "active_from": at}
        if at > SIGN_UP:
            kinder = replace(plan, tables={PACK: plan.tables[PACK][:1]})
        else:
            kinder = replace(plan, stands_from=UNSET)
        changed = replace(config, epoch_start=stored.cfg_hash.hex(), days={DAY: kinder}, **times)
        raw = encode_config(changed)
        signed = ConfigSignatures(
            platform=app.signer.sign(Purpose.CONFIG_BY_PLATFORM, cfg_hash_of(raw)),
            approver=app.approver.sign(Purpose.CONFIG_BY_APPROVER, cfg_hash_of(raw)),
        )
        assert changed.active_from < starts_at(day_from_number(DAY))
        for role in standing.homes:
            desk = standing.desk(role)
            told = desk.accept_config(raw, signed)
            desk.book.close()
            assert isinstance(told, Refused)
            assert told.no is No.DAY_CHANGED


async def test_the_house_plans_no_round_anew_once_people_sign_up(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        made = await publish_config(standing.house.app, CODE)
        assert isinstance(made, bytes)
        days = (await reloaded(standing)).days
        assert days[DAY].cfg_hash == standing.campaign.days[DAY].cfg_hash
        assert {day: one.cfg_hash == made for day, one in days.items()} == {
            day: day != DAY for day in days
        }
