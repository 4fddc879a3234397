"""Which store takes which rail, and where the next one is: known before anyone pays.  支付通道"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.domain.acquirers import rail_name
from huiquan.domain.campaigns import Campaign
from huiquan.domain.rulebooks import UseArea
from huiquan.views.stores import RAILS, StoreLine, StoreSearch, find_stores


@dataclass(frozen=True, kw_only=True)
class StoreRails:
    """The rails that a store takes now, and what a customer with another one is told.

    nearest is the next store that takes the rail that was asked about, None where there is none,
    and where this one does.
    """

    takes: tuple[str, ...]
    asked: str | None
    is_taken: bool
    nearest: StoreLine | None

    @property
    def sentence(self) -> tuple[str, str]:
        """What stands on the screen, in Chinese and English."""
        if not self.takes:
            return "本店尚未开通线上支付用券。", "No way of paying is open for vouchers here yet."
        zh = "、".join(rail_name(rail)[0] for rail in self.takes)
        en = ", ".join(rail_name(rail)[1] for rail in self.takes)
        if self.asked is None or self.is_taken:
            return f"本店可用：{zh}。", f"This store takes {en}."
        asked_zh, asked_en = rail_name(self.asked)
        return (
            f"本店可用：{zh}；不支持{asked_zh}。",
            f"This store takes {en}, not {asked_en} here.",
        )


async def rails_of(
    app: App, campaign: Campaign, store_id: int, asked: str | None, pack: int | None = None
) -> StoreRails | None:
    """The rails of a store, or None for a store that is not there. (R3.8)

    The next store is one where the customer's voucher is good, too: it takes that pack, or, where
    nobody said which, one that this store takes; and it lies in the same city where vouchers are
    good in the city of registration only.
    """
    now = app.clock()
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            f"""
            select s.lat, s.lng, s.city, {RAILS.format(at="$2")} as takes,
                   array(select p.pack
                           from store_packs p
                          where p.store_id = s.store_id
                            and p.campaign_id = $3
                            and p.open_from <= $2
                            and (p.open_until is null or p.open_until > $2)) as packs
              from stores s
             where s.store_id = $1
            """,
            store_id,
            now,
            campaign.campaign_id,
        )
    if row is None:
        return None
    takes, nearest = tuple(row["takes"]), None
    if asked is not None and asked not in takes:
        is_bound = campaign.rulebook_at(now).use_area is UseArea.REGISTRATION_CITY
        near = StoreSearch(
            campaign_id=campaign.campaign_id,
            city=row["city"] if is_bound else None,
            packs=(pack,) if pack else tuple(row["packs"]),
            near=(row["lat"], row["lng"]),
            rail=asked,
            most=1,
        )
        nearest = next(iter((await find_stores(app, near)).items), None)
    return StoreRails(takes=takes, asked=asked, is_taken=asked in takes, nearest=nearest)
