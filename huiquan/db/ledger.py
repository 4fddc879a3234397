"""The ledger as it is kept: transfers are appended, balances follow, nothing is changed.  台账"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.together import Write
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import HOUSE_LANE, Account, AccountRef, Transfer, movement_of


async def book(
    tx: Tx, *, campaign_id: int, lane: int, transfers: Sequence[Transfer], at: datetime
) -> int:
    """Book transfers in the book of one lane, in order; gives the number of the first."""
    write = booking(campaign_id=campaign_id, lane=lane, transfers=transfers, at=at)
    first_no: int = await tx.fetchval(write.sql, *write.args)
    return first_no


def booking(*, campaign_id: int, lane: int, transfers: Sequence[Transfer], at: datetime) -> Write:
    """Transfers as one write: `book_transfers` numbers them and moves the balances.

    The book's row is held until the commit, so numbers have no gap. Three guards stand in the
    tables: one transfer a kind and ref, amounts above zero, no balance below zero; each raises.
    Each account is moved once, by its net movement, accounts in a fixed order.
    """
    assert transfers, "there is something to book"
    net: defaultdict[AccountRef, int] = defaultdict(int)
    for transfer in transfers:
        for account, moved_fen in movement_of(transfer):
            net[account] += moved_fen
    accounts = sorted(net, key=lambda one: (one.lane, one.account.value, one.holder))
    return Write(
        sql="""
        select book_transfers($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                              $16, $17, $18)
        """,
        args=(
            lane,
            campaign_id,
            day_number(day_of(at)),
            at,
            [one.kind.value for one in transfers],
            [one.debit.account.value for one in transfers],
            [one.debit.lane for one in transfers],
            [one.debit.holder for one in transfers],
            [one.credit.account.value for one in transfers],
            [one.credit.lane for one in transfers],
            [one.credit.holder for one in transfers],
            [one.amount_fen for one in transfers],
            [one.ref for one in transfers],
            [one.idx for one in transfers],
            [one.lane for one in accounts],
            [one.account.value for one in accounts],
            [one.holder for one in accounts],
            [net[one] for one in accounts],
        ),
    )


async def balance_fen(tx: Tx, campaign_id: int, account: AccountRef) -> int:
    """What stands on one account, in fen; 0 when nothing was ever booked on it."""
    amount_fen: int | None = await tx.fetchval(
        """
        select amount_fen
          from balances
         where lane = $1
           and campaign_id = $2
           and account = $3
           and holder = $4
        """,
        account.lane,
        campaign_id,
        account.account.value,
        account.holder,
    )
    return amount_fen or 0


@dataclass(frozen=True, kw_only=True)
class Fund:
    """Where all the money of a campaign stands, in fen, over all lanes and merchants.  专户资金"""

    appropriated_fen: int
    pool_fen: int
    released_fen: int
    reserved_fen: int
    returned_fen: int
    payable_fen: int
    settling_fen: int
    receivable_fen: int
    bank_fen: int
    compensated_fen: int = 0
    repaid_fen: int = 0
    remainder_fen: int = 0

    @property
    def came_in_fen(self) -> int:
        """What has come into the bank: appropriated, compensated, repaid by merchants."""
        return self.appropriated_fen + self.compensated_fen + self.repaid_fen

    @property
    def paid_fen(self) -> int:
        """What merchants were paid: it left the bank, and the remainder did not go back yet."""
        return self.came_in_fen - self.remainder_fen - self.bank_fen

    @property
    def promised_fen(self) -> int:
        """What is paid or promised already: it cannot be planned again."""
        return self.came_in_fen - self.remainder_fen - self.pool_fen - self.returned_fen


async def fund(tx: Tx, campaign_id: int) -> Fund:
    """Count the campaign's money over all lanes and merchants."""
    rows = await tx.fetch(
        """
        select account, sum(amount_fen)::bigint as amount_fen
          from balances
         where campaign_id = $1
         group by account
        """,
        campaign_id,
    )
    stands = {row["account"]: row["amount_fen"] for row in rows}
    came = await tx.fetch(
        """
        select kind, sum(amount_fen)::bigint as amount_fen
          from transfers
         where campaign_id = $1
           and lane = $2
           and kind in ('appropriate', 'compensate', 'repay', 'return_remainder')
         group by kind
        """,
        campaign_id,
        HOUSE_LANE,
    )
    moved = {row["kind"]: row["amount_fen"] for row in came}
    names = ("pool", "released", "reserved", "returned", "payable", "settling", "receivable")
    return Fund(
        appropriated_fen=moved.get("appropriate", 0),
        compensated_fen=moved.get("compensate", 0),
        repaid_fen=moved.get("repay", 0),
        remainder_fen=moved.get("return_remainder", 0),
        bank_fen=stands.get("bank", 0),
        **{f"{name}_fen": stands.get(name, 0) for name in names},
    )


async def booked_fen(tx: Tx, campaign_id: int, lane: int, kind: str, ref: str) -> int | None:
    """What was booked in a lane's book under this kind and reference, or None."""
    amount_fen: int | None = await tx.fetchval(
        """
        select amount_fen
          from transfers
         where lane = $1
           and campaign_id = $2
           and kind = $3
           and ref = $4
        """,
        lane,
        campaign_id,
        kind,
        ref,
    )
    return amount_fen


async def lane_balances(tx: Tx, campaign_id: int, account: Account) -> dict[int, int]:
    """What stands on an account in each lane, in fen; empty lanes are left out."""
    rows = await tx.fetch(
        """
        select lane, amount_fen
          from balances
         where campaign_id = $1
           and account = $2
           and holder = ''
           and amount_fen > 0
         order by lane
        """,
        campaign_id,
        account.value,
    )
    return {row["lane"]: row["amount_fen"] for row in rows}
