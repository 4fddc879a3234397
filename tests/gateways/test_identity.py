"""Identity: the authority's word is taken only when it is an answer to what was asked."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from huiquan.domain.people import Document, DocumentKind, IdentityAnswer, normalise_document
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.identity import HttpIdentity, connect_identity
from tests.gateways.conftest import free_port, post, set_mood

pytestmark = pytest.mark.slow


@pytest.fixture
async def identity(identity_url: str) -> AsyncIterator[HttpIdentity]:
    connected = connect_identity(identity_url, timeout_s=1.0)
    yield connected
    await connected.close()


def document() -> Document:
    read = normalise_document(DocumentKind.RESIDENT_ID, "11010519491231002X")
    assert isinstance(read, Document)
    return read


@pytest.mark.requirement("R3.4")
@pytest.mark.parametrize(
    ("name", "answer"), [("李四", IdentityAnswer.MATCH), ("李伪", IdentityAnswer.MISMATCH)]
)
async def test_the_authority_says_match_or_mismatch(
    identity: HttpIdentity, name: str, answer: IdentityAnswer
) -> None:
    assert await identity.check(name, document()) is answer


async def test_a_known_bad_document_does_not_match(
    identity: HttpIdentity, identity_url: str
) -> None:
    bad = Document(kind=DocumentKind.PASSPORT, number="BAD12345", birth_date=None)
    post(identity_url + "/bad-documents", [bad.number])
    assert await identity.check("JOHN SMITH", bad) is IdentityAnswer.MISMATCH


async def test_an_outage_is_a_fault_and_no_guess(identity: HttpIdentity, identity_url: str) -> None:
    set_mood(identity_url, outage_rate=1)
    with pytest.raises(OutsiderFault) as caught:
        await identity.check("李四", document())
    assert (caught.value.name, caught.value.reason) == ("identity", "status 503")


async def test_a_short_outage_is_bridged_by_asking_once_more(
    identity: HttpIdentity, identity_url: str
) -> None:
    set_mood(identity_url, outage_rate=0.3)
    outcomes = await asyncio.gather(
        *(identity.check("李四", document()) for _ in range(60)), return_exceptions=True
    )
    matches = [outcome for outcome in outcomes if outcome is IdentityAnswer.MATCH]
    assert len(matches) > 45  # without the second try about 42 would match, with it about 55
    assert all(isinstance(outcome, IdentityAnswer | OutsiderFault) for outcome in outcomes)


async def test_nobody_waits_longer_than_the_limit(
    identity: HttpIdentity, identity_url: str
) -> None:
    set_mood(identity_url, latency_ms=30_000)
    began = time.monotonic()
    with pytest.raises(OutsiderFault, match="timeout"):
        await identity.check("李四", document())
    assert time.monotonic() - began < 4


async def test_slow_is_not_away(identity: HttpIdentity, identity_url: str) -> None:
    set_mood(identity_url, latency_ms=200)
    assert await identity.check("李四", document()) is IdentityAnswer.MATCH


async def test_nonsense_never_becomes_an_answer(identity: HttpIdentity, identity_url: str) -> None:
    """No JSON, an unknown word, the answer to another question: each is a fault."""
    set_mood(identity_url, wrong_rate=1)
    reasons = set()
    for _ in range(30):
        identity.outsider.fuse.note(answered=True)
        with pytest.raises(OutsiderFault) as caught:
            await identity.check("李四", document())
        reasons.add(caught.value.reason)
    assert reasons == {"unreadable", "answered another question"}


async def test_after_an_outage_the_authority_is_asked_again(
    identity: HttpIdentity, identity_url: str
) -> None:
    set_mood(identity_url, outage_rate=1)
    for _ in range(5):
        with pytest.raises(OutsiderFault, match="503"):
            await identity.check("李四", document())
    set_mood(identity_url)
    with pytest.raises(OutsiderFault, match="resting"):
        await identity.check("李四", document())
    identity.outsider.fuse.asks_again_at = 0
    assert await identity.check("李四", document()) is IdentityAnswer.MATCH
    assert await identity.check("李四", document()) is IdentityAnswer.MATCH


async def test_nobody_there_is_a_fault() -> None:
    identity = connect_identity(f"http://127.0.0.1:{free_port()}", timeout_s=1.0)
    with pytest.raises(OutsiderFault, match="unreachable"):
        await identity.check("李四", document())
    await identity.close()
