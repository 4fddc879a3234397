"""A season for tests: people, draws, tills, refunds, settlements, made by the house's real actions.

Nothing is written past an action, the signers prove with real keys, and the same seed plays the
same season. What happened is known from the answers alone, so that the house's own count can be
held against it.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.mint_code import FreshCode, MintAsked, Phone, mint_code
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.actions.release_day import release_day
from huiquan.actions.send_configs import send_configs
from huiquan.actions.send_messages import send_messages
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.db.payment_files import FileRow
from huiquan.domain import checkpoints, vrf
from huiquan.domain.bank_answers import Answer, Outcome
from huiquan.domain.campaigns import Campaign
from huiquan.domain.cities import CITIES
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI, day_number, day_of
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.entering import EntryRequest
from huiquan.domain.payment_files import Payment
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Location, locate
from huiquan.domain.rounds import seal_hash_of
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.signing import signer_from
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.rounds import drain
from huiquan.jobs.tasks import end_day, plan_days
from simulation.paying import (
    Payers,
    name_accounts,
    not_paid,
    paid,
    payments_in,
    send_file,
    two_payers,
)
from tests.houses import (
    House,
    location,
    make_house,
    person,
    publish,
    register,
    source_of_2026,
    visit,
)
from tests.shops import WUHAN, YICHANG, Shop, shop

XIANGYANG = "420600"
FIRST_MORNING = datetime(2026, 2, 6, 10, 30, tzinfo=SHANGHAI)

# A small fund, so that stock runs out; short terms, so that a few days see every kind of end.
SMALL = (
    ("budget_fen = 10_000_000_000", "budget_fen = 40_000_000"),
    ("workday_entries = 1_320_000", "workday_entries = 220"),
    ("weekend_entries = 1_980_000", "weekend_entries = 330"),
    ("holiday_entries = 1_980_000", "holiday_entries = 440"),
    ("entries = 2_200_000", "entries = 220"),
    ("p_max_percent = 5", "p_max_percent = 20"),
    ("valid_days = 7", "valid_days = 3"),
    ("settlement_hold_days = 7", "settlement_hold_days = 2"),
)


@dataclass(frozen=True, kw_only=True)
class ProvingSigner:
    """A notary or an auditor in this process: signs whatever it is asked, with a real key."""

    role: str
    name: str

    @property
    def seed(self) -> bytes:
        return hashlib.sha256(self.name.encode()).digest()

    @property
    def key(self) -> bytes:
        return vrf.public_key(self.seed)

    async def sign(self, question: SealRequest) -> bytes:
        return vrf.prove(self.seed, vrf.seal_alpha(self.role, seal_hash_of(question.seal)))

    async def send_config(self, raw: bytes, signatures: ConfigSignatures) -> None:
        return None

    async def status(self) -> bytes:
        raise OutsiderFault(self.name, "tells nothing of itself")

    async def cosign(self, note: str, old_size: int, consistency: Sequence[bytes]) -> str:
        text = checkpoints.parse_note(note).text
        return checkpoints.cosign(signer_from(self.seed), self.name, text, FIRST_MORNING)

    async def sign_manifest(self, manifest: str, platform: bytes) -> bytes:
        return bytes(64)


@dataclass(kw_only=True)
class Season:
    """A campaign under way, and whoever takes part in it."""

    house: House
    campaign: Campaign
    dice: random.Random
    people: list[Any] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    payers: Payers | None = None
    gave_back: bool = False  # whether the bank has given a payment back yet
    files: list[FileRow] = field(default_factory=list)
    keys: int = 0

    def new_key(self) -> str:
        """A request key that was never used."""
        self.keys += 1
        return f"key-{self.keys:08}"

    def at(self, hour: int, minute: int = 0) -> None:
        """Move the clock on to a time of the day it stands on."""
        moved = self.house.clock.now.replace(hour=hour, minute=minute, second=0)
        assert moved >= self.house.clock.now
        self.house.clock.now = moved


async def open_season(database: Database, *, seed: int = 1, people: int = 48) -> Season:
    """Publish a small campaign, register people of three cities, open stores of three merchants."""
    notary = ProvingSigner(role="N", name="notary.huiquan")
    auditor = ProvingSigner(role="W", name="auditor.huiquan")
    witness = ProvingSigner(role="", name="witness.huiquan")
    house = make_house(database, at=FIRST_MORNING, notary=notary, auditor=auditor, witness=witness)
    campaign = await publish(house, source_of_2026(*SMALL))
    season = Season(house=house, campaign=campaign, dice=random.Random(seed))
    async with visit(house) as client:
        for n in range(people):
            city = CITIES[(WUHAN, YICHANG, XIANGYANG)[n % 3]]
            where = location(house, lat=city.lat, lng=city.lng)
            told = await register(house, client, campaign, person(n), location=where)
            assert told.status_code == 201, told.text
    for code, city, uscc in (
        ("jianghan", WUHAN, "91420100MA4KXXXX0A"),
        ("guanggu", WUHAN, "91420100MA4KXXXX0A"),
        ("xiling", YICHANG, "91420500MA4KXXXX0B"),
        ("yiling", YICHANG, "91420500MA4KXXXX0C"),
    ):
        season.shops.append(await shop(house, campaign, code, city=city, uscc=uscc))
    async with house.app.db.reading() as tx:
        season.people = await tx.fetch(
            "select lane, pid, city from registrations order by registration_no"
        )
    house.clock.move(minutes=1)
    return season


async def play(season: Season, days: int) -> None:
    """Play whole days, then stand on the morning after, before anything is done on it."""
    for _ in range(days):
        await play_day(season)
        season.house.clock.now = (season.house.clock.now + timedelta(days=1)).replace(
            hour=0, minute=10, second=0
        )
        await end_day(season.house.app)
        season.at(0, 30)
        await plan_days(season.house.app)
        season.at(2)
        await settle(season)
        await tell_everyone(season)
        season.at(9)


async def play_day(season: Season) -> None:
    """Release, enter, draw, redeem, give back, pay: from half past nine to the evening."""
    house, campaign = season.house, season.campaign
    today = day_number(day_of(house.clock.now))
    released = await release_day(house.app, campaign.code, today)
    assert not isinstance(released, Refusal), released
    for hour in (11, 15):
        season.at(hour)
        await enter(season, hour)
        season.campaign = await reload(season)
        await drain(house.app, season.campaign)
        house.clock.move(seconds=1)
        await log_rounds(house.app, campaign.campaign_id)
        await publish_checkpoint(house.app, season.campaign)
        season.at(hour + 1)
        await visit_shops(season)
        await give_back(season)
    await expire_vouchers(house.app, campaign.code)
    await tell_everyone(season)


async def reload(season: Season) -> Campaign:
    """The campaign as it is published now."""
    async with season.house.app.db.reading() as tx:
        campaign = await load_campaign(tx, season.campaign.code)
    assert campaign is not None
    return campaign


async def enter(season: Season, hour: int) -> None:
    """Half of the people enter in the morning, the others in the afternoon; some stay away."""
    season.campaign = await reload(season)
    by_lane: dict[int, list[EntryRequest]] = {}
    for n, who in enumerate(season.people):
        if n % 2 == (hour > 12) and season.dice.random() < 0.9:
            by_lane.setdefault(who["lane"], []).append(_entry_request(season, who))
    for lane, requests in sorted(by_lane.items()):
        batch = LaneBatch(campaign=season.campaign, lane=lane, requests=requests)
        answers = await enter_draws(season.house.app, batch)
        allowed = {Refusal.NO_STOCK_TODAY, Refusal.WIN_LIMIT_REACHED}
        assert all(isinstance(one, EntryReceipt) or one in allowed for one in answers), answers


def _entry_request(season: Season, who: Any) -> EntryRequest:
    city, now = CITIES[who["city"]], season.house.clock.now
    here = Location(
        lat=city.lat, lng=city.lng, accuracy_m=20, datum=Datum.WGS84, mocked=False, taken_at=now
    )
    return EntryRequest(
        pid=who["pid"],
        pack=season.dice.choices((1, 2, 3), (1, 4, 5))[0],
        client_nonce=season.dice.randbytes(16),
        request_key=season.new_key(),
        place=locate(season.house.app.regions, here, now),
    )


async def tell_everyone(season: Season) -> None:
    """Every message goes out: to winners' phones, and configs to the signers."""
    while await send_messages(season.house.app):
        continue
    await send_configs(season.house.app)


