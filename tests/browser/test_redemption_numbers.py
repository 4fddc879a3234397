"""The till knows a redemption's number from a payment code, scanned or typed.  核销流水号"""

import json
import subprocess

import pytest

from huiquan.domain.serials import Name, write_name
from tests.browser.node import HERE, node

NUMBER = "R001-0000-000000024-01-G"
SHORTEST = write_name("R", Name(1, 0, 0, (1,)))
LONGEST = write_name("R", Name(2**15 - 1, 9999, 2**63 - 1, (2**15 - 1,)))
PAYMENT = "2847301956281047365"  # as many digits as a number has without its strokes


def taken_for(texts: list[str]) -> list[dict[str, str | None]]:
    program = [node(), "--no-warnings", str(HERE / "redemption_numbers.mjs"), json.dumps(texts)]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    return list(json.loads(said))


# text, taken by the camera for, typed taken for
CASES = [
    (NUMBER, NUMBER, NUMBER),
    (SHORTEST, SHORTEST, SHORTEST),
    (LONGEST, LONGEST, LONGEST),
    (f"{NUMBER}\n", NUMBER, NUMBER),
    (PAYMENT, None, "R284-7301-956281047-36-5"),
    (f"R{PAYMENT}", None, "R284-7301-956281047-36-5"),
    (PAYMENT + "01234", None, PAYMENT + "01234"),
    (NUMBER.removeprefix("R"), None, NUMBER),
    (LONGEST.removeprefix("R"), None, LONGEST),
    (NUMBER.lower(), None, NUMBER),
    ("r001 0000 000000024 01 g", None, NUMBER),
    ("R001-0000-00000024-01-G", None, "R001-0000-00000024-01-G"),
    ("V001-0000-000000024-G", None, "V001-0000-000000024-G"),
    (f"https://example.org/{NUMBER}", None, f"HTTPS://EXAMPLE.ORG/{NUMBER}"),
]


@pytest.mark.requirement("R2.8")
def test_the_camera_takes_a_whole_number_alone_and_whoever_types_may_leave_out_the_strokes() -> (
    None
):
    told = taken_for([text for text, _, _ in CASES])
    shown = [
        (text, one["scanned"], one["typed"]) for (text, _, _), one in zip(CASES, told, strict=True)
    ]
    assert shown == CASES
