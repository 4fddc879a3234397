"""A campaign in force for tests: the 2026 rulebook with a config made the evening before."""

import hashlib
from datetime import datetime, timedelta

from huiquan.domain.campaigns import Campaign, DrawDay
from huiquan.domain.config_making import (
    ConfigBasis,
    MadeConfig,
    SignedConfig,
    make_config,
    parties,
    sign_made,
)
from huiquan.domain.consents import ConsentStanding
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import Dealing
from huiquan.domain.entering import EntryRequest, Standing
from huiquan.domain.merkle import EMPTY_ROOT
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Place
from huiquan.domain.rulebook_versions import RulebookVersion
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.signing import Signer, signer_from
from tests.domain.campaigns import campaign as rulebook_of

OPEN = datetime(2026, 2, 6, 10, 30, tzinfo=SHANGHAI)
EVE = OPEN - timedelta(days=1)
DAY = 20260206


def signer(name: str) -> Signer:
    """A signer whose key follows from its name."""
    return signer_from(hashlib.sha256(name.encode()).digest())


def basis(rulebook: Rulebook, *, at: datetime = EVE, free_fen: int | None = None) -> ConfigBasis:
    """What the first config of a campaign is made from."""
    names = ("platform", "approver", "notary", "auditor")
    return ConfigBasis(
        rulebook=rulebook,
        source_hash=bytes(32),
        epoch=0,
        epoch_start=None,
        keys=parties(*(signer(name).key for name in names)),
        witness=signer("witness").key,
        dealing=Dealing(log_size=0, root=EMPTY_ROOT.hex()),
        campaign_key=bytes(32),
        free_fen=rulebook.budget_fen if free_fen is None else free_fen,
        published_at=at,
    )


def made_for(rulebook: Rulebook, **changes: object) -> MadeConfig:
    """The first config of a campaign."""
    made = make_config(basis(rulebook, **changes))  # type: ignore[arg-type]
    assert made is not None
    return made


def signed_for(rulebook: Rulebook) -> tuple[MadeConfig, SignedConfig]:
    """The first config, signed by both."""
    made = made_for(rulebook)
    return made, sign_made(made, signer("platform"), signer("approver"))


def campaign_in_force(code: str = "2026-mashangyouli") -> Campaign:
    """A campaign whose config was published the evening before."""
    rulebook = rulebook_of(code)
    made, signed = signed_for(rulebook)
    return Campaign(
        campaign_id=1,
        code=rulebook.code,
        platform=rulebook.platform.code,
        lanes=rulebook.lanes,
        epoch=0,
        lane_hash=signed.cfg_hash,
        versions=(RulebookVersion(version=1, effective_at=EVE, rulebook=rulebook),),
        days={
            day: DrawDay(
                day=day,
                cfg_hash=signed.cfg_hash,
                config=made.config,
                release_fen=made.release_fen[day],
                is_released=True,
                is_closed=False,
            )
            for day in made.config.days
        },
    )


WUHAN = Place(
    city="420100",
    city_zh="武汉市",
    city_en="Wuhan",
    county="420102",
    county_zh="江岸区",
    cell="30.58,114.28",
    near_border=False,
    accuracy_m=20,
    datum=Datum.WGS84,
    taken_at=OPEN,
)


def pid(n: int) -> bytes:
    """The n-th pseudonym."""
    return n.to_bytes(16, "big")


def tap(n: int, key: str = "key-1", pack: int = 3, place: Place | Refusal = WUHAN) -> EntryRequest:
    """The n-th person taps."""
    return EntryRequest(
        pid=pid(n), pack=pack, client_nonce=bytes(15) + b"\7", request_key=key, place=place
    )


def standing(n: int, **changes: object) -> Standing:
    """The n-th person, registered with both consents, nothing entered or won."""
    facts: dict[str, object] = {
        "city": "420100",
        "is_suspended": False,
        "is_excluded": False,
        "consents": ConsentStanding.GIVEN,
        "wins": 0,
        "undrawn": 0,
        "entered": None,
    }
    return Standing(**{**facts, **changes})  # type: ignore[arg-type]
