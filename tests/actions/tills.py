"""What holders and cashiers do, asked of the actions themselves."""

from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.mint_code import FreshCode, MintAsked, Phone, mint_code
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.domain.offers import Offer
from huiquan.domain.redemptions import Lock, Redemption, Unlock
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.houses import House
from tests.shops import Shop, Winner, new_key

DEVICE = b"8 bytes!"


async def ask(
    house: House, who: Winner, key: str | None = None, serial: str | None = None
) -> FreshCode | Refusal:
    """Ask for a code."""
    phone = Phone(
        campaign_id=who.campaign_id,
        lane=who.registrant.lane,
        pid=who.registrant.pid,
        device=DEVICE,
    )
    asked = MintAsked(request_key=key or new_key(), serial=serial or who.serial)
    return await mint_code(house.app, phone, asked)


async def fresh(house: House, who: Winner, key: str | None = None) -> FreshCode:
    """A code that was given."""
    outcome = await ask(house, who, key)
    assert isinstance(outcome, FreshCode), outcome
    return outcome


async def lock(
    house: House,
    at: Shop,
    code: str,
    order_fen: int = 100_000,
    key: str | None = None,
    offers: tuple[Offer, ...] = (),
) -> Lock | Refusal:
    """Scan a code for an order."""
    asked = LockAsked(request_key=key or new_key(), code=code, order_fen=order_fen, offers=offers)
    return await lock_voucher(house.app, at.cashier_id, asked)


async def locked(house: House, at: Shop, who: Winner, order_fen: int = 100_000) -> Lock:
    """A lock that was taken."""
    taken = await lock(house, at, (await fresh(house, who)).digits, order_fen)
    assert isinstance(taken, Lock), taken
    return taken


async def redeem(
    house: House, at: Shop, name: str, ref: str | None = None, key: str | None = None
) -> Redemption | Refusal:
    """Report a payment under a lock."""
    asked = RedeemAsked(request_key=key or new_key(), lock=name, payment_ref=ref or new_key())
    return await redeem_voucher(house.app, at.cashier_id, asked)


async def redeemed(house: House, at: Shop, who: Winner, order_fen: int = 100_000) -> Redemption:
    """A voucher that was spent."""
    taken = await locked(house, at, who, order_fen)
    paid = await redeem(house, at, taken.lock_id)
    assert isinstance(paid, Redemption), paid
    return paid


async def unlock(house: House, at: Shop, name: str, key: str | None = None) -> Unlock | Refusal:
    """Give a lock up."""
    asked = UnlockAsked(request_key=key or new_key(), lock=name)
    return await unlock_voucher(house.app, at.cashier_id, asked)


async def refund(
    house: House, at: Shop, name: str, amount_fen: int, key: str | None = None
) -> Refund | Refusal:
    """Take goods back."""
    asked = RefundAsked(request_key=key or new_key(), redemption=name, amount_fen=amount_fen)
    return await refund_redemption(house.app, at.cashier_id, asked)
