"""What stands on every slip of the till: the order, what came off it, what is paid.  小票"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from huiquan.domain.offers import Funder, Offer
from huiquan.domain.redemptions import Quote, Redemption
from huiquan.domain.refunds import RefundsSoFar
from huiquan.domain.rulebooks import pack_numbered
from huiquan.web.answers import accepted
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.limits import Allowance
from huiquan.web.wire import Wire, shanghai

# Whoever tries out digits at a till needs months: of a lane's thousand million codes few are live.
SCAN_OF_CASHIER = Allowance(name="scan/cashier", at_once=30, every_s=1)

# Above what any order may be, so that the rule itself says no; JSON numbers are exact below it.
SentFen = Annotated[int, Meta(ge=0, le=2**53 - 1)]
SentCode = Annotated[str, Meta(max_length=64)]
OfferName = Annotated[str, Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")]


class RedemptionState(StrEnum):
    """What a redemption has come to."""

    REDEEMED = "redeemed"  # 已核销
    PARTLY_REFUNDED = "partly_refunded"  # 部分退款
    REFUNDED = "refunded"  # 全额退款


class SentOffer(Wire):
    """An offer taken off before the voucher, and who pays for it."""

    funder: Funder
    name: OfferName
    amount_fen: SentFen


SentOffers = Annotated[list[SentOffer], Meta(max_length=20)]


class ShownQuote(Wire):
    """The sums of an order with a voucher, in fen (R1.2)."""

    pack_zh: str
    pack_en: str
    face_fen: int
    threshold_fen: int
    order_fen: int
    offers_fen: int
    net_fen: int
    discount_fen: int
    to_pay_fen: int


class ShownRedemption(ShownQuote, kw_only=True):
    """A redemption; refunded_fen is the value of the goods that came back."""

    redemption: str
    redeemed_at: datetime
    state: RedemptionState
    refunded_fen: int


def offers_of(sent: list[SentOffer]) -> tuple[Offer, ...]:
    """The offers as the domain knows them."""
    return tuple(Offer(funder=one.funder, name=one.name, amount_fen=one.amount_fen) for one in sent)


def quote_fields(campaigns: CampaignCache, campaign_id: int, quote: Quote) -> dict[str, Any]:
    """The fields of a quote, with the pack's names."""
    # Campaign 0 is the sandbox's: its packs are those of the house's own campaign.
    campaign = accepted(campaigns.asked(campaign_id or None))
    pack = pack_numbered(campaign.versions[0].rulebook, quote.pack)
    assert pack is not None, "packs keep their numbers in every version"
    return {
        "pack_zh": pack.name_zh,
        "pack_en": pack.name_en,
        "face_fen": quote.face_fen,
        "threshold_fen": quote.threshold_fen,
        "order_fen": quote.order_fen,
        "offers_fen": quote.offers_fen,
        "net_fen": quote.net_fen,
        "discount_fen": quote.discount_fen,
        "to_pay_fen": quote.to_pay_fen,
    }


def redemption_fields(
    campaigns: CampaignCache, paid: Redemption, so_far: RefundsSoFar
) -> dict[str, Any]:
    """The fields of a redemption and of what has come back of it."""
    return {
        **quote_fields(campaigns, paid.campaign_id, paid.quote),
        "redemption": paid.redemption_id,
        "redeemed_at": shanghai(paid.redeemed_at),
        "state": redemption_state(paid.quote.net_fen, so_far.refunded_fen),
        "refunded_fen": so_far.refunded_fen,
    }


def redemption_state(net_fen: int, refunded_fen: int) -> RedemptionState:
    """What a redemption has come to, from what was left to pay and what came back of it."""
    if refunded_fen == 0:
        return RedemptionState.REDEEMED
    is_whole = refunded_fen == net_fen
    return RedemptionState.REFUNDED if is_whole else RedemptionState.PARTLY_REFUNDED