async def visit_shops(season: Season) -> None:
    """Some holders of live vouchers go shopping; a few locks are given up or forgotten."""
    async with season.house.app.db.reading() as tx:
        held = await tx.fetch(
            """
            select lane, idx, pid, serial, pack, threshold_fen
              from vouchers
             where state = 'held'
               and pack <> 1
               and valid_until > $1
             order by lane, idx
            """,
            season.house.clock.now,
        )
    for voucher in held:
        if season.dice.random() < 0.4:
            await shop_with(season, voucher)


async def shop_with(season: Season, voucher: Any) -> Redemption | None:
    """Take one voucher to a till; gives the redemption unless the customer walked away."""
    app, dice, at = season.house.app, season.dice, season.dice.choice(season.shops)
    season.house.clock.move(seconds=1)
    phone = Phone(
        campaign_id=season.campaign.campaign_id,
        lane=voucher["lane"],
        pid=voucher["pid"],
        device=bytes(8),
    )
    asked = MintAsked(request_key=season.new_key(), serial=voucher["serial"])
    code = await mint_code(app, phone, asked)
    assert isinstance(code, FreshCode), code
    order_fen = voucher["threshold_fen"] + dice.randrange(50_000)
    lock = await lock_voucher(
        app,
        at.cashier_id,
        LockAsked(request_key=season.new_key(), code=code.digits, order_fen=order_fen),
    )
    assert isinstance(lock, Lock), lock
    season.house.clock.move(seconds=1)
    turn = dice.random()
    if turn < 0.1:
        given_up = UnlockAsked(request_key=season.new_key(), lock=lock.lock_id)
        assert not isinstance(await unlock_voucher(app, at.cashier_id, given_up), Refusal)
        return None
    if turn < 0.15:
        return None  # The till was forgotten: the lock runs out by itself.
    paid = RedeemAsked(
        request_key=season.new_key(), lock=lock.lock_id, payment_ref=season.new_key()
    )
    redemption = await redeem_voucher(app, at.cashier_id, paid)
    assert isinstance(redemption, Redemption), redemption
    season.redemptions.append(redemption)
    return redemption


