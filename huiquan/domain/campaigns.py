"""A campaign as it is in force: its rulebook versions and the days that have a draw config.  活动

One frozen value holds all that doors and actions need to know about a campaign. It changes only by
publication: rulebooks and configs are published ahead of the time at which they begin to act, so a
value read a few seconds ago still knows what is in force now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huiquan.domain.draw_config import DayPlan, DrawConfig
from huiquan.domain.rulebook_versions import RulebookVersion, version_in_force
from huiquan.domain.rulebooks import Rulebook


@dataclass(frozen=True, kw_only=True)
class DrawDay:
    """A day that can be drawn: the config it is drawn under, and the money it releases.

    succeeds is the config, with its hash, that ruled the day before a signer's key was changed: the
    same chances and stock under other keys.
    """

    day: int
    cfg_hash: bytes
    config: DrawConfig
    release_fen: int
    is_released: bool
    is_closed: bool
    succeeds: tuple[bytes, DrawConfig] | None = None

    def config_under(self, cfg_hash: bytes) -> DrawConfig | None:
        """The day's config of this hash, now or before keys were changed; None for any other."""
        if cfg_hash == self.cfg_hash:
            return self.config
        if self.succeeds is not None and cfg_hash == self.succeeds[0]:
            return self.succeeds[1]
        return None

    @property
    def plan(self) -> DayPlan:
        """The day's tables and top-ups."""
        return self.config.days[self.day]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign on one platform, with what is published about it."""

    campaign_id: int
    code: str
    platform: str
    lanes: int
    epoch: int
    lane_hash: bytes
    versions: tuple[RulebookVersion, ...]
    days: Mapping[int, DrawDay]

    def version_at(self, at: datetime) -> RulebookVersion:
        """The version in force at an instant; before the first one begins, the first.

        A draw or a redemption is judged by the version in force at its time, whatever came later.
        """
        return version_in_force(self.versions, at)

    def rulebook_at(self, at: datetime) -> Rulebook:
        """The rules in force at an instant."""
        return self.version_at(at).rulebook

    def next_version_at(self, at: datetime) -> datetime | None:
        """When other rules than those in force at an instant begin to act, or None."""
        later = (one.effective_at for one in self.versions if one.effective_at > at)
        return min(later, default=None)
