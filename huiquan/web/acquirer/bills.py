"""An acquirer's bill of a day, and the table of errors its machine goes by.  账单与错误码"""

import base64
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter

from huiquan.actions.bill_acquirer import bill_acquirer
from huiquan.domain.acquirer_errors import ADVICE
from huiquan.domain.days import day_from_number
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import SIGNATURE
from huiquan.web.acquirer.callers import SIGNED, Partner
from huiquan.web.answers import NO_STORE, RefusedError, accepted
from huiquan.web.wire import Wire

SHA256, LINES = "huiquan-sha256", "huiquan-lines"


class ShownError(Wire):
    """A code, its status and sentences, and how a machine goes on after it."""

    code: str
    status: int
    zh: str
    en: str
    retry: str
    after_s: int
    advice_zh: str
    advice_en: str


class ErrorTable(Wire):
    """Every code that the acquirer's door answers."""

    items: list[ShownError]


@get(
    "/acquirer/v1/bills/{day:int}",
    operation_id="getBill",
    summary="The bill of a day",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
    media_type="text/csv",
)
async def get_bill(
    day: Annotated[int, Parameter(ge=20_200_101, le=99_991_230)], partner: Partner
) -> Response[bytes]:
    """A CSV file; its SHA-256 and the platform's signature stand in the headers."""
    try:
        asked = day_from_number(day)
    except ValueError as error:
        raise RefusedError(Refusal.MALFORMED) from error
    made = accepted(await bill_acquirer(partner.house, partner.acquirer.code, asked))
    return Response(
        made.bill.csv,
        media_type="text/csv; charset=utf-8",
        headers={
            SHA256: made.bill.sha256.hex(),
            LINES: str(made.bill.lines),
            SIGNATURE: base64.b64encode(made.signature).decode(),
        },
    )


@get(
    "/acquirer/v1/errors",
    operation_id="listErrors",
    summary="Every error, with what to do about it",
    tags=["acquirer"],
)
async def list_errors() -> ErrorTable:
    """Codes with their sentences and advice; unsigned, so that a machine may read it first."""
    return ErrorTable(
        items=[
            ShownError(
                code=one.code.value,
                status=one.code.status,
                zh=one.code.zh,
                en=one.code.en,
                retry=one.retry.value,
                after_s=one.after_s,
                advice_zh=one.zh,
                advice_en=one.en,
            )
            for one in ADVICE
        ]
    )


ROUTES = (get_bill, list_errors)
