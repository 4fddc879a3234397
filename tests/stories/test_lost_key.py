"""A signer's key is lost in the middle of a day: everyone keeps their chance, nobody gets two."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from huiquan.actions.begin_epoch import EpochBegun, begin_epoch
from huiquan.actions.compare_standing import compare_standing
from huiquan.actions.draft_epoch import Loss, draft_epoch
from huiquan.actions.export_draws import Exported, export_draws
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.withdraw_epoch import withdraw_epoch
from huiquan.cli.monitor import look
from huiquan.cli.verify import run_verify
from huiquan.db import checks, entries, lanes
from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded
from huiquan.domain import rounds, vrf
from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import decode_config
from huiquan.domain.exports import parse_keys
from huiquan.domain.monitoring import Followed, LogPolicy, PlatformKey
from huiquan.domain.refusals import Refusal
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.signing import Purpose
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_epoch import published_keys
from huiquan.domain.verification_proof import verify_proof
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.public_log import LogSource
from huiquan.jobs.rounds import drain
from notary.keys import load_key
from tests.browser.test_browser_verifier import check
from tests.houses import CAMPAIGN, OPEN, House, bearer, make_house, publish, visit
from tests.log.standing import beside, restored_copy
from tests.stories.changing_keys import (
    act,
    campaign_of,
    change_keys,
    draft,
    files_in,
    get,
    new_home,
    new_key,
    replace_signer,
    sign_folder,
)
from tests.stories.test_todays_draw import DrawHouse, draw_and_log, draw_house, enter

pytestmark = pytest.mark.slow
DAY = 20260206
PEOPLE = 18
# Nobody sends messages in this test, and people wait for the new key.
WAITING = {"i32_no_message_waits", "i32_nobody_waits_for_a_draw", "h7_everyone_is_there_and_agrees"}


async def lose(standing: DrawHouse, role: str) -> list[dict[str, Any]]:
    """Six are drawn, six are sealed and wait for the signer that has died, six enter after that.

    Gives everyone's entry receipt.
    """
    house, client, tokens = standing.house, standing.client, standing.tokens
    told = [await enter(house, client, token) for token in tokens[:6]]
    await draw_and_log(standing)
    await asyncio.to_thread(standing.signers.kill, role)
    told += [await enter(house, client, token) for token in tokens[6:12]]
    for _ in range(4):
        with pytest.raises(OutsiderFault):
            await drain(standing.house.app, standing.campaign)
    return told + [await enter(house, client, token) for token in tokens[12:]]


async def publish_log(house: House) -> None:
    """What was drawn stands in the log."""
    campaign = await campaign_of(house)
    await log_rounds(house.app, campaign.campaign_id)
    await publish_checkpoint(house.app, campaign)


async def everyone_can_prove_it(
    standing: DrawHouse, house: House, receipts: list[dict[str, Any]]
) -> None:
    """With receipts from before the change and from behind it; a stranger follows the log."""
    async with visit(house) as client:
        epoch = await get(client, f"/log/{CAMPAIGN}/epoch")
        keys = await get(client, "/api/v1/public/keys")
        (lost,) = keys["lost"]
        assert keys[lost["role"]] == lost["new_key"] != lost["key"]
        texts = []
        for token, receipt in zip(standing.tokens, receipts, strict=True):
            answer = await client.get(f"/api/v1/draws/{DAY}/receipt", headers=bearer(token))
            hashes = list(dict.fromkeys([answer.json()["seal"][2:66], receipt["cfg_hash"]]))
            file = {
                "format": "huiquan/draw-proof/1",
                "configs": [await signed_config(client, one) for one in hashes],
                "entry_receipt": receipt,
                "outcome_receipt": answer.json(),
                "epoch": epoch,
            }
            texts.append(json.dumps(file))
            verdict = verify_proof(texts[-1].encode(), parse_keys(json.dumps(keys).encode()))
            assert (verdict.finding, verdict.unchecked) == (None, ())
        across = {len(json.loads(text)["configs"]) for text in texts}
        assert across == {1, 2}, "some entered before the change and were drawn behind it"
        known = {"keys": {name: key for name, key in keys.items() if name != "lost"}}
        assert {one["state"] for one in check(texts, known)} == {"whole"}
        without = {**json.loads(texts[-1])}
        del without["epoch"]
        finding = verify_proof(json.dumps(without).encode()).finding
        assert finding is not None
        assert finding.wrong is Wrong.CONFIGS_DISAGREE
        first = decode_config(without["configs"][1]["text"].encode())
        before = verify_proof(texts[-1].encode(), published_keys(first.keys))
        assert (before.finding, before.unchecked) == (None, ()), "keys known before lead on"
        platform = PlatformKey(platform=first.keys.platform)
        await a_stranger_follows(client, LogPolicy(keys=platform, log=first.log))


async def signed_config(client: httpx.AsyncClient, cfg_hash: str) -> dict[str, str]:
    """A config as a proof file carries it."""
    text = (await client.get(f"/api/v1/public/configs/{cfg_hash}")).text
    return {"text": text, **await get(client, f"/api/v1/public/configs/{cfg_hash}/signatures")}


async def a_stranger_follows(client: httpx.AsyncClient, policy: LogPolicy) -> None:
    """With nothing but the keys from before the change."""
    there = httpx.AsyncClient(transport=client._transport, base_url=f"http://house/log/{CAMPAIGN}/")
    source = LogSource(client=there)
    found = await look(source, policy, Followed(), await source.checkpoint())
    assert isinstance(found, Followed), found
    assert found.declaration
    assert {epoch for epoch, _ in found.newest} == {0, 1}


async def failed_checks(house: House) -> set[str]:
    """The promises that do not hold now."""
    async with house.app.db.reading() as tx:
        return {one.name for one in await checks.run_all(tx, house.clock())}


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("role", ["notary", "auditor"])
async def test_what_waited_is_drawn_once_under_the_new_key_and_the_days_verify(
    database: Database, tmp_path: Path, role: str
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        receipts = await lose(standing, role)
        house, begun = await change_keys(standing, tmp_path / "folder", role)
        voided = begun.declared.declaration.voided
        assert voided, "a seal waited for the lost key"
        await publish_log(house)
        assert await drain(house.app, await act(house)) == 0, "the new key's notice is not over"
        assert await failed_checks(house) <= WAITING

        later = begun.signs_from + timedelta(minutes=1)
        house.clock.now = standing.signers.clock.now = standing.house.clock.now = later
        campaign = await act(house)
        assert await drain(house.app, campaign) > 0
        await publish_log(house)
        async with house.app.db.reading() as tx:
            undrawn = await tx.fetchval("select sum(next_idx - final_idx) from lanes")
            hashes = {row["seal_hash"].hex() for row in await tx.fetch("select * from rounds")}
            void = {row["seal_hash"].hex() for row in await tx.fetch("select * from void_seals")}
        assert undrawn == 0
        assert void == {one.seal_hash for one in voided}
        assert not void & hashes

        await everyone_can_prove_it(standing, house, receipts)
        next_day = (OPEN + timedelta(days=1)).astimezone(SHANGHAI)
        house.clock.now = standing.signers.clock.now = max(later, next_day)
        folder = tmp_path / "day"

        def sink(path: str, raw: bytes) -> None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)

        exported = await export_draws(house.app, campaign.code, DAY, sink)
        assert isinstance(exported, Exported), exported
        assert exported.entries == PEOPLE
        verdict = run_verify(folder)
        assert verdict.finding is None, verdict
        assert "epoch" in verdict.checked
        assert await failed_checks(house) <= WAITING


async def test_a_second_declaration_is_refused_and_a_rollback_behind_it_is_found(
    database: Database, database_url: str, postgres: Embedded, tmp_path: Path
) -> None:
    """Drafted once, signed once, begun once; a database from before it stops by itself."""
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await lose(standing, "notary")
        app, signers = standing.house.app, standing.signers
        home, folder = new_home(standing, "notary"), tmp_path / "folder"
        backup = await open_database(restored_copy(postgres, database_url))
        await draft(standing, folder, "notary", new_key(home))
        assert await drain(app, await campaign_of(standing.house)) == 0, "nothing while people sign"
        other = Loss(role="notary", new_key=standing.house.app.signer.key.hex(), reason="again")
        assert await draft_epoch(app, CAMPAIGN, other, "x") is Refusal.EPOCH_WAITS
        assert await begin_epoch(app, CAMPAIGN, files_in(folder), "x") is Refusal.EPOCH_UNSIGNED
        # Nobody has signed: it can be dropped, and made again with the same lanes.
        assert await withdraw_epoch(app, CAMPAIGN, "x") is None
        await draft(standing, folder, "notary", new_key(home))
        assert await sign_folder(standing, folder, "auditor", signers.home / "auditor")
        assert await withdraw_epoch(app, CAMPAIGN, "x") is Refusal.EPOCH_SIGNED
        assert await sign_folder(standing, folder, "notary", home)
        assert await begin_epoch(app, CAMPAIGN, files_in(folder), "x") is Refusal.NEW_KEY_NOT_THERE
        house = await replace_signer(standing, "notary")
        begun = await begin_epoch(house.app, CAMPAIGN, files_in(folder), "x")
        assert isinstance(begun, EpochBegun)
        assert await begin_epoch(house.app, CAMPAIGN, {}, "x") == begun, "once begun it stays"
        for loss in (other, Loss(role="auditor", new_key=other.new_key, reason="the other one")):
            assert await draft_epoch(house.app, CAMPAIGN, loss, "x") is Refusal.EPOCH_TAKEN
        # The auditor's own book refuses another one, whoever asks.
        await old_database_stops(standing, house, backup)
        await backup.close()


async def old_database_stops(standing: DrawHouse, house: House, backup: Database) -> None:
    """A backup from before the change: the auditor names a declaration that is not here."""
    await publish_log(house)
    old = beside(replace(standing, house=house), backup)
    found = await compare_standing(old.app, await campaign_of(old))
    assert {gap.subject for gap in found.gaps if gap.who == "auditor"} >= {"epoch"}
    assert any("换钥公告" in gap.zh for gap in found.gaps)
    rival = Loss(role="notary", new_key=house.app.signer.key.hex(), reason="on the old database")
    assert await draft_epoch(old.app, CAMPAIGN, rival, "x") is Refusal.HOUSE_BEHIND


async def test_the_found_key_draws_nothing_more(database: Database, tmp_path: Path) -> None:
    """Platform and the holder of the old key together ask for a second draw of the same entries."""
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await lose(standing, "notary")
        async with standing.house.app.db.reading() as tx:
            rows = await tx.fetch("select * from rounds where state = 'sealed'")
            spans = [(row["lane"], row["first_idx"], row["entry_count"]) for row in rows]
            runs = [await entries.run_between(tx, 1, *span) for span in spans]
        house, begun = await change_keys(standing, tmp_path / "folder")
        assert {rounds.seal_hash_of(r["seal"]).hex() for r in rows} == {
            one.seal_hash for one in begun.declared.declaration.voided
        }
        thief = load_key(standing.signers.home / "notary-old")
        for row, run in zip(rows, runs, strict=True):
            seal_hash = rounds.seal_hash_of(row["seal"])
            question = SealRequest(
                seal=row["seal"],
                signature=house.app.signer.sign(Purpose.SEAL, row["seal"]),
                entries=run,
                previous_final=None,
                pi_notary=thief.prove(vrf.seal_alpha("N", seal_hash)),
            )
            with pytest.raises(OutsiderFault, match="epoch_over"):
                await house.app.auditor.sign(question)
        await publish_log(house)
        found = await compare_standing(house.app, await campaign_of(house))
        assert found.gaps == ()


async def test_no_lane_goes_on_anew_and_no_round_is_set_aside_without_a_declaration(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with database.transaction() as tx:
        begun = await tx.fetchval(
            "select begin_lane(0::smallint, $1::smallint, 0, null, 7, $2, $3)",
            campaign.campaign_id,
            bytes(32),
            house.clock.now,
        )
        assert begun is False
        assert (await lanes.lock(tx, campaign.campaign_id, 0)).next_seq == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(
                "select void_open_round(0::smallint, $1::smallint, $2)",
                campaign.campaign_id,
                house.clock.now,
            )
