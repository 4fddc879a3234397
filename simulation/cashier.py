"""One till with its cashier, who uses the public doors and nothing else.  收银员客户端"""

import asyncio
from dataclasses import dataclass, field

from huiquan.domain.refusals import Refusal
from simulation.door import Door, DoorFaultError, Json, Refused
from simulation.stores import DemoStore

_SIGN_IN_AGAIN = {Refusal.TOKEN_EXPIRED.value, Refusal.UNAUTHENTICATED.value}


@dataclass(frozen=True, kw_only=True)
class Bill:
    """An order as the cashier types it: its sum, and the offers that come off first, in fen."""

    order_fen: int
    offers: tuple[tuple[str, str, int], ...] = ()

    def fields(self) -> Json:
        """As the door wants it."""
        offers = [
            {"funder": funder, "name": name, "amount_fen": amount_fen}
            for funder, name, amount_fen in self.offers
        ]
        return {"order_fen": self.order_fen, "offers": offers}


@dataclass
class Till:
    """A store's till. It signs in when it has to: in the morning, and after fourteen hours."""

    store: DemoStore
    door: Door
    token: str | None = None
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def quote(self, code: str, bill: Bill) -> Json | Refused:
        """What the voucher would do to this order."""
        return await self._ask("POST /api/v1/till/quotes", {"code": code, **bill.fields()})

    async def lock(self, key: str, code: str, bill: Bill) -> Json | Refused:
        """Set the voucher aside while the customer pays."""
        body = {"request_key": key, "code": code, **bill.fields()}
        return await self._ask("POST /api/v1/till/locks", body)

    async def redeem(self, key: str, lock: str, payment_ref: str) -> Json | Refused:
        """The customer has paid."""
        body = {"request_key": key, "payment_ref": payment_ref}
        return await self._ask(f"POST /api/v1/till/locks/{lock}/redeem", body)

    async def unlock(self, key: str, lock: str) -> Json | Refused:
        """The customer went away."""
        return await self._ask(f"POST /api/v1/till/locks/{lock}/unlock", {"request_key": key})

    async def refund(self, key: str, redemption: str, amount_fen: int) -> Json | Refused:
        """Goods came back, worth so many fen."""
        body = {"request_key": key, "amount_fen": amount_fen}
        return await self._ask(f"POST /api/v1/till/redemptions/{redemption}/refunds", body)

    async def _ask(self, what: str, body: Json) -> Json | Refused:
        """Ask as the signed-in cashier, and once more after signing in again."""
        used = self.token or await self._sign_in(None)
        answer = await self.door.ask(what, body, token=used)
        if isinstance(answer, Refused) and answer.code in _SIGN_IN_AGAIN:
            self.door.refusals[answer.code] -= 1  # an expired shift is nobody's mistake
            answer = await self.door.ask(what, body, token=await self._sign_in(used))
        return answer

    async def _sign_in(self, used: str | None) -> str:
        """A token other than the used one; two customers at once wait for one sign-in."""
        async with self._signing_in:
            if self.token is None or self.token == used:
                body = {"login": self.store.login, "pin": self.store.pin}
                opened = await self.door.ask("POST /api/v1/till/sessions", body)
                if isinstance(opened, Refused):
                    raise DoorFaultError(f"{self.store.login} cannot sign in: {opened.code}")
                self.token = str(opened["token"])
            return self.token
