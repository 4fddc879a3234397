"""Winners, shops and a second count of the books, for tests of vouchers and tills."""

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from huiquan.actions.open_store import NewStore, OpenedStore, open_store
from huiquan.db import entries, lanes, ledger, registrations, wins
from huiquan.db.registrations import RegistrationRow
from huiquan.domain.campaigns import Campaign
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import day_number, day_of
from huiquan.domain.entering import EntryRow
from huiquan.domain.registrants import Registrant
from huiquan.domain.rounds import Entry
from huiquan.domain.tokens import Door
from huiquan.domain.vouchers import Voucher, Win, issue
from huiquan.web.callers import consumer_token, staff_token
from tests.houses import House, bearer

WUHAN, YICHANG = "420100", "420500"
POINTS = {WUHAN: (30.5806, 114.2867), YICHANG: (30.6919, 111.2868)}
RETAIL, DINING = 2, 3
TOP_DINING = 11  # 200 yuan off 1,000
PIN = "482913"
PHONE = "phone-of-a-test"


@dataclass(frozen=True, kw_only=True)
class Winner:
    """A registered person, signed in on one phone, and the voucher they won."""

    campaign_id: int
    registrant: Registrant
    voucher: Voucher
    headers: dict[str, str] = field(repr=False)

    @property
    def serial(self) -> str:
        return self.voucher.serial


@dataclass(frozen=True, kw_only=True)
class Shop:
    """An open store with a cashier at its till."""

    store_id: int
    merchant_id: int
    cashier_id: int
    headers: dict[str, str] = field(repr=False)


def new_key() -> str:
    """A request key that was never used."""
    return secrets.token_hex(8)


async def register_someone(
    house: House, campaign: Campaign, *, lane: int = 0, city: str = WUHAN
) -> Registrant:
    """A registration as the tables hold it; what is locked up in it is nobody's."""
    pid, now = secrets.token_bytes(16), house.clock.now
    row = RegistrationRow(
        campaign_id=campaign.campaign_id,
        lane=lane,
        pid=pid,
        registration_no=pid.hex(),
        person_key=secrets.token_bytes(32),
        phone_key=secrets.token_bytes(32),
        sealed=b"",
        document_kind="resident_id",
        city=city,
        county="420102",
        evidence={},
        rulebook_version=1,
        identity_checked_at=now,
        registered_at=now,
    )
    async with house.app.db.transaction() as tx:
        await registrations.record(tx, row)
    return Registrant(lane=lane, pid=pid)


async def let_win(
    house: House, campaign: Campaign, who: Registrant, tier: int = TOP_DINING, city: str = WUHAN
) -> Voucher:
    """Enter a person today and let them win a tier: entry, voucher and money as a round does it."""
    now = house.clock.now
    version = campaign.version_at(now)
    async with house.app.db.transaction() as tx:
        head = await lanes.lock(tx, campaign.campaign_id, who.lane)
        win = Win(
            campaign_id=campaign.campaign_id,
            lane=who.lane,
            idx=head.next_idx,
            pid=who.pid,
            day=day_of(now),
            tier=tier,
            city=city,
        )
        issued = issue(
            win, rulebook=version.rulebook, rulebook_version=version.version, issued_at=now
        )
        row = _entry(win, issued.voucher, now)
        await entries.record(
            tx,
            campaign_id=campaign.campaign_id,
            lane=who.lane,
            first_idx=head.next_idx,
            rows=[row],
        )
        await wins.record(tx, campaign.campaign_id, who.lane, [issued.voucher])
        await ledger.book(
            tx,
            campaign_id=campaign.campaign_id,
            lane=who.lane,
            transfers=[issued.transfer],
            at=now,
        )
    return issued.voucher


def _entry(win: Win, voucher: Voucher, now: Any) -> EntryRow:
    return EntryRow(
        entry=Entry(
            lane=win.lane,
            day=day_number(win.day),
            idx=win.idx,
            pack=voucher.pack,
            pid=win.pid,
            client_nonce=secrets.token_bytes(16),
            elig=bytes(32),
        ),
        salt=secrets.token_bytes(16),
        decision=b"",
        cfg_hash=bytes(32),
        city=win.city,
        request_key=new_key(),
        entered_at=now,
    )


async def winner(
    house: House,
    campaign: Campaign,
    *,
    tier: int = TOP_DINING,
    lane: int = 0,
    city: str = WUHAN,
) -> Winner:
    """A person who registered, won this tier today, and is signed in on a phone."""
    who = await register_someone(house, campaign, lane=lane, city=city)
    voucher = await let_win(house, campaign, who, tier, city)
    until = house.clock.now + timedelta(days=30)
    token = consumer_token(
        house.app, campaign.campaign_id, who.lane, who.pid, PHONE, until.replace(microsecond=0)
    )
    return Winner(
        campaign_id=campaign.campaign_id,
        registrant=who,
        voucher=voucher,
        headers=bearer(token),
    )