async def give_back(season: Season) -> None:
    """Goods of some orders come back, of today and of days before, in parts or all at once."""
    for redemption in season.redemptions:
        if season.dice.random() < 0.15:
            whole = redemption.quote.net_fen
            share = season.dice.choice((whole, whole // 2, season.dice.randrange(1, whole), 1))
            await refund(season, redemption, share)


async def refund(season: Season, redemption: Redemption, amount_fen: int) -> Refund | Refusal:
    """Give back goods for an amount; more than is left is refused."""
    season.house.clock.move(seconds=1)
    at = next(one for one in season.shops if one.store_id == redemption.store_id)
    asked = RefundAsked(
        request_key=season.new_key(),
        redemption=redemption.redemption_id,
        amount_fen=amount_fen,
    )
    outcome = await refund_redemption(season.house.app, at.cashier_id, asked)
    assert isinstance(outcome, Refund) or outcome is Refusal.REFUND_TOO_LARGE, outcome
    return outcome


async def settle(season: Season) -> DaySettled:
    """Settle every merchant and send a file; the bank pays, fails, gives back, or keeps silent."""
    app = season.house.app
    settled = await settle_day(app, season.campaign.code)
    assert isinstance(settled, DaySettled), settled
    if season.payers is None:
        season.payers = await two_payers(app)
        await name_accounts(app, season.payers)
    file = await send_file(app, season.campaign.code, season.payers)
    if file is not None:
        season.files.append(file)
    for one in season.files:
        for payment in await payments_in(app, one.file_id):
            turn = season.dice.random()
            if one is file and turn < 0.7:
                await answer(season, one, paid(payment))
            elif one is file and turn < 0.85:
                await answer(season, one, not_paid(payment))
            elif (
                one is not file
                and (turn < 0.2 or not season.gave_back)
                and await _is_paid(season, payment)
            ):
                season.gave_back = True
                await answer(season, one, not_paid(payment, Outcome.RETURNED))
    return settled


async def answer(season: Season, file: FileRow, said: Answer) -> None:
    """The bank says one thing of one line; nothing it says here contradicts itself."""
    taken = await take_bank_answers(season.house.app, file.file_id, [said], "bank")
    assert isinstance(taken, AnswersTaken), taken
    assert taken.contradictions == ()


async def _is_paid(season: Season, payment: Payment) -> bool:
    async with season.house.app.db.reading() as tx:
        state = await tx.fetchval(
            "select state from settlements where settlement_id = $1", payment.settlement_id
        )
    return bool(state == "paid")
