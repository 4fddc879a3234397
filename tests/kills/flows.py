"""The flows of money, so that the one request of each can be cut."""

from collections.abc import Sequence

from tests.kills.account_flows import ACCOUNT_FLOWS
from tests.kills.flow import Flow
from tests.kills.fund_flows import FUND_FLOWS
from tests.kills.money_flows import MONEY_FLOWS
from tests.kills.order_flows import ORDER_FLOWS
from tests.kills.till_flows import TILL_FLOWS

FLOWS: Sequence[Flow] = (
    *FUND_FLOWS,
    *ORDER_FLOWS,
    *TILL_FLOWS,
    *MONEY_FLOWS,
    *ACCOUNT_FLOWS,
)
