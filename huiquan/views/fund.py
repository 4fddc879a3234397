"""The fund as it stands: where every appropriated fen is, and what it is called.  专户资金"""

from huiquan.app import App
from huiquan.db import campaigns, ledger
from huiquan.db.ledger import Fund
from huiquan.domain.ledger import Account, Kind
from huiquan.domain.refusals import Refusal

ACCOUNT_ZH = {
    Account.BANK: "专用账户",
    Account.POOL: "资金池",
    Account.RELEASED: "已投放",
    Account.RESERVED: "已占用",
    Account.RETURNED: "已回收",
    Account.PAYABLE: "应付商户",
    Account.SETTLING: "清算中",
    Account.RECEIVABLE: "应收商户",
    Account.RECOVERING: "待追回",
}

KIND_ZH = {
    Kind.APPROPRIATE: "拨款",
    Kind.RELEASE: "投放",
    Kind.RECALL: "收回未中签额度",
    Kind.RESERVE: "发券",
    Kind.REDEEM: "核销",
    Kind.EXPIRE: "过期",
    Kind.REFUND: "核销退款",
    Kind.REINSTATE: "退券",
    Kind.REFUND_LATE: "清算后退款",
    Kind.RECOVER: "抵扣欠款",
    Kind.REGAIN: "追回入账",
    Kind.ROLL_OVER: "滚动使用",
    Kind.SETTLE: "清算",
    Kind.PAY: "付款",
    Kind.PAY_BACK: "退汇入账",
    Kind.BOUNCE: "退汇转应付",
    Kind.COMPENSATE: "平台赔付",
    Kind.REPAY: "商户还款",
    Kind.REPAID: "还款入账",
    Kind.RETURN_REMAINDER: "退回余款",
    Kind.OVERPAY: "重付追记",
    Kind.COVER: "重付垫付",
}


async def fund_of(app: App, code: str) -> Fund | Refusal:
    """Where all the money of a campaign stands now. Refuses UNKNOWN_CAMPAIGN. (R2.4)"""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return await ledger.fund(tx, campaign.campaign_id)


def lines_of(fund: Fund) -> list[tuple[str, str, int]]:
    """The fund line by line: Chinese name, English name, fen."""
    return [
        ("累计拨款", "appropriated", fund.appropriated_fen),
        ("平台赔付", "made good by the platform", fund.compensated_fen),
        ("商户还款", "repaid by merchants in cash", fund.repaid_fen),
        ("已付商户", "paid to merchants", fund.paid_fen),
        ("已退回余款", "remainder returned", fund.remainder_fen),
        ("专用账户余额", "in the bank", fund.bank_fen),
        ("其中：资金池", "pool: not promised to any day", fund.pool_fen),
        ("　　　已投放", "released: not won yet", fund.released_fen),
        ("　　　已占用", "reserved: vouchers that may be spent", fund.reserved_fen),
        ("　　　已回收", "returned: expired and refunded", fund.returned_fen),
        ("　　　应付商户", "payable to merchants", fund.payable_fen),
        ("　　　清算中", "settling: handed to the bank", fund.settling_fen),
        ("另：应收商户", "receivable: refunded after settlement", fund.receivable_fen),
    ]
