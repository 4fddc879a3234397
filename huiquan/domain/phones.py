"""Phones: a mainland mobile number in its one written form.  手机号"""

import re
import unicodedata

import phonenumbers

from huiquan.domain.refusals import Refusal

_MAINLAND = 86
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_DIGITS_AND_MARKS = re.compile(r"[+0-9().\s-]{11,40}")  # no letters: nobody means 1-800-FLOWERS


def normalise_phone(text: str) -> str | Refusal:
    """Read a mobile number as a person writes it. Refuses BAD_PHONE.  手机号规范化

    Any of "138 0000 0000", "+86-138-0000-0000", "0086 138…" and full-width digits become the
    11 digits that SMS gateways take. Landlines, numbers abroad and numbers of other lengths are
    refused. Whether a block is handed out yet changes faster than a program: it is not asked.
    """
    wide = unicodedata.normalize("NFKC", text)
    if not _DIGITS_AND_MARKS.fullmatch(wide):
        return Refusal.BAD_PHONE
    try:
        read = phonenumbers.parse(wide, "CN")
    except phonenumbers.NumberParseException:
        return Refusal.BAD_PHONE
    digits = str(read.national_number)
    if read.country_code != _MAINLAND or not _MOBILE.fullmatch(digits):
        return Refusal.BAD_PHONE
    return digits
