"""Maps: the borders come with the house."""

from huiquan.domain.regions import county_at
from huiquan.gateways.maps import load_regions


def test_the_borders_that_come_with_the_house_are_read() -> None:
    regions = load_regions()
    assert len(regions.counties) == 103
    assert len(regions.city_outlines) == 17
    county = county_at(regions, 30.593, 114.305)
    assert county is not None
    assert county.zh == "江岸区"
