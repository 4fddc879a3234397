"""Offers of merchant and platform come off before the voucher."""

import pytest

from huiquan.domain.offers import Funder, Offer, Order, decide_net, offers_fen
from huiquan.domain.refusals import Refusal
from tests.tables import rows

ORDERS = rows("""
    order_fen   merchant_fen  platform_fen  net
    110000      8000          3000          99000
    110000      -             -             110000
    100000      60000         40000         0
    100000      60000         40001         offers_exceed_order
    0           -             -             bad_amount
    -5          -             -             bad_amount
    100000      0             -             bad_amount
    100000      -5            -             bad_amount
    1000000000  -             -             1000000000
    1000000001  -             -             bad_amount
    100000      1000000001    -             bad_amount
""")


@pytest.mark.requirement("R1.2")
@pytest.mark.parametrize("case", ORDERS, ids=lambda case: " ".join(case.values()))
def test_offers_come_off_first_and_only_real_amounts_count(case: dict[str, str]) -> None:
    offers = tuple(
        Offer(funder=funder, name="满减", amount_fen=int(case[f"{funder}_fen"]))
        for funder in Funder
        if case[f"{funder}_fen"]
    )
    net = decide_net(Order(order_fen=int(case["order_fen"]), offers=offers))
    assert (net.value if isinstance(net, Refusal) else str(net)) == case["net"]


@pytest.mark.requirement("R5.7")
def test_offers_are_counted_by_who_pays_for_them() -> None:
    offers = [
        Offer(funder=Funder.MERCHANT, name="店庆", amount_fen=8_000),
        Offer(funder=Funder.PLATFORM, name="红包", amount_fen=3_000),
        Offer(funder=Funder.MERCHANT, name="会员", amount_fen=500),
    ]
    assert offers_fen(offers) == 11_500
    assert offers_fen(offers, Funder.MERCHANT) == 8_500
    assert offers_fen(offers, Funder.PLATFORM) == 3_000
