"""The vault: what is locked opens only in its place, with its key, unaltered."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.vault import KeyVault

ONE, TWO = b"1" * 32, b"2" * 32
LOOKUP = b"l" * 32
PERSON = {"name": "李四", "document": "11010519491231002X", "phone": "13800000000"}
ROW = b"registrations/7"


def vault(**master: bytes) -> KeyVault:
    keys = {int(version.removeprefix("v")): key for version, key in master.items()}
    return KeyVault(master=keys, lookup=LOOKUP, random_bytes=os.urandom)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=100), max_size=6), st.binary())
def test_what_was_locked_opens_again(fields: dict[str, str], context: bytes) -> None:
    sealed = vault(v1=ONE).seal(fields, context)
    assert vault(v1=ONE).open(sealed, context) == fields


def test_nothing_personal_can_be_read_in_what_is_stored() -> None:
    sealed = vault(v1=ONE).seal(PERSON, ROW)
    for text in PERSON.values():
        assert text.encode() not in sealed


def test_the_same_person_sealed_twice_looks_different() -> None:
    assert vault(v1=ONE).seal(PERSON, ROW) != vault(v1=ONE).seal(PERSON, ROW)


def test_a_row_does_not_open_in_the_place_of_another() -> None:
    sealed = vault(v1=ONE).seal(PERSON, ROW)
    with pytest.raises(OutsiderFault, match="not of this context"):
        vault(v1=ONE).open(sealed, b"registrations/8")


def test_no_altered_bit_is_overlooked() -> None:
    sealed = vault(v1=ONE).seal(PERSON, ROW)
    for at in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[at] ^= 1 << bit
            with pytest.raises(OutsiderFault):
                vault(v1=ONE).open(bytes(altered), ROW)


def test_what_is_cut_short_is_a_fault() -> None:
    sealed = vault(v1=ONE).seal(PERSON, ROW)
    for length in range(len(sealed)):
        with pytest.raises(OutsiderFault):
            vault(v1=ONE).open(sealed[:length], ROW)


def test_after_a_new_master_key_old_rows_open_and_new_ones_use_it() -> None:
    old = vault(v1=ONE).seal(PERSON, ROW)
    both = vault(v1=ONE, v2=TWO)
    new = both.seal(PERSON, ROW)
    assert both.open(old, ROW) == both.open(new, ROW) == PERSON
    assert vault(v2=TWO).open(new, ROW) == PERSON
    with pytest.raises(OutsiderFault, match="no key"):
        vault(v2=TWO).open(old, ROW)


def test_another_key_under_the_same_number_opens_nothing() -> None:
    with pytest.raises(OutsiderFault, match="altered"):
        vault(v1=TWO).open(vault(v1=ONE).seal(PERSON, ROW), ROW)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_text_is_found_by_its_hash_and_by_no_other(one: str, other: str) -> None:
    index = vault(v1=ONE).index
    assert (index("phone", one) == index("phone", other)) == (one == other)
    assert index("phone", one) != index("document", one)


def test_the_hash_needs_the_lookup_key_and_outlives_master_keys() -> None:
    other = KeyVault(master={1: ONE}, lookup=b"m" * 32, random_bytes=os.urandom)
    assert other.index("phone", "13800000000") != vault(v1=ONE).index("phone", "13800000000")
    assert vault(v1=ONE).index("phone", "1") == vault(v2=TWO).index("phone", "1")
