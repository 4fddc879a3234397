"""Maps: the borders of Hubei, read from the files that come with the house.  地图数据"""

from importlib.resources import files

from huiquan.domain.regions import Regions, read_regions


def load_regions() -> Regions:
    """Read the borders of cities and counties: about 80 ms, once at start-up."""
    data = files("huiquan") / "data"
    return read_regions(
        city_borders=(data / "hubei17.geojson").read_bytes(),
        county_borders=(data / "hubei_counties.geojson").read_bytes(),
    )
