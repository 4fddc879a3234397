"""Demo stores: what `huiquan store import` is given in a demonstration."""

from pathlib import Path

import pytest

from huiquan.domain.cities import CITIES
from huiquan.domain.merchants import is_doubtful_uscc
from huiquan.domain.regions import county_at
from huiquan.gateways.maps import load_regions
from simulation.places import WUHAN, city_weights
from simulation.stores import (
    DINING,
    ONLINE,
    RETAIL,
    DemoStore,
    make_stores,
    organisation_check,
    read_stores,
    write_stores,
)

REGIONS = load_regions()
STORES = make_stores(REGIONS, seed=1)


def city_of(store: DemoStore) -> str:
    county = county_at(REGIONS, store.lat, store.lng)
    assert county is not None
    return county.city


def test_every_store_stands_in_the_county_its_address_and_credit_code_name() -> None:
    for store in STORES:
        county = county_at(REGIONS, store.lat, store.lng)
        assert county is not None
        assert county.zh in store.address
        assert store.uscc[2:8] == county.code


def test_every_city_has_a_dining_and_a_retail_store() -> None:
    for pack in (DINING, RETAIL):
        assert {city_of(store) for store in STORES if pack in store.packs} == set(CITIES)


def test_a_few_merchants_sell_online_and_each_store_takes_the_pack_of_its_trade() -> None:
    assert 3 <= sum(store.packs == (ONLINE,) for store in STORES) <= len(STORES) // 20
    assert {store.packs for store in STORES} == {(ONLINE,), (RETAIL,), (DINING,)}


def test_credit_codes_are_valid_and_no_two_are_the_same() -> None:
    assert not any(is_doubtful_uscc(store.uscc) for store in STORES)
    assert all(organisation_check(store.uscc[8:16]) == store.uscc[16] for store in STORES)
    assert len({store.uscc for store in STORES}) == len(STORES)


@pytest.mark.parametrize(("first_8", "check"), [("60003734", "1"), ("D2143569", "X")])
def test_the_check_of_an_organisation_code_is_that_of_gb_11714(first_8: str, check: str) -> None:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    left = sum(w * int(c, 36) for w, c in zip(weights, first_8, strict=True)) % 11
    assert {0: "0", 1: "X"}.get(left, str(11 - left)) == organisation_check(first_8) == check


def test_the_same_seed_gives_the_same_stores_and_another_seed_others() -> None:
    assert make_stores(REGIONS, seed=1) == STORES
    assert make_stores(REGIONS, seed=2) != STORES


def test_a_written_list_is_read_again_as_it_was_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "stores.csv"
    write_stores(path, STORES)
    assert read_stores(path) == STORES
    assert path.stat().st_mode & 0o077 == 0


def test_wuhan_has_a_third_of_all_users_and_the_shares_make_one() -> None:
    weights = dict(city_weights())
    assert weights[WUHAN] == pytest.approx(0.33, abs=0.01)
    assert sum(weights.values()) == pytest.approx(1)
