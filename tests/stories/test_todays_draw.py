"""Today's draw, from the tap to the proof in one's hand, with real signers."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from huiquan.actions.export_draws import Exported, export_draws
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.send_configs import send_configs
from huiquan.actions.send_messages import send_messages
from huiquan.cli import registrants
from huiquan.cli.verify import run_verify
from huiquan.db.connection import Database, open_database
from huiquan.db.ledger import fund
from huiquan.domain.campaigns import Campaign
from huiquan.domain.receipts import (
    entry_receipt_from_json,
    is_entry_receipt,
    outcome_receipt_from_json,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_entry
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import connect_signer, connect_witness
from huiquan.jobs.rounds import drain
from huiquan.views.registrants import registrant_list
from tests.houses import (
    CAMPAIGN,
    OPEN,
    House,
    bearer,
    location,
    make_house,
    person,
    publish,
    register,
    source_of_2026,
    visit,
)
from tests.signers import SignerProcesses, signers_at

PEOPLE = 40
PATIENCE_S = 30.0  # the machine is shared: a signer that is slow is not away

# About every third draw wins, so that a few dozen people see wins and misses.
LIVELY = (
    ("workday_entries = 1_320_000", "workday_entries = 55_000"),
    ("weekend_entries = 1_980_000", "weekend_entries = 82_500"),
    ("holiday_entries = 1_980_000", "holiday_entries = 110_000"),
    ("entries = 2_200_000", "entries = 55_000"),
    ("p_max_percent = 5", "p_max_percent = 20"),
)


def tap(house: House, pack: int = 3, **changes: Any) -> dict[str, Any]:
    """One tap on the button."""
    return {
        "request_key": secrets.token_hex(8),
        "client_nonce": secrets.token_hex(16),
        "pack": pack,
        "location": location(house),
        **changes,
    }


async def enter(house: House, client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    answer = await client.post("/api/v1/draws", json=tap(house), headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@dataclass(frozen=True, kw_only=True)
class DrawHouse:
    """A house with real signers, an open campaign, and some people who may enter."""

    house: House
    signers: SignerProcesses
    campaign: Campaign
    client: httpx.AsyncClient
    tokens: list[str]

    def move_to(self, at: datetime) -> None:
        """Move the clock of the house and of both signers."""
        self.house.clock.now = at
        self.signers.clock.now = at


async def until_told(client: httpx.AsyncClient, token: str, body: dict[str, Any]) -> int:
    """Tap, and tap again while the door is busy, as people do on a slow machine; how it ended."""
    for _ in range(30):
        answer = await client.post("/api/v1/draws", json=body, headers=bearer(token))
        if answer.status_code != 503:
            break
        await asyncio.sleep(0.2)
    return answer.status_code


@asynccontextmanager
async def draw_house(database: Database, home: Path, people: int) -> AsyncIterator[DrawHouse]:
    """Publish the evening before, let people register, and stand at half past ten."""
    with signers_at(home, OPEN - timedelta(days=1)) as signers:
        notary = await connect_signer("notary", signers.url("notary"), PATIENCE_S)
        auditor = await connect_signer("auditor", signers.url("auditor"), PATIENCE_S)
        witness = await connect_witness(signers.url("witness"), PATIENCE_S)
        house = make_house(database, notary=notary, auditor=auditor, witness=witness)
        campaign = await publish(house, source_of_2026(*LIVELY))
        assert await send_configs(house.app) == 1
        signers.clock.now = OPEN
        async with visit(house) as client:
            tokens = []
            for n in range(people):
                told = await register(house, client, campaign, person(n))
                assert told.status_code == 201, told.text
                tokens.append(told.json()["token"])
            yield DrawHouse(
                house=house, signers=signers, campaign=campaign, client=client, tokens=tokens
            )
        await notary.close()
        await auditor.close()
        await witness.close()


async def outcomes_of(standing: DrawHouse, day: int = 20260206) -> list[dict[str, Any]]:
    """What everyone is told about a day."""
    answers = [
        await standing.client.get(f"/api/v1/draws/{day}", headers=bearer(token))
        for token in standing.tokens
    ]
    assert {answer.status_code for answer in answers} == {200}
    return [dict(answer.json()) for answer in answers]


async def enter_all(standing: DrawHouse) -> list[dict[str, Any]]:
    """Everyone enters at once."""
    return await asyncio.gather(
        *(enter(standing.house, standing.client, token) for token in standing.tokens)
    )


async def draw_and_log(standing: DrawHouse) -> int:
    """Draw whoever waits, and fix it in the public log."""
    app, campaign = standing.house.app, standing.campaign
    drawn = await drain(app, campaign)
    await log_rounds(app, campaign.campaign_id)
    await publish_checkpoint(app, campaign)
    return drawn


@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R5.1")
async def test_everyone_who_entered_learns_and_can_prove_their_outcome(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        receipts = await enter_all(standing)
        platform = standing.house.app.signer.key
        for told in receipts:
            receipt = entry_receipt_from_json(told)
            nonce = decode_entry(receipt.entry).client_nonce
            assert is_entry_receipt(receipt, platform, nonce)
        assert {one["state"] for one in await outcomes_of(standing)} == {"pending"}
        assert await draw_and_log(standing) > 0
        outcomes = await outcomes_of(standing)
        assert {one["state"] for one in outcomes} == {"won", "missed"}
        for token, told in zip(standing.tokens, outcomes, strict=True):
            answer = await standing.client.get(
                "/api/v1/draws/20260206/receipt", headers=bearer(token)
            )
            proof = outcome_receipt_from_json(answer.json())
            assert proof.log is not None
            assert proof.outcome.kept == (told["state"] == "won")


@pytest.mark.requirement("R5.1")
@pytest.mark.requirement("R5.8")
async def test_an_outsider_verifies_the_day_from_the_exported_folder_alone(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path / "signers", PEOPLE) as standing:
        app = standing.house.app
        await enter_all(standing)
        await draw_and_log(standing)
        files: dict[str, bytes] = {}
        running = await export_draws(app, CAMPAIGN, 20260206, files.__setitem__)
        assert running is Refusal.DAY_NOT_OVER
        standing.move_to(OPEN + timedelta(hours=15))
        exported = await export_draws(app, CAMPAIGN, 20260206, files.__setitem__)
        assert isinstance(exported, Exported), exported
        assert exported.entries == PEOPLE
        again: dict[str, bytes] = {}
        await export_draws(app, CAMPAIGN, 20260206, again.__setitem__)
        assert again == files
        listed = await registrant_list(app, CAMPAIGN)
        assert isinstance(listed, bytes)
        secret = app.keys.pseudonym[CAMPAIGN]
    verdict = run_verify(_written(files, tmp_path / "day"))
    assert verdict.is_right, verdict
    changed = bytearray(files["entries/0.bin"])
    changed[40] ^= 1
    folder = _written({**files, "entries/0.bin": bytes(changed)}, tmp_path / "changed")
    assert not run_verify(folder).is_right
    people, key = tmp_path / "people.txt", tmp_path / "sealed.key"
    key.write_text(secret.hex() + "\n")
    asked = ["check", str(tmp_path / "day"), "--people", str(people), "--key", str(key)]
    people.write_bytes(listed)
    said = CliRunner().invoke(registrants.app, asked)
    assert (said.exit_code, said.stdout.splitlines()[-1]) == (0, "ok"), said.output
    people.write_bytes(b"")
    said = CliRunner().invoke(registrants.app, asked)
    assert said.exit_code == 1
    assert f"{PEOPLE} 次不属于任何报名人" in said.stdout


def _written(files: dict[str, bytes], folder: Path) -> Path:
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    return folder


@pytest.mark.requirement("R1.4")
async def test_one_person_enters_once_a_day_however_often_they_tap(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 1) as standing:
        house, headers = standing.house, bearer(standing.tokens[0])
        first = tap(house)
        answers = await asyncio.gather(
            *(standing.client.post("/api/v1/draws", json=first, headers=headers) for _ in range(8)),
            *(
                standing.client.post("/api/v1/draws", json=tap(house), headers=headers)
                for _ in range(8)
            ),
        )
        codes = Counter(answer.status_code for answer in answers)
        assert codes[200] in (1, 8)
        assert len({answer.text for answer in answers if answer.status_code == 200}) == 1
        assert {a.json()["code"] for a in answers if a.status_code != 200} == {"already_entered"}
        taken = next(answer.json() for answer in answers if answer.status_code == 200)
        async with house.app.db.reading() as tx:
            assert await tx.fetchval("select count(*) from entries") == 1
        if codes[200] == 8:
            changed = {**first, "pack": 2}
            other = await standing.client.post("/api/v1/draws", json=changed, headers=headers)
            assert other.json()["code"] == "request_key_reused"
            same = await standing.client.post("/api/v1/draws", json=first, headers=headers)
            assert same.json() == taken


async def test_two_web_processes_give_one_person_one_entry_and_lanes_no_gap(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    second = await open_database(database_url)
    async with draw_house(database, tmp_path, 24) as standing:
        house = standing.house
        other = make_house(second, notary=house.app.notary, auditor=house.app.auditor)
        async with visit(other) as neighbour:
            taps = [(token, tap(house)) for token in standing.tokens]
            told = await asyncio.gather(
                *(
                    until_told(client, token, body)
                    for token, body in taps
                    for client in (standing.client, neighbour)
                )
            )
        async with house.app.db.reading() as tx:
            rows = await tx.fetch(
                "select lane, count(*) n, max(idx) + 1 last from entries group by lane"
            )
        assert told == [200] * 48
        assert sum(row["n"] for row in rows) == 24
        assert all(row["n"] == row["last"] for row in rows)
    await second.close()


@pytest.mark.requirement("R3.2")
async def test_a_signer_that_is_away_delays_outcomes_and_changes_none(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        app, campaign = standing.house.app, standing.campaign
        standing.signers.kill("auditor")
        await enter_all(standing)
        with pytest.raises(OutsiderFault):
            await drain(app, campaign)
        assert {one["state"] for one in await outcomes_of(standing)} == {"pending"}
        async with app.db.reading() as tx:
            before = await tx.fetch("select lane, seq, seal_hash from rounds order by lane, seq")
        standing.signers.start("auditor")
        await asyncio.sleep(0.1)
        await draw_and_log(standing)
        assert "pending" not in {one["state"] for one in await outcomes_of(standing)}
        async with app.db.reading() as tx:
            after = await tx.fetch("select lane, seq, seal_hash from rounds order by lane, seq")
        assert before == [row for row in after if row in before]
        assert before, "the round that was sealed before the fault is the one that was drawn"


@pytest.mark.requirement("R1.3")
async def test_wins_are_paid_for_from_the_days_release(database: Database, tmp_path: Path) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await enter_all(standing)
        await draw_and_log(standing)
        async with standing.house.app.db.reading() as tx:
            held_fen = await tx.fetchval("select sum(face_fen)::bigint from vouchers")
            fund_now = await fund(tx, standing.campaign.campaign_id)
        won_fen = sum(one["face_fen"] or 0 for one in await outcomes_of(standing))
        assert won_fen == held_fen == fund_now.reserved_fen > 0
        assert fund_now.bank_fen == fund_now.appropriated_fen
        assert fund_now.bank_fen == (
            fund_now.pool_fen + fund_now.released_fen + fund_now.reserved_fen
        )


@pytest.mark.requirement("R1.3")
async def test_winners_are_told_by_text_message_once(database: Database, tmp_path: Path) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await enter_all(standing)
        await draw_and_log(standing)
        won = sum(one["state"] == "won" for one in await outcomes_of(standing))
        sms = standing.house.sms
        before = len(sms.sent)
        assert await send_messages(standing.house.app) == won
        assert await send_messages(standing.house.app) == 0
        assert len(sms.sent) - before == won
        assert all("恭喜中签" in text for _, text in sms.sent[before:])
