"""Who runs which test when several workers do: tests of one group follow one another on one worker.

A whole house of real processes wants the machine to itself, and a module's house is started once
if its tests stay together. pytest-xdist hands a test's group from worker to scheduler inside the
test's name, which newer versions of pytest do not let it change; so the scheduler reads the groups
where they are written, in the test files themselves.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler.loadscope import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
_GROUP = re.compile(r"xdist_group\(\"(?P<name>[\w-]+)\"\)")


@cache
def group_of(file: str) -> str | None:
    """The group that a test file names, by the file's path from the root; None if it names none."""
    found = _GROUP.search((ROOT / file).read_text())
    return found["name"] if found else None


class GroupScheduling(LoadScopeScheduling):
    """Like `--dist loadgroup`: a group at a time, everything else wherever there is room."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid
