"""A signed contradiction about a round stops its lane, is published, and waits for two people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from huiquan.actions.compare_standing import compare_standing
from huiquan.actions.seal_round import seal_round
from huiquan.actions.stop_lane import stop_lane
from huiquan.actions.unfreeze_lane import unfreeze_lane
from huiquan.db.connection import Database
from huiquan.domain import rounds
from huiquan.domain.draw_config import canonical
from huiquan.domain.merkle import root_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_seal, seal_hash_of
from huiquan.domain.seal_requests import SealRequest, encode_request
from huiquan.domain.sealing import SealedRound
from huiquan.domain.signing import Purpose, signer_from
from huiquan.domain.tokens import Door
from huiquan.jobs.rounds import drain
from huiquan.jobs.watch import Watch, look_once
from huiquan.web.callers import read_claims
from tests.houses import CAMPAIGN, bearer
from tests.log.standing import enter_some, fetch
from tests.stories.test_todays_draw import DrawHouse, draw_house, enter, tap

BOTH = ("王处", "李处")


async def ask_for(standing: DrawHouse, seal: rounds.Seal, entries: bytes) -> httpx.Response:
    """The platform asks the notary to sign a seal, past the house's own rules."""
    raw = encode_seal(seal)
    signature = standing.house.app.signer.sign(Purpose.SEAL, raw)
    body = encode_request(SealRequest(seal=raw, signature=signature, entries=entries))
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{standing.signers.url('notary')}/v1/seals", content=body)


async def second_seal(standing: DrawHouse) -> rounds.Seal:
    """Ask for another seal of a round that was signed: what a platform that grinds would do."""
    async with standing.house.app.db.reading() as tx:
        row = await tx.fetchrow("select seal from rounds where seq = 0 order by lane limit 1")
        seal = rounds.decode_seal(row["seal"])
        entries = await tx.fetch(
            "select lane, day, idx, pack, pid, client_nonce, elig from entries"
            " where lane = $1 and idx < $2 order by idx",
            seal.lane,
            seal.count,
        )
    other = [rounds.Entry(**{**dict(one), "client_nonce": bytes(16)}) for one in entries]
    raw = [rounds.encode_entry(one) for one in other]
    rival = replace(seal, root=root_of(raw))
    answer = await ask_for(standing, rival, b"".join(raw))
    assert answer.json()["code"] == "conflict", answer.text
    return rival


@pytest.mark.requirement("R2.1")
async def test_two_signed_seals_for_one_round_stop_its_lane_and_are_published(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 12) as standing:
        app = standing.house.app
        await enter_some(standing, standing.tokens[:8])
        rival = await second_seal(standing)
        found = await compare_standing(app, standing.campaign)
        assert [(one.kind, one.lane) for one in found.evidence] == [("two_seals", rival.lane)]
        assert found.gaps == ()
        (notice,) = (await fetch(standing.client, "notices")).json()
        assert notice["kind"] == "two_seals"
        raw = bytes.fromhex(notice["detail"]["seal"])
        assert raw == encode_seal(rival)
        assert notice["detail"]["other_seal_hash"] != seal_hash_of(raw).hex()
        async with database.reading() as tx:
            stopped = await tx.fetch("select lane from lanes where frozen_at is not null")
        assert [row["lane"] for row in stopped] == [rival.lane]
        for n in range(8, 12):
            answer = await standing.client.post(
                "/api/v1/draws", json=tap(standing.house), headers=bearer(standing.tokens[n])
            )
            refused = answer.status_code == 503 and answer.json()["code"] == "lane_frozen"
            claims = read_claims(app, bearer(standing.tokens[n])["Authorization"], Door.CONSUMER)
            assert not isinstance(claims, Refusal)
            assert refused == (claims.lane == rival.lane), "only the one lane is stopped"


@pytest.mark.requirement("R2.1")
async def test_a_lane_goes_on_when_two_people_say_so_and_the_evidence_stays(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 8) as standing:
        app, campaign = standing.house.app, standing.campaign
        await enter_some(standing, standing.tokens)
        lane = (await second_seal(standing)).lane
        await compare_standing(app, campaign)
        for by, reason in ((("王处", "王处 "), "why"), (("王处", " "), "why"), (BOTH, " ")):
            refused = await unfreeze_lane(app, CAMPAIGN, lane, by, reason)
            assert refused is Refusal.TWO_PEOPLE_NEEDED
        assert await unfreeze_lane(app, "nothing", lane, BOTH, "why") is Refusal.UNKNOWN_CAMPAIGN
        assert await unfreeze_lane(app, CAMPAIGN, lane, BOTH, "a clerk's test") is None
        assert await unfreeze_lane(app, CAMPAIGN, lane, BOTH, "again") is Refusal.LANE_NOT_FROZEN
        assert await unfreeze_lane(app, CAMPAIGN, 999, BOTH, "x") is Refusal.LANE_NOT_FROZEN
        again = await compare_standing(app, campaign)
        assert len(again.evidence) == 1, "the notary keeps its evidence for good"
        (notice,) = (await fetch(standing.client, "notices")).json()
        assert notice["ended_at"] is not None
        async with database.reading() as tx:
            assert await tx.fetchval("select count(*) from lanes where frozen_at is not null") == 0
            told = await tx.fetchrow("select * from audit where tag = 'lane:unfrozen'")
        assert told["actor"] == "王处 + 李处"
        assert told["detail"]["reason"] == "a clerk's test"


