"""Asking the other signer how far it is, before signing after a start.  与另一方核对

A book that was restored from an older copy does not know that it is old. The other signer's book
does: until the two were compared nothing is signed, and lanes that lag must catch up first.
"""

import msgspec

from huiquan.domain.draw_config import canonical
from huiquan.domain.signing import Purpose, is_signed
from notary.desk import Desk


def take_status(desk: Desk, raw: bytes, peer_key: bytes) -> bool:
    """Compare with the other signer's signed status; True if it was genuine and taken up.

    The notary may be one round ahead of the auditor, for it signs first; the auditor is never
    ahead of the notary. So a lane lags if the other signer knows a round this book should hold.
    """
    try:
        status = msgspec.json.decode(raw)
        signature = bytes.fromhex(status.pop("signature"))
        lanes = {
            (str(one["series"]), int(one["epoch"]), int(one["lane"])): int(one["seq"])
            for one in status["lanes"]
        }
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError, ValueError):
        return False
    if not is_signed(peer_key, Purpose.STATUS, canonical(status), signature):
        return False
    allowed = 1 if desk.role == "auditor" else 0
    desk.ahead.clear()
    desk.ahead.update({lane: seq - allowed for lane, seq in lanes.items()})
    desk.ready = True
    return True
