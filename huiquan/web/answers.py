"""How the house answers: results as they are, refusals as one small problem document.  应答

Actions and views give back `X | Refusal`; only here, at the doors, does a refusal become an HTTP
status. A fault of the database or of an outsider becomes 503 with Retry-After, never a 500.
"""

from typing import Any, TypeVar

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi.datastructures import ResponseSpec

from huiquan.domain.refusals import Refusal
from huiquan.web.bodies import flaw_of

T = TypeVar("T")

RETRY_AFTER_S = 2


OF_SIGNATURES = frozenset(
    {
        Refusal.SIGNATURE_WRONG,
        Refusal.KEY_UNKNOWN,
        Refusal.KEY_OUT_OF_DATE,
        Refusal.REQUEST_STALE,
    }
)
"""Said to machines that sign, who have no pass to bring."""


class Problem(msgspec.Struct, kw_only=True):
    """Why nothing was done: a code for programs, a sentence for people."""

    code: str
    zh: str
    en: str
    detail: dict[str, Any] | None = None


INTERNAL = Problem(
    code="internal", zh="系统内部错误，我们已记录。", en="An error of ours; it is recorded."
)


class RefusedError(Exception):
    """A refusal on its way out of a door; said: zh and en with its figures, if it has any."""

    def __init__(
        self,
        refusal: Refusal,
        detail: dict[str, Any] | None = None,
        said: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.detail = detail
        self.said = said


def accepted(outcome: T | Refusal, detail: dict[str, Any] | None = None) -> T:
    """Give the outcome back, or leave the door with its refusal."""
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome, detail)
    return outcome


def problem(
    refusal: Refusal, detail: dict[str, Any] | None = None, said: tuple[str, str] | None = None
) -> Response[Problem]:
    """The answer for one refusal, in its own words or in those that were said."""
    zh, en = said or (refusal.zh, refusal.en)
    headers = {"Cache-Control": "no-store"}
    if refusal.status in (429, 503):
        headers["Retry-After"] = str((detail or {}).get("wait_s", RETRY_AFTER_S))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Huiquan-Signature" if refusal in OF_SIGNATURES else "Bearer"
    body = Problem(code=refusal.value, zh=zh, en=en, detail=detail)
    return Response(body, status_code=refusal.status, headers=headers)


def _refused(request: Request[Any, Any, Any], error: RefusedError) -> Response[Problem]:
    request.app.state.refusals.count(request.url.path, error.refusal)
    return problem(error.refusal, error.detail, error.said)


def _malformed(request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    error = flaw_of(request, error)
    extra = error.extra if isinstance(error.extra, list) else []
    fields = [
        {"key": str(item.get("key", "")), "message": str(item.get("message", ""))}
        for item in extra
        if isinstance(item, dict)
    ]
    return problem(Refusal.MALFORMED, {"fields": fields} if fields else {"reason": error.detail})


def _nested_too_deeply(_: Request[Any, Any, Any], error: RecursionError) -> Response[Problem]:
    """Only reading a body goes as deep as its sender wants."""
    return problem(Refusal.MALFORMED, {"reason": "nested too deeply"})


def _not_utf8(_: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Problem]:
    """Only what a sender wrote is decoded: a text in a body whose bytes are no UTF-8."""
    return problem(Refusal.MALFORMED, {"reason": "not UTF-8"})


BY_STATUS = {
    400: Refusal.MALFORMED,
    401: Refusal.UNAUTHENTICATED,
    403: Refusal.FORBIDDEN,
    404: Refusal.NOT_FOUND,
    405: Refusal.METHOD_NOT_ALLOWED,
    413: Refusal.TOO_LARGE,
    415: Refusal.MALFORMED,
    429: Refusal.TOO_MANY_REQUESTS,
}


def _http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    refusal = BY_STATUS.get(error.status_code, Refusal.MALFORMED)
    most_bytes = refusal is Refusal.TOO_LARGE and _most_bytes(request)
    response = problem(refusal, {"most_bytes": most_bytes} if most_bytes else None)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _most_bytes(request: Request[Any, Any, Any]) -> int | None:
    """How large a body this door takes."""
    most: int | None = request.route_handler.resolve_request_max_body_size()
    return most


def _busy(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    request.app.state.log.warning("fault at a door", path=request.url.path, error=repr(error))
    return problem(Refusal.BUSY)


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A bug of ours: say that it failed, log it whole, and let the 5xx tests find it."""
    request.app.state.log.exception("unforeseen error", path=request.url.path, exc_info=error)
    return Response(INTERNAL, status_code=500)


DATABASE_FAULTS: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # The server's last word is there, the end of the connection is not yet: it is neither idle nor
    # closed, and whoever asks over it is told that.
    asyncpg.InternalClientError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.CrashShutdownError,
    asyncpg.exceptions.TooManyConnectionsError,
    asyncpg.exceptions.DiskFullError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.DeadlockDetectedError,
    asyncpg.exceptions.SerializationError,
    ConnectionError,
    TimeoutError,
    OSError,
)

EXCEPTION_HANDLERS: dict[Any, Any] = {
    RefusedError: _refused,
    ValidationException: _malformed,
    RecursionError: _nested_too_deeply,
    UnicodeDecodeError: _not_utf8,
    NotAuthorizedException: _http_error,
    NotFoundException: _http_error,
    MethodNotAllowedException: _http_error,
    HTTPException: _http_error,
    **dict.fromkeys(DATABASE_FAULTS, _busy),
    Exception: _unforeseen,
}

# What any door may answer besides its own success, for the API description.
REFUSALS: dict[int, ResponseSpec] = {
    status: ResponseSpec(data_container=Problem, description=text, generate_examples=False)
    for status, text in {
        400: "The request is not well formed",
        401: "Not signed in",
        403: "Not allowed",
        404: "Not found",
        409: "Not possible in the present state",
        413: "Too large",
        422: "RefusedError by a rule",
        429: "Too many requests",
        503: "Busy; ask again",
    }.items()
}

NO_STORE = ResponseHeader(name="Cache-Control", value="no-store")
