"""Publish a checkpoint of the public log, signed by us and cosigned by enough witnesses.  检查点"""

import asyncio
from collections.abc import Sequence

from huiquan.app import App
from huiquan.db import configs, epochs, log_tiles, notices, public_log
from huiquan.db.connection import Tx
from huiquan.db.public_log import CheckpointRow
from huiquan.domain import checkpoints
from huiquan.domain.campaigns import Campaign
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.config_making import log_origin
from huiquan.domain.draw_config import Log, decode_config
from huiquan.domain.epochs import witnesses_at
from huiquan.domain.refusals import Refusal
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import RemoteSigner
from huiquan.gateways.witness import ForkFault, OldSizeFault

# How long witnesses beyond the quorum are waited for: a slow one does not hold up the log.
COURTESY_S = 0.5


async def publish_checkpoint(app: App, campaign: Campaign) -> int | Refusal | None:
    """Fix the log as it stands; gives its size, or None when nothing is new.

    A log begins with the checkpoint over nothing, so that from the first second on witnesses hold
    where it began, and whoever asks for the newest gets one.
    Refuses HOUSE_BEHIND while signers or witnesses hold more than this database. Raises
    OutsiderFault while fewer witnesses cosign than the quorum of each config under which it will be
    read: one that is away holds up nothing, one that sees another history gives no name to this.
    """
    campaign_id = campaign.campaign_id
    async with app.db.reading() as tx:
        if await notices.is_behind(tx, campaign_id):
            return Refusal.HOUSE_BEHIND
        size = await public_log.size(tx, campaign_id)
        last = await public_log.last_checkpoint(tx, campaign_id)
        if last is not None and last.size == size:
            return None
        old_size = last.size if last else 0
        root = await log_tiles.root(tx, campaign_id, size)
        logs = await _logs(tx, campaign, old_size, size)
    origin = log_origin(campaign.code)
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=size, root=root))
    own = checkpoints.sign_note(app.signer, origin, text)
    asking = _Asking(app, campaign_id, checkpoints.join_note(text, [own]), old_size, size)
    note = checkpoints.join_note(text, [own, *await _lines(asking, text, logs)])
    row = CheckpointRow(size=size, root=root, note=note, published_at=app.clock())
    async with app.db.transaction() as tx:
        await public_log.record_checkpoint(tx, campaign_id, row)
    return size


async def _logs(tx: Tx, campaign: Campaign, old_size: int, size: int) -> Sequence[Log]:
    """Who witnesses the log under the newest config, and under those of the rounds since the last.

    A config names the witness of its days. Where that is another third one, whoever verifies the
    day before, or a draw of it, still holds the checkpoint against the witnesses of that day.
    """
    newest = await configs.newest(tx, campaign.campaign_id)
    assert newest is not None, "a published campaign has a config"
    changed = await epochs.of_campaign(tx, campaign.campaign_id)
    declared = changed.declared if changed and changed.leaf is not None else None
    leaves = await public_log.leaves_from(tx, campaign.campaign_id, old_size, size)
    days = sorted({one.day for one in leaves} & campaign.days.keys())
    named = [decode_config(newest.body).log, *(campaign.days[day].config.log for day in days)]
    return list(dict.fromkeys(witnesses_at(one, declared, size) for one in named))


class _Asking:
    """One checkpoint on its way round the witnesses."""

    def __init__(self, app: App, campaign_id: int, note: str, old_size: int, size: int) -> None:
        self.witnesses: Sequence[RemoteSigner] = tuple(app.witnesses.values())
        self._app, self._campaign_id = app, campaign_id
        self._note, self._old_size, self._size = note, old_size, size

    async def cosign(self, witness: RemoteSigner) -> str:
        """A witness's lines: from the last published size, else from the size it saw last."""
        try:
            return await self._ask(witness, self._old_size)
        except OldSizeFault as fault:
            if fault.size == self._old_size:
                raise ForkFault(fault.name) from fault
            if fault.size > self._size:
                raise
            return await self._ask(witness, fault.size)

    async def _ask(self, witness: RemoteSigner, old_size: int) -> str:
        async with self._app.db.reading() as tx:
            proof = await log_tiles.consistency(tx, self._campaign_id, old_size, self._size)
        return await witness.cosign(self._note, old_size, proof)


async def _lines(asking: _Asking, text: str, logs: Sequence[Log]) -> list[str]:
    """The valid cosignatures of the configs' witnesses, at least a quorum under each config."""
    tasks = [asyncio.create_task(asking.cosign(one)) for one in asking.witnesses]
    done, waiting = await asyncio.wait(tasks, timeout=COURTESY_S)
    if _lacking(done, text, logs) and waiting:
        done, waiting = await asyncio.wait(tasks)
    for late in waiting:
        late.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    lacking = _lacking(done, text, logs)
    if lacking:
        faults = [str(one.exception()) for one in done if one.exception() is not None]
        said = "; ".join(faults) or "cosigned something else"
        raise OutsiderFault("witnesses", f"{lacking} cosigned: {said}")
    return list(dict.fromkeys(line for log in logs for line in _valid(done, text, log)))


def _lacking(done: set["asyncio.Task[str]"], text: str, logs: Sequence[Log]) -> str:
    """How many of how many cosigned where that is too few, for example "1 of 2"; else nothing."""
    counted = ((len(_valid(done, text, log)), log.quorum) for log in logs)
    return next((f"{count} of {quorum}" for count, quorum in counted if count < quorum), "")


def _valid(done: set["asyncio.Task[str]"], text: str, log: Log) -> list[str]:
    """One valid line of each witness of the config, in the config's order."""
    told = []
    for one in done:
        fault = one.exception()
        if fault is None:
            told += [f"{line}\n" for line in one.result().splitlines() if line]
        elif not isinstance(fault, OutsiderFault):
            raise fault
    found = []
    for witness in log.witnesses:
        key = bytes.fromhex(witness.key)
        found += [line for line in told if _is_cosigned(text, line, witness.name, key)][:1]
    return found


def _is_cosigned(text: str, line: str, name: str, key: bytes) -> bool:
    try:
        note = checkpoints.parse_note(checkpoints.join_note(text, [line]))
    except checkpoints.BadNoteError:
        return False
    return checkpoints.cosigned_at(note, name, key) is not None
