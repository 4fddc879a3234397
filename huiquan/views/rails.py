"""Which store takes which rail, and where the next one is: known before anyone pays.  支付通道"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.domain.acquirers import rail_name
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
    app: App, campaign_id: int, store_id: int, asked: str | None
) -> StoreRails | None:
    """The rails of a store, or None for a store that is not there. (R3.8)"""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            f"""
            select s.lat, s.lng, {RAILS.format(at="$2")} as takes
              from stores s
             where s.store_id = $1
            """,
            store_id,
            app.clock(),
        )
    if row is None:
        return None
    takes, nearest = tuple(row["takes"]), None
    if asked is not None and asked not in takes:
        near = StoreSearch(
            campaign_id=campaign_id, near=(row["lat"], row["lng"]), rail=asked, most=1
        )
        nearest = next(iter((await find_stores(app, near)).items), None)
    return StoreRails(takes=takes, asked=asked, is_taken=asked in takes, nearest=nearest)
