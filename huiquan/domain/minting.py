"""Minting: a holder asks for the code that the till will scan.  生成券码

    asked --holder, voucher good--> code for 30 seconds --asked again--> a new one, the old is void

The digits follow from the house's key and the request, so that a phone whose answer was lost is
given the same digits again, although the house keeps no digits.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.domain.codes import code_from_random
from huiquan.domain.redemptions import voucher_flaw
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.vouchers import Voucher


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who asks for a code, and whether risk control or the exclusion list stands in the way."""

    campaign_id: int
    pid: bytes
    is_suspended: bool = False
    is_excluded: bool = False


def decide_mint(
    voucher: Voucher | None, holder: Holder, *, rulebook: Rulebook, now: datetime
) -> datetime | Refusal:
    """Say until when a code minted now is good: `code_ttl_s`, never beyond the voucher's end.

    Refuses UNKNOWN_VOUCHER, NOT_YOUR_VOUCHER; EXCLUDED, SUSPENDED (conditions are compared for
    redeeming as for registering, R2.1); ALREADY_REDEEMED, VOUCHER_EXPIRED, NOT_YET_VALID,
    VOUCHER_LOCKED.
    """
    if voucher is None or voucher.campaign_id != holder.campaign_id:
        return Refusal.UNKNOWN_VOUCHER
    if voucher.pid != holder.pid:
        return Refusal.NOT_YOUR_VOUCHER
    if holder.is_excluded:
        return Refusal.EXCLUDED
    if holder.is_suspended:
        return Refusal.SUSPENDED
    flaw = voucher_flaw(voucher, now)
    return flaw or min(now + timedelta(seconds=rulebook.code_ttl_s), voucher.valid_until)


def code_for_request(key: bytes, voucher: Voucher, request_key: str, turn: int) -> str:
    """The digits that answer one request; turn 1, 2, … only if the digits before were taken.

    Without the key nobody can guess them, with it they come out the same each time.
    """
    asked = f"mint\0{voucher.serial}\0{request_key}\0{turn}".encode()
    return code_from_random(hmac.digest(key, asked, "sha256"), voucher.lane)
