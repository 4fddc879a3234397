"""No two names on the map of Hubei meet, on a desk or on a narrow phone.  地图注记"""

import itertools
import json
import subprocess

import pytest

from tests.browser.node import HERE, node

# The outline's own span of longitude, and how its latitude is stretched (`aspectScale`).
DEGREES_WIDE = 7.77
ASPECT = 0.86
# A letter of a Latin face is hardly ever wider than this; a Chinese character is a square.
EM_WIDE = {"zh": 1.0, "en": 0.58}
EM_HIGH = 1.1
PHONE, DESK = 250, 394


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_names_on_the_map_meet(lang: str, width: int) -> None:
    program = [node(), "--no-warnings", str(HERE / "map_labels.mjs")]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    labels = json.loads(said)[lang]
    assert len(labels) == 17
    across = width / DEGREES_WIDE
    met = []
    for one, other in itertools.combinations(labels, 2):
        apart_x = abs(one["at"][0] - other["at"][0]) * across
        apart_y = abs(one["at"][1] - other["at"][1]) * across / ASPECT
        wide = EM_WIDE[lang] * one["size"] * (len(one["name"]) + len(other["name"])) / 2
        if apart_x < wide and apart_y < EM_HIGH * one["size"]:
            met.append((one["name"], other["name"]))
    assert met == []