@dataclass
class Disputing:
    """An auditor that refuses what the notary has signed, and shows it in its status."""

    key: bytes
    seed: bytes
    refusals: list[dict[str, Any]] = field(default_factory=list)
    lanes: list[dict[str, Any]] = field(default_factory=list)

    async def status(self) -> bytes:
        said = {"lanes": self.lanes, "refusals": self.refusals, "checkpoints": []}
        signature = signer_from(self.seed).sign(Purpose.STATUS, canonical(said))
        return msgspec.json.encode(said | {"signature": signature.hex()})


@asynccontextmanager
async def disputed(
    database: Database, home: Path, code: str
) -> AsyncIterator[tuple[DrawHouse, SealedRound, Any]]:
    """A round that the notary signed and the auditor refuses for a reason."""
    async with draw_house(database, home, 4) as standing:
        app, campaign = standing.house.app, standing.campaign
        await enter(standing.house, standing.client, standing.tokens[0])
        async with database.reading() as tx:
            lane = await tx.fetchval("select lane from entries")
        sealed = await seal_round(app, campaign, lane)
        assert isinstance(sealed, SealedRound)
        assert "pi" in (await ask_for(standing, sealed.seal, sealed.run)).json()
        seed = (standing.signers.home / "auditor" / "key.seed").read_text().strip()
        signature = app.signer.sign(Purpose.SEAL, sealed.raw_seal).hex()
        auditor = Disputing(key=app.auditor.key, seed=bytes.fromhex(seed))
        auditor.refusals.append(
            {
                "code": code,
                "seal": sealed.raw_seal.hex(),
                "signature": signature,
                "detail": "{}",
            }
        )
        yield standing, sealed, replace(app, auditor=auditor)  # type: ignore[arg-type]


@pytest.mark.requirement("R5.1")
async def test_a_round_that_the_notary_signed_and_the_auditor_refuses_stops_its_lane(
    database: Database, tmp_path: Path
) -> None:
    async with disputed(database, tmp_path, "wrong_stock") as (standing, sealed, app):
        found = await compare_standing(app, standing.campaign)
        assert [(one.kind, one.code) for one in found.evidence] == [
            ("signers_disagree", "wrong_stock")
        ]
        assert await seal_round(app, standing.campaign, sealed.seal.lane) is Refusal.LANE_FROZEN
        (notice,) = (await fetch(standing.client, "notices")).json()
        assert (notice["kind"], notice["detail"]["who"]) == ("signers_disagree", "auditor")


@pytest.mark.parametrize("code", ["slot_ahead", "config_not_in_force"])
async def test_a_refusal_that_time_mends_stops_nothing(
    database: Database, tmp_path: Path, code: str
) -> None:
    async with disputed(database, tmp_path, code) as (standing, _, app):
        assert (await compare_standing(app, standing.campaign)).evidence == ()
        assert await drain(standing.house.app, standing.campaign) == 1


async def test_evidence_without_the_platforms_signature_is_none(
    database: Database, tmp_path: Path
) -> None:
    async with disputed(database, tmp_path, "wrong_stock") as (standing, _, app):
        app.auditor.refusals[0]["signature"] = "00" * 64
        assert (await compare_standing(app, standing.campaign)).evidence == ()


async def test_a_status_under_another_key_counts_as_silence(
    database: Database, tmp_path: Path
) -> None:
    async with disputed(database, tmp_path, "wrong_stock") as (standing, _, app):
        app.auditor.seed = bytes(32)
        found = await compare_standing(app, standing.campaign)
        assert (found.away, found.evidence) == (frozenset({"auditor"}), ())


@pytest.mark.requirement("R3.2")
async def test_an_absence_is_an_alarm_after_5_seconds_and_public_after_10_minutes(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 0) as standing:
        house, watch = standing.house, Watch(app=standing.house.app)
        await look_once(watch, standing.campaign)
        assert watch.may_go_on(standing.campaign.campaign_id)
        standing.signers.kill("witness")
        steps = ((0, 0, 0), (4, 0, 0), (5, 1, 0), (599, 1, 0), (600, 1, 1), (4000, 1, 1))
        began = house.clock.now
        for passed_s, alarms, public in steps:
            house.clock.now = began + timedelta(seconds=passed_s)
            await look_once(watch, standing.campaign)
            async with database.reading() as tx:
                opened = await tx.fetch("select subject from notices where ended_at is null")
            assert [row["subject"] for row in opened] == ["witness"] * alarms, passed_s
            assert len((await fetch(standing.client, "notices")).json()) == public, passed_s
        standing.signers.start("witness")
        await look_once(watch, standing.campaign)
        (told,) = (await fetch(standing.client, "notices")).json()
        assert told["kind"] == "signer_away"
        assert told["ended_at"] is not None


async def test_nothing_is_sealed_before_both_signers_were_compared_with(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 0) as standing:
        for role, may in (("auditor", False), ("witness", True)):
            standing.signers.kill(role)
            watch = Watch(app=standing.house.app)
            await look_once(watch, standing.campaign)
            assert watch.may_go_on(standing.campaign.campaign_id) is may
            standing.signers.start(role)


async def test_a_lane_that_was_stopped_by_hand_says_by_whom_and_why(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 0) as standing:
        app = standing.house.app
        assert await stop_lane(app, "nothing", 0, "王处", "x") is Refusal.UNKNOWN_CAMPAIGN
        assert await stop_lane(app, CAMPAIGN, 999, "王处", "x") is Refusal.NOT_FOUND
        assert await stop_lane(app, CAMPAIGN, 1, "王处", "a complaint") is None
        assert await stop_lane(app, CAMPAIGN, 1, "李处", "later") is None
        async with database.reading() as tx:
            reasons = await tx.fetch(
                "select lane, frozen_reason from lanes where frozen_at is not null"
            )
        assert [tuple(row) for row in reasons] == [(1, "王处: a complaint")]
