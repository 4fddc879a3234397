"""Rulebook lines: on which line of the file each value stands, so that an error can name it.

规则文件行号。 The TOML reader of the language gives values without their places. This one gives
places without values. It reads only text which that reader has already accepted, so it need not
find fault with anything.
"""

from collections.abc import Mapping

Path = tuple[str | int, ...]

_BARE_END = "\n,]}#"


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and element of a well-formed TOML text.

    A path is the keys and positions that lead to a value: ("tiers", 2, "face_fen").
    """
    return _Places(text).read()


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest thing above it that stands in the file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


class _Places:
    """One walk over the text, remembering the line of each path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self.skip_blank():
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.lines

    def here(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def skip_blank(self) -> bool:
        """Pass over spaces, line ends and comments; False at the end of the text."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                self.skip_past("\n")
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                return True
        return False

    def skip_past(self, mark: str) -> None:
        found = self.text.find(mark, self.at)
        self.at = len(self.text) if found < 0 else found + len(mark)

    def header(self) -> Path:
        """Read [table] or [[element]] and give the path that the pairs below it stand under."""
        line = self.here()
        repeated = self.text.startswith("[[", self.at)
        self.at += 2 if repeated else 1
        path = self.inside_elements(self.key())
        self.at += 2 if repeated else 1
        if repeated:
            position = self.lengths.get(path, 0)
            self.lengths[path] = position + 1
            self.lines.setdefault(path, line)
            path = (*path, position)
        self.lines[path] = line
        return path

    def inside_elements(self, keys: Path) -> Path:
        """[packs.extra] after [[packs]] belongs to the last element of packs."""
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            if number < len(keys) and path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        return path

    def pair(self, table: Path) -> None:
        line = self.here()
        path = (*table, *self.key())
        self.skip_blank()
        self.at += 1  # the equals sign
        self.value(path)
        self.lines[path] = line

    def key(self) -> Path:
        """Read a.b."c d" up to the equals sign or the closing bracket."""
        parts: list[str] = []
        while self.skip_blank():
            begin = self.at
            if self.text[self.at] in "\"'":
                self.string()
                parts.append(self.text[begin + 1 : self.at - 1])
            elif self.text[self.at] == ".":
                self.at += 1
            elif self.text[self.at] in "=]":
                break
            else:
                while self.text[self.at] not in ".=] \t":
                    self.at += 1
                parts.append(self.text[begin : self.at])
        return tuple(parts)

    def value(self, path: Path) -> None:
        self.skip_blank()
        self.lines[path] = self.here()
        opening = self.text[self.at]
        if opening == "[":
            self.elements(path)
        elif opening == "{":
            self.inline_table(path)
        elif opening in "\"'":
            self.string()
        else:
            while self.at < len(self.text) and self.text[self.at] not in _BARE_END:
                self.at += 1

    def elements(self, path: Path) -> None:
        self.at += 1
        position = 0
        while self.skip_blank() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self.value((*path, position))
                position += 1
        self.at += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        while self.skip_blank() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self.pair(path)
        self.at += 1

    def string(self) -> None:
        """Pass over a string of any of the four kinds; only double quotes know the backslash."""
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        # A long string may end in one or two quotes of its own before the closing three.
        while len(mark) == 3 and self.text.startswith(quote, self.at):
            self.at += 1
