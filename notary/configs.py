"""The configs this signer accepted, ready for use, and the rules for accepting one.  配置登记"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from huiquan.domain import draw_config, epochs
from huiquan.domain.draw_config import ConfigSignatures, DayPlan, DrawConfig
from huiquan.domain.draw_config_flaws import flaws_of
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.lottery import Tables
from huiquan.domain.stock import TopUp
from notary.refusals import No, Refused

TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Accepted:
    """One accepted config with what every seal needs from it, worked out once."""

    config: DrawConfig
    cfg_hash: bytes

    @property
    def series(self) -> str:
        """The campaign on one platform: what a chain of rounds belongs to."""
        return f"{self.config.campaign}/{self.config.platform}"

    @property
    def epoch_start(self) -> bytes:
        """The hash that gives people their lanes."""
        return draw_config.epoch_start_of(self.config, self.cfg_hash)

    @cached_property
    def tables(self) -> dict[int, Tables]:
        """Each day's tables with whole-number bounds."""
        return {day: draw_config.tables_of(plan) for day, plan in self.config.days.items()}

    @cached_property
    def topups(self) -> dict[tuple[int, int], list[TopUp]]:
        """The top-ups of each (day, lane)."""
        by_lane: dict[tuple[int, int], list[TopUp]] = {}
        for day, plan in self.config.days.items():
            for topup in plan.topups:
                by_lane.setdefault((day, topup.lane), []).append(topup)
        return by_lane


class Register:
    """All accepted configs in memory; the book holds the same on the disk."""

    def __init__(self, raws: Iterable[bytes]) -> None:
        self._by_hash: dict[bytes, Accepted] = {}
        for raw in raws:
            self.add(accepted_from(raw))

    def add(self, accepted: Accepted) -> None:
        """Take up an accepted config."""
        self._by_hash[accepted.cfg_hash] = accepted

    def get(self, cfg_hash: bytes) -> Accepted | None:
        """The accepted config of this hash."""
        return self._by_hash.get(cfg_hash)

    def all(self) -> list[Accepted]:
        """Every accepted config, in the order of acceptance."""
        return list(self._by_hash.values())

    def of_series(self, series: str) -> list[Accepted]:
        """The accepted configs of one campaign on one platform."""
        return [one for one in self._by_hash.values() if one.series == series]

    def was_in_force(self, accepted: Accepted, day: int, since: datetime, until: datetime) -> bool:
        """True if this config acted for the day at some instant from since to until.

        Since matters after an outage: a round sealed before a new config began may come late.
        """
        starts = {
            one.cfg_hash: one.config.active_from
            for one in self.of_series(accepted.series)
            if day in one.config.days
        }
        begins = accepted.config.active_from
        acting = {draw_config.in_force(starts, since), draw_config.in_force(starts, until)}
        return accepted.cfg_hash in acting or since < begins <= until


def accepted_from(raw: bytes) -> Accepted:
    """A config's bytes as an accepted config."""
    return Accepted(draw_config.decode_config(raw), draw_config.cfg_hash_of(raw))


DeclaredOf = Callable[[str], DeclaredEpoch | None]
"""Gives the declaration of a new epoch that stands in the book for a campaign, if one does."""


def decide_config(
    raw: bytes,
    signatures: ConfigSignatures,
    role: str,
    public_key: bytes,
    known: Register,
    now: datetime,
    notice: timedelta,
    declared_of: DeclaredOf = lambda series: None,
) -> Accepted | Refused:
    """Say whether a config may act: flawless, signed by both, early enough, no contradiction.

    A new key takes up the configs of the epoch before it, however late: it signs nothing under
    them, and checks with them what was drawn.
    """
    try:
        accepted = accepted_from(raw)
    except draw_config.BadConfigError as error:
        return Refused(no=No.CONFIG_FLAWED, detail={"flaws": [str(error)]})
    config = accepted.config
    flaws = flaws_of(config)
    if flaws:
        return Refused(no=No.CONFIG_FLAWED, detail={"flaws": list(flaws)})
    if not draw_config.is_config_signed(config, accepted.cfg_hash, signatures):
        return Refused(no=No.CONFIG_UNSIGNED)
    declared = declared_of(accepted.series)
    is_past = declared is not None and epochs.leads_from(declared.declaration, config)
    if public_key.hex() not in _my_keys(config, role) and not is_past:
        return Refused(no=No.NOT_MY_KEY)
    if known.get(accepted.cfg_hash) is not None:
        return accepted
    # A witness signs no rounds: it has to know whose log this is, however late it hears of it.
    is_late = role != "witness" and not is_past and config.active_from < now + notice
    if is_late or config.published_at > now + TOLERANCE:
        return Refused(no=No.TOO_LATE, detail={"notice_s": int(notice.total_seconds())})
    for other in known.of_series(accepted.series):
        wrong = _contradiction(accepted, other)
        if wrong is not None:
            return Refused(no=wrong, detail={"cfg_hash": other.cfg_hash.hex()})
    return _start_of_epoch(accepted, role, known, declared)


def _my_keys(config: DrawConfig, role: str) -> set[str]:
    """The keys a config names for this role; a witness stands in the log's list."""
    if role == "notary":
        return {config.keys.notary}
    if role == "auditor":
        return {config.keys.auditor}
    return {witness.key for witness in config.log.witnesses}


def _start_of_epoch(
    accepted: Accepted, role: str, known: Register, declared: DeclaredEpoch | None
) -> Accepted | Refused:
    """All configs name the campaign's first; those of the new epoch follow from its declaration.

    A witness signs no rounds and no declaration: it takes what platform and department signed.
    """
    config = accepted.config
    if config.epoch > 0 and role != "witness":
        if declared is None:
            return Refused(no=No.NOT_DECLARED, detail={"epoch": config.epoch})
        fits = epochs.leads_to(declared.declaration, config)
        return accepted if fits else Refused(no=No.EPOCH_CHANGED, detail={"epoch": config.epoch})
    named = {one.epoch_start for one in known.of_series(accepted.series)}
    # A new key begins in the middle of a campaign, and need not know its very first config.
    begins = config.epoch_start is None or declared is not None
    fits = accepted.epoch_start in named if named else begins
    return accepted if fits else Refused(no=No.EPOCH_CHANGED, detail={"epoch": config.epoch})


def _contradiction(new: Accepted, old: Accepted) -> No | None:
    """Whether a new config contradicts an accepted one: who signs, lanes, or a day's chances.

    A day may be published again before it stands: until it begins, or in list mode until the
    first day on which people sign up for it, as the config so far says.
    """
    if _constants(new.config) != _constants(old.config):
        return No.EPOCH_CHANGED
    if new.config.epoch == old.config.epoch and new.config.keys != old.config.keys:
        return No.EPOCH_CHANGED
    for day in new.config.days.keys() & old.config.days.keys():
        stands = draw_config.stands_from(day, old.config.days[day])
        replaced = old.config.active_from < new.config.active_from <= stands
        if not replaced and _day_facts(new.config, day) != _day_facts(old.config, day):
            return No.DAY_CHANGED
    return None


def _constants(config: DrawConfig) -> tuple[object, ...]:
    """What stays the same through a campaign; a signer's key may change with its epoch."""
    keys = config.keys
    return (config.lanes, keys.platform, keys.approver, config.campaign_key, config.log.origin)


def _day_facts(config: DrawConfig, day: int) -> tuple[DayPlan, object, object]:
    """All that decides a day's chances and what they are worth."""
    return (config.days[day], config.packs, config.tiers)
