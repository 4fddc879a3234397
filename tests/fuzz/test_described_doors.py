"""Every door keeps its description: whatever is sent, the answer has a described status and shape.

Messages are made up from the house's own OpenAPI description, right ones and wrong ones, always
the same ones. Path names are replaced by real ones in every second message.
"""

import random
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from huiquan.db.embedded import Embedded, create_database
from huiquan.web.site import make_site
from tests.conftest import TEMPLATE
from tests.fuzz.standing import Standing, standing_house
from tests.houses import make_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fuzz")]

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

DESCRIBED = make_site(make_house(None).app).openapi_schema.to_schema()  # type: ignore[arg-type]
schema = schemathesis.openapi.from_dict(DESCRIBED)


@pytest.fixture(scope="module")
def standing(postgres: Embedded) -> Iterator[Standing]:
    """One house for all messages."""
    with standing_house(create_database(postgres, "fuzz", template=TEMPLATE)) as opened:
        yield opened


@pytest.mark.requirement("R4.1")
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: schemathesis.Case, standing: Standing) -> None:
    throw = random.Random(repr((case.path_parameters, case.query, case.body)))
    for name, real in standing.known.names.items():
        if name in case.path_parameters and throw.random() < 0.5:
            case.path_parameters[name] = throw.choice(real)
        if isinstance(case.body, dict) and name in case.body and throw.random() < 0.5:
            case.body[name] = throw.choice(real)
    prepared = requests.Request(
        **case.as_transport_kwargs(base_url="http://house", headers=_pass_for(case, standing))
    ).prepare()
    answer = standing.ask(
        str(prepared.method),
        str(prepared.url),
        content=prepared.body,
        headers=list(prepared.headers.items()),
    )
    case.validate_response(answer, checks=CHECKS)


def _pass_for(case: schemathesis.Case, standing: Standing) -> dict[str, str]:
    """The pass of the door, so that messages get behind it."""
    known = standing.known
    if "/till/" in case.path or "/merchant/" in case.path:
        return known.cashier
    return known.official if "/console/" in case.path else known.consumer
