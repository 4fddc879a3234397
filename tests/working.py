"""The work before a tap, done as a page does it and from the task's own words.  工作量证明"""

import hashlib
import json
from base64 import b64encode

import msgspec

from huiquan.domain.work import Task


def solve(task: Task) -> str:
    """Find the number and give the proof in base64; ValueError when no number fits."""
    told = msgspec.to_builtins(task)
    for number in range(told.pop("maxnumber") + 1):
        found = hashlib.sha256(f"{told['salt']}{number}".encode()).hexdigest()
        if found == told["challenge"]:
            return b64encode(json.dumps({**told, "number": number}).encode()).decode()
    raise ValueError("no number fits this task")
