"""Three witnesses, any two of whom make a checkpoint; one that is away or lies holds up nothing."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from huiquan.actions.publish_config import publish_config
from huiquan.actions.send_configs import send_configs
from huiquan.db import public_log
from huiquan.db.connection import Database
from huiquan.domain import checkpoints
from huiquan.domain.draw_config import Log, Witness, decode_config
from huiquan.domain.receipts import outcome_receipt_from_json
from huiquan.domain.signing import signer_from
from huiquan.domain.verification_receipt import verify_outcome_receipt
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import connect_witness
from tests.domain.draw_days import OPENS, SIGNERS
from tests.houses import CAMPAIGN, bearer, make_house
from tests.log.standing import beside, enter_some
from tests.stories.test_todays_draw import DrawHouse, draw_house

NAMES = ("notary", "auditor", "witness")


async def cosigners(standing: DrawHouse) -> set[str]:
    """Whose valid cosignature stands under the newest checkpoint."""
    async with standing.house.app.db.reading() as tx:
        last = await public_log.last_checkpoint(tx, standing.campaign.campaign_id)
    if last is None:
        return set()
    note = checkpoints.parse_note(last.note)
    log = next(iter(standing.campaign.days.values())).config.log
    assert checkpoints.has_quorum(note, log)
    return {
        one.name.removesuffix(".huiquan")
        for one in log.witnesses
        if checkpoints.cosigned_at(note, one.name, bytes.fromhex(one.key))
    }


@pytest.mark.requirement("R5.8")
async def test_any_two_of_three_publish_and_one_alone_does_not(
    database: Database, tmp_path: Path
) -> None:
    """Signers are killed after the draw, so that it is the log alone that misses them."""
    async with draw_house(database, tmp_path, 10) as standing:
        tokens = iter(standing.tokens)
        await enter_some(standing, [next(tokens)])
        assert await cosigners(standing) == set(NAMES)
        standing.signers.kill("witness")
        await enter_some(standing, [next(tokens)])
        assert await cosigners(standing) == {"notary", "auditor"}
        answer = await standing.client.get(
            "/api/v1/draws/20260206/receipt", headers=bearer(standing.tokens[1])
        )
        receipt = outcome_receipt_from_json(answer.json())
        assert receipt.log is not None
        config = next(iter(standing.campaign.days.values()))
        async with database.reading() as tx:
            body = await tx.fetchval("select body from configs")
        assert "log" in verify_outcome_receipt(receipt, config.config.keys, body).checked
        alone = cut_to(receipt.log.checkpoint, 1)
        lonely = replace(receipt, log=replace(receipt.log, checkpoint=alone))
        verdict = verify_outcome_receipt(lonely, config.config.keys, body)
        assert verdict.finding is not None
        assert verdict.finding.wrong.value == "no_quorum"


def cut_to(note: str, witnesses: int) -> str:
    """A checkpoint with the platform's line and so many cosignatures."""
    text, _, lines = note.partition("\n\n")
    return f"{text}\n\n" + "".join(lines.splitlines(keepends=True)[: 1 + witnesses])


async def test_a_checkpoint_waits_while_two_are_away_and_is_made_when_one_is_back(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 4) as standing:
        await enter_some(standing, standing.tokens[:2])
        signing = standing.house.app
        away = await connect_witness("http://127.0.0.1:9")
        only_one = make_house(
            database, notary=signing.notary, auditor=Silent(signing.auditor), witness=away
        )
        alone = replace(standing, house=only_one)
        with pytest.raises(OutsiderFault, match="1 of 2 cosigned"):
            await enter_some(alone, standing.tokens[2:])
        before = await sizes(database)
        await enter_some(standing, [])
        after = await sizes(database)
        assert len(after) == len(before) + 1
        await away.close()


class Silent:
    """A signer who signs rounds and does not answer about the log."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def cosign(self, note: str, old_size: int, consistency: object) -> str:
        raise OutsiderFault("auditor", "did not answer")


async def sizes(database: Database) -> list[int]:
    """The sizes of all checkpoints."""
    async with database.reading() as tx:
        return [row["size"] for row in await tx.fetch("select size from checkpoints")]


async def test_a_witness_that_missed_checkpoints_is_shown_the_way_from_where_it_was(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 6) as standing:
        await enter_some(standing, standing.tokens[:1])
        standing.signers.kill("witness")
        await enter_some(standing, standing.tokens[1:4])
        assert await cosigners(standing) == {"notary", "auditor"}
        standing.signers.start("witness")
        await enter_some(standing, standing.tokens[4:])
        assert await cosigners(standing) == set(NAMES)


async def test_a_config_reaches_the_signers_while_the_witness_is_away_and_the_witness_later(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 2) as standing:
        app = standing.house.app
        standing.signers.kill("witness")
        assert isinstance(await publish_config(app, CAMPAIGN), bytes)
        assert await send_configs(app) == 1
        waiting = "select kind from outbox where sent_at is null and kind like 'config%'"
        async with database.reading() as tx:
            assert [row["kind"] for row in await tx.fetch(waiting)] == ["config_witness"]
        standing.signers.start("witness")
        assert await send_configs(app) == 0
        async with database.reading() as tx:
            assert await tx.fetch(waiting) == []


async def test_a_house_starts_without_the_witness_and_still_names_it_in_configs(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 0) as standing:
        app = standing.house.app
        away = await connect_witness("http://127.0.0.1:9")
        assert away.key == b""
        house = make_house(database, notary=app.notary, auditor=app.auditor, witness=away)
        assert isinstance(await publish_config(house.app, CAMPAIGN), bytes)
        async with database.reading() as tx:
            bodies = await tx.fetch("select body from configs")
        keys = {decode_config(row["body"]).log.witnesses[2].key for row in bodies}
        assert keys == {app.witness.key.hex()}
        await away.close()


class Successor:
    """A third witness with a key of its own, after the first one's was lost."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.signer = signer_from(b"successor of the third witness !")
        self.key = self.signer.key

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def cosign(self, note: str, old_size: int, consistency: object) -> str:
        text = checkpoints.parse_note(note).text
        return checkpoints.cosign(self.signer, "witness.huiquan", text, OPENS)


