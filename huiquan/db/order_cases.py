"""Cases of online orders as they are kept: one for each order and reason.  订单存疑"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.cases import CaseState
from huiquan.domain.order_cases import OrderCase, OrderDecision, OrderTrouble, Ruling
from huiquan.domain.order_evidence import Stage


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A paid order that may need people; cased: for what it has a case, or was decided."""

    order: tuple[int, str]
    stage: Stage
    paid_at: datetime
    cased: frozenset[OrderTrouble]


def case_of(row: Row) -> OrderCase:
    """A case from a row that holds all columns of the table."""
    return OrderCase(
        **{
            **{name: row[name] for name in OrderCase.__dataclass_fields__},
            "why": OrderTrouble(row["why"]),
            "state": CaseState(row["state"]),
            "decision": OrderDecision(row["decision"]) if row["decision"] else None,
        }
    )


async def waiting(tx: Tx, campaign_id: int, paid_by: datetime) -> list[Waiting]:
    """Orders in doubt, and those paid by a moment that are not finished yet."""
    rows = await tx.fetch(
        """
        select o.acquirer_id, o.order_ref, o.stage, o.paid_at,
               array(select c.why
                       from order_cases c
                      where c.acquirer_id = o.acquirer_id
                        and c.order_ref = o.order_ref
                        and (c.state <> 'closed' or c.decision is not null)) as cased
          from online_orders o
          join acquirer_orders p using (acquirer_id, order_ref)
         where o.stage in ('paid', 'shipping', 'doubtful')
           and p.campaign_id = $1
           and (o.stage = 'doubtful' or o.paid_at <= $2)
         order by o.paid_at, o.order_ref
        """,
        campaign_id,
        paid_by,
    )
    return [
        Waiting(
            order=(row["acquirer_id"], row["order_ref"]),
            stage=Stage(row["stage"]),
            paid_at=row["paid_at"],
            cased=frozenset(OrderTrouble(one) for one in row["cased"]),
        )
        for row in rows
    ]


async def open_case(
    tx: Tx, campaign_id: int, order: tuple[int, str], why: OrderTrouble, at: datetime
) -> bool:
    """Open a case, or again one that the house had closed; False when there is one (the guard)."""
    opened: int | None = await tx.fetchval(
        """
        insert into order_cases (campaign_id, acquirer_id, order_ref, why, state, opened_at)
        values ($1, $2, $3, $4, 'open', $5)
        on conflict (acquirer_id, order_ref, why) do update
           set state = 'open',
               opened_at = $5,
               closed_at = null,
               closed_by = null
         where order_cases.state = 'closed'
           and order_cases.decision is null
        returning 1
        """,
        campaign_id,
        *order,
        why.value,
        at,
    )
    return opened == 1


async def close_proven(tx: Tx, campaign_id: int, by: str, at: datetime) -> int:
    """Close the cases of orders that are final now; gives how many."""
    rows = await tx.fetch(
        """
        update order_cases c
           set state = 'closed',
               closed_by = $2,
               closed_at = $3,
               decision = null,
               proposed_by = null
          from online_orders o
         where c.campaign_id = $1
           and c.state <> 'closed'
           and (o.acquirer_id, o.order_ref) = (c.acquirer_id, c.order_ref)
           and o.stage in ('delivered', 'returned')
        returning c.case_id
        """,
        campaign_id,
        by,
        at,
    )
    return len(rows)


async def hold(tx: Tx, case_id: int) -> OrderCase | None:
    """One case, held until the commit, or None."""
    row = await tx.fetchrow("select * from order_cases where case_id = $1 for update", case_id)
    return case_of(row) if row else None


async def assign(tx: Tx, case_id: int, owner: str) -> None:
    """Give a case to somebody."""
    await tx.execute("update order_cases set owner = $2 where case_id = $1", case_id, owner)


async def rule(tx: Tx, case_id: int, ruling: Ruling, at: datetime) -> None:
    """Keep a decision: proposed by the first person, closed by whoever makes it final."""
    await tx.execute(
        """
        update order_cases
           set state = case when $5 then 'closed' else 'proposed' end,
               decision = $2,
               reason = $3,
               proposed_by = case when $2 = 'refuse' then null
                                  when $5 then proposed_by
                                  else $4
                             end,
               closed_by = case when $5 then $4 end,
               closed_at = case when $5 then $6::timestamptz end
         where case_id = $1
           and state <> 'closed'
        """,
        case_id,
        ruling.decision.value,
        ruling.reason,
        ruling.by,
        ruling.is_final,
        at,
    )


async def of_campaign(tx: Tx, campaign_id: int) -> list[OrderCase]:
    """Every case of a campaign that is not closed, the oldest first."""
    rows = await tx.fetch(
        """
        select *
          from order_cases
         where campaign_id = $1
           and state <> 'closed'
         order by opened_at, case_id
        """,
        campaign_id,
    )
    return [case_of(row) for row in rows]


async def of_order(tx: Tx, acquirer_id: int, order_ref: str) -> list[OrderCase]:
    """Every case of an order, the oldest first."""
    rows = await tx.fetch(
        """
        select *
          from order_cases
         where acquirer_id = $1
           and order_ref = $2
         order by opened_at, case_id
        """,
        acquirer_id,
        order_ref,
    )
    return [case_of(row) for row in rows]
