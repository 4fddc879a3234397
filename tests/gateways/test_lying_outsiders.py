"""An identity authority and an SMS centre on lines that lie: nobody is registered twice or without
a yes, no code works twice, and nobody loses their chance."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import msgspec
import pytest

from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.gateways.http import Fuse, Outsider
from huiquan.gateways.identity import HttpIdentity
from huiquan.gateways.sms import HttpSms
from simulation.outsiders.faults import Faults, Moods
from simulation.outsiders.identity import make_identity
from simulation.outsiders.liar import Lie, LyingLine, heard_by
from simulation.outsiders.sms import make_sms
from simulation.outsiders.wire import Answer, Answerer, Question, answer_json
from tests.houses import (
    House,
    Person,
    ask_code,
    make_house,
    person,
    publish,
    registration,
    request_key,
    visit,
)

REAL, FORGED = 16, 4
TURNS = 60
ASKED_AGAIN = 4
WORTH_ASKING = {"identity_unavailable", "identity_mismatch"}


@dataclass
class Truth:
    """What authority and centre truly heard and said."""

    matched: set[str] = field(default_factory=set)
    texts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def of_identity(self, question: Question, said: Answer) -> None:
        if msgspec.json.decode(said.body)["result"] == "match":
            self.matched.add(msgspec.json.decode(question.body)["document"]["number"])

    async def of_sms(self, question: Question, said: Answer) -> None:
        message = msgspec.json.decode(question.body)
        if message["text"] not in self.texts[message["phone"]]:
            self.texts[message["phone"]].append(message["text"])


def unsure_of_identity(said: Answer) -> Answer:
    """No, this once; whoever does not match matches at no time."""
    return answer_json({**msgspec.json.decode(said.body), "result": "mismatch"})


def line_to(outsider: Answerer, forged: object, unsure: object, seed: int) -> LyingLine:
    return LyingLine(
        outsider=outsider,
        forge=lambda question: msgspec.json.encode(forged),
        unsure=unsure if callable(unsure) else lambda said: answer_json(unsure),
        dice=random.Random(seed),
    )


def outsider(name: str, line: LyingLine) -> Outsider:
    """The house's own way of asking; that it rests after many faults is proven elsewhere."""
    client = httpx.AsyncClient(base_url="http://outsider", transport=line, timeout=2.0)
    return Outsider(name=name, client=client, fuse=Fuse(limit=10**9))


@dataclass(frozen=True, kw_only=True)
class Town:
    """A house whose outsiders lie, and what they truly heard."""

    house: House
    campaign: Campaign
    client: httpx.AsyncClient
    truth: Truth

    async def try_to_register(self, who: Person) -> bool:
        """Ask as people do, until there is an answer that stays: a code, the form, again."""
        refused = 0
        for _ in range(TURNS):
            if await self._has_code(who):
                code = await self._register(who)
                if code is None:
                    return True
                refused += code == "identity_mismatch"
                if "伪" in who.name and refused == 2:
                    return False
            self.house.clock.now += timedelta(seconds=61)
        return False

    async def _has_code(self, who: Person) -> bool:
        """Have a code sent; True when one is on the phone, which may be an earlier one."""
        answer = await ask_code(self.client, self.campaign, who)
        assert answer.status_code in (202, 503), answer.text
        self.house.sms.sent = [(who.phone, text) for text in self.truth.texts[who.phone]]
        return bool(self.house.sms.sent)

    async def _register(self, who: Person) -> str | None:
        """None when they are registered, else the code of the last refusal."""
        said = ""
        for _ in range(ASKED_AGAIN):
            body = registration(self.house, self.campaign, who)
            body["request_key"] = request_key(who, body["sms_code"])
            answer = await self.client.post("/api/v1/registrations", json=body)
            if answer.status_code == 201:
                return None
            said = answer.json()["code"]
            if said not in WORTH_ASKING:
                break
        return said


async def no_code_works_again(town: Town, people: list[Person]) -> None:
    """Whatever was ever texted to a phone opens nothing any more."""
    for who in people:
        for text in town.truth.texts[who.phone]:
            town.house.sms.sent = [(who.phone, text)]
            code = town.house.sms.code_for(who.phone)
            body = {
                "campaign": town.campaign.campaign_id,
                "phone": who.phone,
                "sms_code": code,
                "device": "another phone",
            }
            told = await town.client.post("/api/v1/sessions", json=body)
            assert told.json()["code"] in ("sms_code_expired", "sms_code_wrong"), told.text


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R3.4")
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_authority_and_centre_do_each_person_is_registered_once(
    database: Database, seed: int
) -> None:
    moods, truth = Moods(Faults(), seed), Truth()
    authority = line_to(
        heard_by(make_identity(moods), truth.of_identity),
        {"question": "0", "result": "match"},
        unsure_of_identity,
        seed,
    )
    centre = line_to(
        heard_by(make_sms(moods), truth.of_sms), {"taken": "yes"}, {"taken": "perhaps"}, seed
    )
    identity = HttpIdentity(outsider=outsider("identity", authority))
    sms = HttpSms(outsider=outsider("sms", centre))
    house = make_house(database, identity=identity, sms=sms)
    campaign = await publish(house)
    real = [person(n) for n in range(REAL)]
    forged = [
        Person(name="李伪", number=one.number, phone=one.phone)
        for one in (person(REAL + n) for n in range(FORGED))
    ]
    async with visit(house) as client:
        town = Town(house=house, campaign=campaign, client=client, truth=truth)
        for who in (*real, *forged):
            is_registered = await town.try_to_register(who)
            assert is_registered == (who in real), who
        await no_code_works_again(town, real)
    async with house.app.db.reading() as tx:
        rows = await tx.fetch("select person_key, phone_key from registrations")
    assert len(rows) == len({row["person_key"] for row in rows}) == REAL
    assert truth.matched == {one.number for one in real}
    assert set(authority.fired) == set(centre.fired) == set(Lie)