async def shop(
    house: House,
    campaign: Campaign,
    code: str = "jianghan",
    *,
    packs: tuple[int, ...] = (RETAIL, DINING),
    city: str = WUHAN,
    uscc: str = "91420100MA4KXXXX0A",
) -> Shop:
    """A store that takes these packs, with a cashier at its till."""
    lat, lng = POINTS[city]
    opened = await open_store(
        house.app,
        campaign,
        NewStore(
            merchant_name=f"merchant {uscc}",
            uscc=uscc,
            code=code,
            name=f"江汉路{code}店",
            address="江汉路 1 号",
            lat=lat,
            lng=lng,
            datum=Datum.WGS84,
            packs=packs,
            login=code,
            cashier_name="王五",
            pin=PIN,
        ),
        "test",
    )
    assert isinstance(opened, OpenedStore), opened
    async with house.app.db.reading() as tx:
        cashier_id = await tx.fetchval("select cashier_id from cashiers where login = $1", code)
    until = (house.clock.now + timedelta(days=30)).replace(microsecond=0)
    return Shop(
        store_id=opened.store_id,
        merchant_id=opened.merchant_id,
        cashier_id=cashier_id,
        headers=bearer(staff_token(house.app, Door.TILL, cashier_id, until)),
    )


def fen(yuan: str) -> int:
    """Yuan as tables write them, in fen."""
    whole, _, rest = yuan.replace(",", "").partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def order(yuan: str, merchant: str = "", platform: str = "") -> dict[str, Any]:
    """The order part of a till's message: yuan, and an offer of either funder."""
    named = (("merchant", "店庆满减", merchant), ("platform", "平台立减", platform))
    return {
        "order_fen": fen(yuan),
        "offers": [
            {"funder": funder, "name": name, "amount_fen": fen(amount)}
            for funder, name, amount in named
            if amount
        ],
    }


async def mint(client: httpx.AsyncClient, who: Winner, key: str | None = None) -> httpx.Response:
    """Ask for a fresh code."""
    body = {"request_key": key or new_key()}
    path = f"/api/v1/vouchers/{who.serial}/codes"
    return await client.post(path, json=body, headers=who.headers)


async def fresh_code(client: httpx.AsyncClient, who: Winner) -> str:
    """The digits of a fresh code."""
    answer = await mint(client, who)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["digits"])


async def till(
    client: httpx.AsyncClient, at: Shop, path: str, key: str | None = None, **body: Any
) -> httpx.Response:
    """Send a writing message from a till."""
    message = {"request_key": key or new_key(), **body}
    return await client.post(f"/api/v1/till/{path}", json=message, headers=at.headers)


async def locked(
    client: httpx.AsyncClient, at: Shop, who: Winner, yuan: str = "1000", **offers: str
) -> str:
    """Scan a fresh code and lock the voucher; gives the lock's name."""
    code = await fresh_code(client, who)
    answer = await till(client, at, "locks", code=code, **order(yuan, **offers))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["lock"])


async def redeemed(
    client: httpx.AsyncClient, at: Shop, who: Winner, yuan: str = "1000", **offers: str
) -> str:
    """Spend a voucher on an order; gives the redemption's name."""
    lock = await locked(client, at, who, yuan, **offers)
    answer = await till(client, at, f"locks/{lock}/redeem", payment_ref=new_key())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["redemption"])


Held = tuple[str, int, str]


async def counted_again(house: House, campaign: Campaign) -> Counter[Held]:
    """Every balance, counted from the transfers alone and held against what the tables say.

    Besides the balances: no number is missing in any book, the bank's money is meant for
    something to the fen, live vouchers are what is reserved, and what is owed to merchants is
    what was redeemed less what came back.
    """
    asked = campaign.campaign_id
    async with house.app.db.reading() as tx:
        transfers = await tx.fetch(
            "select * from transfers where campaign_id = $1 order by lane, no", asked
        )
        balances = await tx.fetch("select * from balances where campaign_id = $1", asked)
        vouchers = await tx.fetch("select * from vouchers where campaign_id = $1", asked)
        paid = await tx.fetch("select * from redemptions where campaign_id = $1", asked)
        refunds = await tx.fetch("select * from refunds where campaign_id = $1", asked)
    stands: Counter[Held] = Counter()
    next_no: Counter[int] = Counter()
    for one in transfers:
        assert one["no"] == next_no[one["lane"]], "a number is missing in a book"
        next_no[one["lane"]] += 1
        for side, grows in (("debit", {"bank", "receivable"}), ("credit", None)):
            account = one[side]
            up = account in grows if grows else account not in {"bank", "receivable"}
            held = (account, one[f"{side}_lane"], one[f"{side}_holder"])
            stands[held] += one["amount_fen"] if up else -one["amount_fen"]
    said = {(b["account"], b["lane"], b["holder"]): b["amount_fen"] for b in balances}
    assert {held: amount for held, amount in stands.items() if amount} == {
        held: amount for held, amount in said.items() if amount
    }
    assert min(stands.values()) >= 0
    total: Counter[str] = Counter()
    for (account, _, _), amount in stands.items():
        total[account] += amount
    meant_for = ("pool", "released", "reserved", "returned", "payable", "settling")
    assert total["bank"] == sum(total[account] for account in meant_for)
    assert total["receivable"] == total["recovering"]
    for lane in range(campaign.lanes):
        live = [v for v in vouchers if v["lane"] == lane and v["state"] in ("held", "locked")]
        assert stands["reserved", lane, ""] == sum(v["face_fen"] for v in live)
    for d in paid:
        place = ("lane", "idx", "lock_no")
        own = [f for f in refunds if all(f[key] == d[key] for key in place)]
        assert d["refund_count"] == len(own)
        assert d["refunded_fen"] == sum(f["amount_fen"] for f in own) <= d["net_fen"]
        assert d["returned_fen"] == sum(f["to_fund_fen"] for f in own) <= d["discount_fen"]
    owed = sum(d["discount_fen"] for d in paid) - sum(
        f["to_fund_fen"] for f in refunds if not f["late"]
    )
    assert total["payable"] + total["settling"] == owed
    return stands