@pytest.mark.requirement("R5.8")
async def test_proofs_stay_whole_when_a_later_config_names_another_third_witness(
    database: Database, tmp_path: Path
) -> None:
    """Its line stands under the newest checkpoint, and is a stranger's to the rounds before."""
    async with draw_house(database, tmp_path, 2) as standing:
        app = standing.house.app
        await enter_some(standing, standing.tokens[:1])
        other = Successor(app.witness)
        later = beside(standing, database, witness=other)
        later.clock.now = standing.house.clock.now
        assert isinstance(await publish_config(later.app, CAMPAIGN), bytes)
        await enter_some(replace(standing, house=later), standing.tokens[1:])
        async with database.reading() as tx:
            last = await public_log.last_checkpoint(tx, standing.campaign.campaign_id)
        assert last is not None
        note = checkpoints.parse_note(last.note)
        assert checkpoints.cosigned_at(note, "witness.huiquan", other.key) is not None
        async with database.reading() as tx:
            body = await tx.fetchval("select body from configs order by published_at limit 1")
        answer = await standing.client.get(
            "/api/v1/draws/20260206/receipt", headers=bearer(standing.tokens[0])
        )
        receipt = outcome_receipt_from_json(answer.json())
        assert receipt.log is not None
        assert receipt.log.size == last.size
        verdict = verify_outcome_receipt(receipt, decode_config(body).keys, body)
        assert verdict.finding is None
        assert "log" in verdict.checked


@pytest.mark.requirement("R5.8")
async def test_a_checkpoint_counts_under_the_config_of_its_rounds_and_not_only_under_the_newest(
    database: Database, tmp_path: Path
) -> None:
    """The third witness's key was lost, and the config of the next days names another one.

    Today's rounds are verified with today's config: the other's line counts nothing there.
    """
    async with draw_house(database, tmp_path, 2) as standing:
        app = standing.house.app
        other = Successor(app.witness)
        parts = {"auditor": Silent(app.auditor), "witness": other}
        later = beside(standing, database, **parts)
        later.clock.now = standing.house.clock.now
        assert isinstance(await publish_config(later.app, CAMPAIGN), bytes)
        with pytest.raises(OutsiderFault, match="1 of 2 cosigned"):
            await enter_some(replace(standing, house=later), standing.tokens[:1])
        assert await sizes(database) == []
        both = beside(standing, database, witness=other)
        both.clock.now = standing.house.clock.now
        await enter_some(replace(standing, house=both), standing.tokens[1:])
        assert await cosigners(standing) == {"notary", "auditor"}


@pytest.mark.requirement("R5.8")
async def test_a_draw_stays_proven_where_too_few_of_its_own_witnesses_cosigned_the_newest(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Of later days' witnesses it knows some; the first checkpoint over it its own cosigned."""
    async with draw_house(database, tmp_path, 2) as standing:
        await enter_some(standing, standing.tokens[:1])
        (first,) = await sizes(database)
        await enter_some(standing, standing.tokens[1:])
        async with database.reading() as tx:
            newest = await public_log.last_checkpoint(tx, standing.campaign.campaign_id)
        assert newest is not None
        owner = await asyncpg.connect(database_url)
        lonely = "update checkpoints set note = $1 where size = $2"
        await owner.execute(lonely, cut_to(newest.note, 1), newest.size)
        await owner.close()
        answer = await standing.client.get(
            "/api/v1/draws/20260206/receipt", headers=bearer(standing.tokens[0])
        )
        receipt = outcome_receipt_from_json(answer.json())
        assert receipt.log is not None
        assert receipt.log.size == first < newest.size


LOG_OF_THREE = Log(
    origin="huiquan/2026",
    quorum=2,
    witnesses=tuple(
        Witness(name=f"{name}.huiquan", key=SIGNERS[party].key.hex())
        for name, party in zip(NAMES, ("notary", "auditor", "approver"), strict=True)
    ),
)
TEXT = "huiquan/2026\n1\n" + "A" * 43 + "=\n"
LINES = {
    one.name.removesuffix(".huiquan"): checkpoints.cosign(SIGNERS[party], one.name, TEXT, OPENS)
    for one, party in zip(LOG_OF_THREE.witnesses, ("notary", "auditor", "approver"), strict=True)
}


@pytest.mark.parametrize(
    ("who", "is_enough"),
    [
        ((), False),
        (("notary",), False),
        (("auditor",), False),
        (("witness",), False),
        (("witness", "witness"), False),
        (("notary", "auditor"), True),
        (("notary", "witness"), True),
        (("auditor", "witness"), True),
        (NAMES, True),
    ],
)
def test_two_different_witnesses_of_three_are_enough(who: tuple[str, ...], is_enough: bool) -> None:
    own = checkpoints.sign_note(SIGNERS["platform"], LOG_OF_THREE.origin, TEXT)
    note = checkpoints.join_note(TEXT, [own, *(LINES[name] for name in who)])
    assert checkpoints.has_quorum(checkpoints.parse_note(note), LOG_OF_THREE) is is_enough
