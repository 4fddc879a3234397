"""Merchants: companies and how they are named.  商户"""

from stdnum.cn import uscc


def normalise_uscc(text: str) -> str:
    """A unified social credit code in its one written form: capitals, without gaps."""
    return uscc.compact(text)


def is_doubtful_uscc(text: str) -> bool:
    """True if the check characters do not fit. Some genuine codes fail, so it is only a warning."""
    return not uscc.is_valid(text)
