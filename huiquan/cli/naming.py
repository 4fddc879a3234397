"""An account for a merchant, said by two people at once: for demonstrations and plays.  演示账户"""

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.app import App
from huiquan.domain.account_requests import AccountRequest
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal


async def name_by_two(
    house: App, uscc: str, account: PayeeAccount, asker: int, confirmer: int
) -> AccountRequest | Refusal:
    """One asks and the other confirms; done again it is the same request. Refuses what they do."""
    asked = await ask_account(house, uscc, account, asker)
    if isinstance(asked, Refusal) or asked.is_in_force:
        return asked
    return await confirm_account(house, asked.request_id, account.account_no, confirmer)
