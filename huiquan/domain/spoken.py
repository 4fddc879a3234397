"""Words that say themselves: enums whose members carry a sentence in both languages.  双语"""

from enum import StrEnum
from typing import Any, Self


class Spoken(StrEnum):
    """A word for programs; for people a sentence in Chinese and in English, which stand last."""

    zh: str
    en: str

    def __new__(cls, value: str, *said: Any) -> Self:
        """Keep the sentences with the word."""
        member = str.__new__(cls, value)
        member._value_ = value
        *_, member.zh, member.en = said
        return member
