"""Tokens: what the house signed reads back; what anybody else wrote does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.refusals import Refusal
from huiquan.domain.tokens import (
    Claims,
    Door,
    TokenKeys,
    device_mark,
    mint_token,
    read_token,
)

NOW = datetime(2026, 2, 6, 2, 0, tzinfo=UTC)
KEYS = TokenKeys(newest=2, keys={1: b"1" * 32, 2: b"2" * 32})

claims = st.builds(
    Claims,
    door=st.sampled_from(Door),
    campaign_id=st.integers(0, 65535),
    lane=st.integers(-1, 1023),
    who=st.binary(min_size=1, max_size=64),
    device=st.text(max_size=40).map(device_mark),
    expires_at=st.datetimes(
        datetime(2026, 2, 6, 3), datetime(2100, 1, 1), timezones=st.just(UTC)
    ).map(lambda at: at.replace(microsecond=0)),
)
SAMPLE = Claims(
    door=Door.CONSUMER,
    campaign_id=1,
    lane=3,
    who=bytes(range(16)),
    device=device_mark("a phone"),
    expires_at=NOW + timedelta(days=1),
)


@given(claims)
def test_what_was_signed_reads_back(claims: Claims) -> None:
    assert read_token(KEYS, mint_token(KEYS, claims), NOW) == claims


@given(claims, st.data())
def test_no_flipped_bit_is_overlooked(claims: Claims, data: st.DataObject) -> None:
    token = mint_token(KEYS, claims)
    at = data.draw(st.integers(0, len(token) - 1))
    bit = data.draw(st.integers(0, 6))
    forged = token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]
    assert read_token(KEYS, forged, NOW) is Refusal.UNAUTHENTICATED


def test_every_single_flipped_bit_of_one_token_is_refused() -> None:
    token = mint_token(KEYS, SAMPLE)
    for at in range(len(token)):
        for bit in range(7):
            forged = token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]
            assert read_token(KEYS, forged, NOW) is Refusal.UNAUTHENTICATED


@given(st.data())
def test_a_token_has_one_spelling(data: st.DataObject) -> None:
    token = mint_token(KEYS, SAMPLE)
    at = data.draw(st.integers(0, len(token)))
    put = data.draw(st.sampled_from(["\n", " ", "=", "A", "-", "é", "\0"]))
    assert read_token(KEYS, token[:at] + put + token[at:], NOW) is Refusal.UNAUTHENTICATED
    cut = data.draw(st.integers(0, len(token) - 1))
    assert read_token(KEYS, token[:cut], NOW) is Refusal.UNAUTHENTICATED


def test_the_marks_of_plain_base64_are_not_ours() -> None:
    spelt = 0
    for turn in range(40):
        token = mint_token(KEYS, Claims(**{**SAMPLE_FIELDS, "who": bytes([turn]) * 16}))
        plain = token.replace("-", "+").replace("_", "/")
        if plain != token:
            spelt += 1
            assert read_token(KEYS, plain, NOW) is Refusal.UNAUTHENTICATED
    assert spelt


SAMPLE_FIELDS = {name: getattr(SAMPLE, name) for name in Claims.__struct_fields__}


@given(st.text(max_size=300))
def test_nothing_that_somebody_made_up_is_read(text: str) -> None:
    assert read_token(KEYS, text, NOW) is Refusal.UNAUTHENTICATED


def test_a_token_of_thousands_of_characters_is_not_even_read() -> None:
    assert read_token(KEYS, mint_token(KEYS, SAMPLE) * 50, NOW) is Refusal.UNAUTHENTICATED


def test_a_token_ends_on_the_second() -> None:
    token = mint_token(KEYS, SAMPLE)
    last = SAMPLE.expires_at - timedelta(microseconds=1)
    assert read_token(KEYS, token, last) == SAMPLE
    assert read_token(KEYS, token, SAMPLE.expires_at) is Refusal.TOKEN_EXPIRED


def test_tokens_of_an_older_key_still_read_and_of_a_withdrawn_one_do_not() -> None:
    older = mint_token(TokenKeys(newest=1, keys=KEYS.keys), SAMPLE)
    assert read_token(KEYS, older, NOW) == SAMPLE
    withdrawn = TokenKeys(newest=2, keys={2: KEYS.keys[2]})
    assert read_token(withdrawn, older, NOW) is Refusal.UNAUTHENTICATED


def test_the_same_key_number_with_another_secret_reads_nothing() -> None:
    other = TokenKeys(newest=2, keys={2: b"3" * 32})
    assert read_token(other, mint_token(KEYS, SAMPLE), NOW) is Refusal.UNAUTHENTICATED


def test_a_consumers_token_is_short_and_names_nobody() -> None:
    assert len(mint_token(KEYS, SAMPLE)) == 72


@pytest.mark.parametrize("length", [0, 65])
def test_a_token_without_a_holder_is_a_broken_promise(length: int) -> None:
    with pytest.raises(AssertionError):
        mint_token(KEYS, Claims(**{**SAMPLE_FIELDS, "who": b"x" * length}))
