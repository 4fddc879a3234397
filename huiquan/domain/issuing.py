"""Issuing: the voucher of a kept win, made from the entry that won it.  发券

Instant rounds, lists and the recount of both make it here, under the rulebook that was in force
when the person entered.
"""

from datetime import datetime

from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_from_number
from huiquan.domain.entering import EntryRow
from huiquan.domain.vouchers import Issued, Win, issue


def issue_to(campaign: Campaign, row: EntryRow, tier: int, issued_at: datetime) -> Issued:
    """The voucher of a tier for an entry, and its money set aside."""
    version = campaign.version_at(row.entered_at)
    win = Win(
        campaign_id=campaign.campaign_id,
        lane=row.entry.lane,
        idx=row.entry.idx,
        pid=row.entry.pid,
        day=day_from_number(row.entry.day),
        tier=tier,
        city=row.city,
    )
    return issue(
        win, rulebook=version.rulebook, rulebook_version=version.version, issued_at=issued_at
    )
