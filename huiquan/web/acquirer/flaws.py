"""Why a signed request was not let in, said so that whoever wrote the client can mend it.  验签提示

An integrator's first days are spent on this one answer. All that is told is what the request itself
said, and our clock, which everybody knows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huiquan.actions.admit_request import SignedRequest
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import WANTED, WINDOW, misshapen, text_to_sign, time_in_ms
from huiquan.web.answers import RefusedError

ALLOWED_S = int(WINDOW.total_seconds())


def header_flaw(headers: Mapping[str, str]) -> RefusedError:
    """SIGNATURE_WRONG for headers that cannot be read: which of them, and what it has to be."""
    name = misshapen(headers)
    assert name is not None, "only headers that cannot be read have a flaw"
    zh, en = WANTED[name]
    header = name.title()
    state_zh, state_en = ("格式不对", "misshapen") if headers.get(name) else ("缺失", "missing")
    said = (f"请求头 {header} {state_zh}：应为{zh}。", f"The header {header} is {state_en}: {en}.")
    return RefusedError(Refusal.SIGNATURE_WRONG, {"header": header, "wanted": en}, said)


def admission_flaw(refusal: Refusal, signed: SignedRequest, now: datetime) -> RefusedError:
    """Why a request whose headers can be read was not admitted, with what helps to mend it."""
    head = signed.head
    if refusal is Refusal.SIGNATURE_WRONG:
        return RefusedError(refusal, {"signed_text": _text(signed), "key": head.key_id}, _LINES)
    if refusal is Refusal.REQUEST_STALE:
        return _stale(head.time_ms, time_in_ms(now))
    named: dict[Refusal, dict[str, Any]] = {
        Refusal.KEY_UNKNOWN: {"key": head.key_id},
        Refusal.KEY_OUT_OF_DATE: {"key": head.key_id},
        Refusal.REQUEST_REPLAYED: {"nonce": head.nonce},
    }
    return RefusedError(refusal, named.get(refusal))


_LINES = (
    "签名与本次请求不符：detail 的 signed_text 是我方据以验签的六行原文，请与您签名的逐字节核对；"
    "一致的，请核对私钥、密钥编号和算法。",
    "The signature does not fit this request: signed_text in detail is what we verified, six "
    "lines; compare it byte by byte with what you signed. If they are the same, check private "
    "key, key name and algorithm.",
)


def _text(signed: SignedRequest) -> str:
    head = signed.head
    text = text_to_sign(signed.method, signed.target, head.time_ms, head.nonce, signed.body)
    return text.decode("latin-1")


def _stale(theirs: str, ours: str) -> RefusedError:
    off_s = abs(int(theirs) - int(ours)) // 1000
    zh_side, en_side = ("慢", "behind") if int(theirs) < int(ours) else ("快", "ahead of")
    said = (
        f"请求时间比我方{zh_side} {off_s} 秒，最多允许 {ALLOWED_S} 秒：请校准时钟后重新签名。",
        f"The request's time is {off_s} s {en_side} ours, {ALLOWED_S} s are allowed: set the clock "
        "and sign anew.",
    )
    told = {"now_ms": int(ours), "time_ms": int(theirs), "allowed_s": ALLOWED_S}
    return RefusedError(Refusal.REQUEST_STALE, told, said)
