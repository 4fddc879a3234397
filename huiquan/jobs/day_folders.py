"""Finished days as folders that anyone may download, each made once.  公布每日数据

A day is written under another name until it is whole and signed by all three, so that half a day is
never taken for one. The same rows give the same bytes, whenever and however often it is made.
"""

import asyncio
import shutil

import structlog

from huiquan.actions.export_draws import Exported, export_draws
from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_number, day_of
from huiquan.domain.refusals import Refusal
from huiquan.views.day_files import days_folder
from huiquan.views.draws import campaigns_in_play

log = structlog.get_logger("huiquan.days")


async def publish_days(app: App) -> list[int]:
    """Publish every finished day that is not published yet; gives those that were published now.

    A day whose rounds wait for a signer, or a checkpoint, is published as soon as it can be. Raises
    OutsiderFault when a signer is away or its own book says something else. (R5.8)
    """
    published = []
    for campaign in await campaigns_in_play(app):
        for day in _unpublished(app, campaign):
            outcome = await _publish(app, campaign, day)
            if isinstance(outcome, Refusal):
                log.warning("a day is not published yet", day=day, refusal=outcome.value)
            else:
                published.append(day)
    return published


def _unpublished(app: App, campaign: Campaign) -> list[int]:
    root, today = days_folder(app, campaign.code), day_number(day_of(app.clock()))
    return [day for day in sorted(campaign.days) if day < today and not (root / str(day)).is_dir()]


async def _publish(app: App, campaign: Campaign, day: int) -> Exported | Refusal:
    root = days_folder(app, campaign.code)
    part = root / f"{day}.part"
    await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    def write(path: str, raw: bytes) -> None:
        target = part / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)

    outcome = await export_draws(app, campaign.code, day, write)
    if isinstance(outcome, Exported):
        part.rename(root / str(day))
    return outcome
