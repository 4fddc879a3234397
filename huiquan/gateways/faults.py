"""Faults: an outsider did not answer, or not in words we know.  外部故障

A fault is an exception and never a guess: whoever asked decides what people are told.
"""


class OutsiderFault(Exception):  # noqa: N818  our word for it is fault
    """An outsider failed. `name` is whom we asked, `reason` a short word for logs and counters."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
