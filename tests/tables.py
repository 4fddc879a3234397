"""Tables an official can check: the cases of a test, one row each."""

import re


def rows(text: str) -> list[dict[str, str]]:
    """Read a table: the first line names the columns; two spaces or more part them; - is empty."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.strip().splitlines()]
    head, *cases = lines
    return [
        {key: "" if cell == "-" else cell for key, cell in zip(head, case, strict=True)}
        for case in cases
    ]
