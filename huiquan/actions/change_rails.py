"""Say which stores take an acquirer's rail, at which terminals.  开通或关闭支付通道"""

from collections.abc import Sequence

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.domain.acquirers import StoreTerminal, is_terminal
from huiquan.domain.refusals import Refusal


async def change_rails(
    app: App, acquirer: str, terminals: Sequence[tuple[str, str]], by: str, *, is_open: bool
) -> int | Refusal:
    """Open or close a rail at terminals, each a store's code and a name (empty: all of it).

    Gives how many changed; what is so already stays so. Refuses UNKNOWN_ACQUIRER, UNKNOWN_STORE,
    MALFORMED (a terminal's name), and then nothing was changed. (R3.8)
    """
    now = app.clock()
    if not all(is_terminal(terminal) for _, terminal in terminals):
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        found = await acquirers.by_code(tx, acquirer)
        if found is None:
            return Refusal.UNKNOWN_ACQUIRER
        ids = await acquirers.store_ids(tx, [store for store, _ in terminals])
        if any(store not in ids for store, _ in terminals):
            return Refusal.UNKNOWN_STORE
        wanted = {StoreTerminal(store_id=ids[store], terminal=name) for store, name in terminals}
        change = acquirers.open_rails if is_open else acquirers.close_rails
        in_order = sorted(wanted, key=lambda one: (one.store_id, one.terminal))
        changed = await change(tx, found, in_order, now)
        tag = "rails:opened" if is_open else "rails:closed"
        detail = {"rail": found.rail, "changed": changed}
        subject = f"acquirer:{found.acquirer_id}"
        await audit.note(tx, at=now, actor=by, tag=tag, subject=subject, detail=detail)
    return changed
