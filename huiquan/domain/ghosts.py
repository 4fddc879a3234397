"""Ghosts: entries of nobody who registered, and of those who may not take part.  虚假参与者核对

A day's folder holds pseudonyms alone, so whoever verifies it cannot tell whether they are people.
The auditor can, with the sealed copy of the campaign's pseudonym key and the list of everyone who
registered: each pseudonym of the day must follow from one of them, and from none on the exclusion
list that the day's config names.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.entry_runs import count_of, pids_of
from huiquan.domain.exclusions import exclusion_list_hash
from huiquan.domain.lottery import campaign_key_commitment, pid_of
from huiquan.domain.spoken import Spoken

_LIST = re.compile(rb"(?:[0-9a-f]{64}\n)*+")
_LINE = 65
_ENTRIES = re.compile("entries/(?P<lane>[0-9]+)[.]bin")
PLACES_NAMED = 20


class BadPeopleError(ValueError):
    """The bytes are not a list of people in its form."""


class NotOfTheDay(Spoken):
    """Why nothing can be said: what was given is not what the day's config names."""

    OTHER_KEY = (
        "other_key",
        "这不是本期活动的化名密钥：与配置里的承诺不符",
        "this is not the campaign's pseudonym key: the config commits to another",
    )
    OTHER_LIST = (
        "other_list",
        "这不是当天配置所指的排除名单",
        "this is not the exclusion list that the day's config names",
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry of the day."""

    lane: int
    idx: int


@dataclass(frozen=True, kw_only=True)
class People:
    """How many entered, how many of them are nobody or excluded, and the first places of each.

    is_excluded_known is False where no exclusion list was given. lists_named: how many different
    ones the day's configs name; of several, the entries were held against the given one alone.
    """

    entries: int
    ghosts: int
    excluded: int
    is_excluded_known: bool
    lists_named: int
    ghost_places: tuple[Place, ...]
    excluded_places: tuple[Place, ...]

    @property
    def is_right(self) -> bool:
        """True if everyone who entered registered and was allowed to."""
        return not self.ghosts and not self.excluded


def parse_people(raw: bytes) -> tuple[bytes, ...]:
    """The person keys of a list: each in hex, ascending, one in a line, a line break after each.

    Refuses (BadPeopleError) any other form.
    """
    if _LIST.fullmatch(raw) is None:
        raise BadPeopleError("a list of people holds one key of 64 hex digits in each line")
    lines = [raw[at : at + _LINE - 1] for at in range(0, len(raw), _LINE)]
    if any(one >= two for one, two in pairwise(lines)):
        raise BadPeopleError("a list of people is in ascending order, each once")
    return tuple(bytes.fromhex(line.decode()) for line in lines)


def entries_in(files: Mapping[str, bytes]) -> dict[int, bytes]:
    """The entries of a day's folder, by lane."""
    found = ((_ENTRIES.fullmatch(path), path) for path in files)
    return {int(name["lane"]): files[path] for name, path in found if name is not None}


def find_ghosts(
    configs: Collection[DrawConfig],
    runs: Mapping[int, bytes],
    campaign_key: bytes,
    people: Iterable[bytes],
    excluded: bytes | None = None,
) -> People | NotOfTheDay:
    """Hold a day's entries (by lane) against everyone who registered, and against the excluded.

    configs are the day's; people are person keys, excluded the bytes of the exclusion list that one
    of them names; without it nobody was looked for there, and the answer says so.
    Refuses OTHER_KEY and OTHER_LIST.
    """
    commitment = campaign_key_commitment(campaign_key).hex()
    if any(config.campaign_key != commitment for config in configs):
        return NotOfTheDay.OTHER_KEY
    named = {config.exclusion_list_hash for config in configs}
    if excluded is not None and exclusion_list_hash(excluded) not in named:
        return NotOfTheDay.OTHER_LIST
    known = {pid_of(campaign_key, person) for person in people}
    barred = {pid_of(campaign_key, one) for one in parse_people(excluded or b"")}
    entries, ghosts, found = 0, [], []
    for lane, run in sorted(runs.items()):
        first = int.from_bytes(run[7:15], "big") if run else 0
        entries += count_of(run)
        for place, pid in enumerate(pids_of(run)):
            if pid in barred:
                found.append(Place(lane=lane, idx=first + place))
            elif pid not in known:
                ghosts.append(Place(lane=lane, idx=first + place))
    return People(
        entries=entries,
        ghosts=len(ghosts),
        excluded=len(found),
        is_excluded_known=excluded is not None,
        lists_named=len(named),
        ghost_places=tuple(ghosts[:PLACES_NAMED]),
        excluded_places=tuple(found[:PLACES_NAMED]),
    )
