"""People: whose document this is, and that one person is one person.  自然人与证件

A person may write the number with spaces, dashes, full-width digits or a small x; it stays the
same document and gives the same person key. What the number says itself (birth date, check
digit) is checked here; whether the name belongs to it is asked of the identity authority.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huiquan.domain.refusals import Refusal


class DocumentKind(StrEnum):
    """The kinds of identity document that a person may register with (R1.1)."""

    RESIDENT_ID = "resident_id"  # 居民身份证，及港澳台居民居住证 (GB 11643)
    HK_MACAU_PERMIT = "hk_macau_permit"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "taiwan_permit"  # 台湾居民来往大陆通行证
    FOREIGN_PERMANENT = "foreign_permanent"  # 外国人永久居留身份证
    PASSPORT = "passport"  # 护照


class IdentityAnswer(StrEnum):
    """What the identity authority says of a name and a document; it never says "perhaps"."""

    MATCH = "match"
    MISMATCH = "mismatch"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One identity document in its one written form: capital letters and digits, no gaps.

    birth_date is None where the number does not carry it (permits, passports, the foreign
    permanent resident card of before 2023, whose two-digit year could mean two centuries).
    """

    kind: DocumentKind
    number: str
    birth_date: date | None

    def age_on(self, day: date) -> int | None:
        """Completed years on a day, or None if the number does not tell the birth date.

        A year is complete on the birthday. Someone born on 29 February completes it on 1 March
        of a common year. The age is negative before birth.
        """
        if self.birth_date is None:
            return None
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# The first two digits name the province of first registration. 81, 82 and 83 stand on the
# residence permits of people from Hong Kong, Macau and Taiwan. The county digits after them are
# not looked up: real citizens carry codes of counties that were abolished decades ago.
_PROVINCES = frozenset(
    {
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        *(71, 81, 82, 83),
    }
)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_CITIZEN_FORM = re.compile(r"[0-9]{17}[0-9X]")

_FORMS = {
    DocumentKind.HK_MACAU_PERMIT: re.compile(r"[HM][0-9]{8}"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}"),
    DocumentKind.FOREIGN_PERMANENT: re.compile(r"[A-Z]{3}[0-9]{12}"),
    DocumentKind.PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
}


def check_digit(first_17: str) -> str:
    """The 18th character of a citizen number: ISO 7064 MOD 11-2, as GB 11643 uses it."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True))
    return _CHECK_DIGITS[total % 11]


def normalise_document(kind: DocumentKind, text: str) -> Document | Refusal:
    """Read a document number as a person writes it. Refuses BAD_DOCUMENT.  证件号码规范化

    An 18-character number says itself what it is: one that begins with 9 is a foreigner's
    permanent resident card (form of 2023), any other a resident ID or residence permit. So the
    same card gives the same person, whichever kind was ticked on the form.
    """
    number = _bare(text)
    if len(number) == 18:
        return _citizen_number(number)
    form = _FORMS.get(kind)
    if form is None or not form.fullmatch(number):
        return Refusal.BAD_DOCUMENT
    return Document(kind=kind, number=number, birth_date=None)


def _bare(text: str) -> str:
    """Capital letters and half-width digits, without spaces, dashes or invisible characters."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(each for each in wide if unicodedata.category(each) not in _GAPS)


_GAPS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Pc"})


def _citizen_number(number: str) -> Document | Refusal:
    """Check an 18-character number by GB 11643: form, place, birth date, check digit."""
    if not _CITIZEN_FORM.fullmatch(number) or check_digit(number[:17]) != number[17]:
        return Refusal.BAD_DOCUMENT
    is_foreign = number[0] == "9"
    if not is_foreign and int(number[:2]) not in _PROVINCES:
        return Refusal.BAD_DOCUMENT
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Refusal.BAD_DOCUMENT
    kind = DocumentKind.FOREIGN_PERMANENT if is_foreign else DocumentKind.RESIDENT_ID
    return Document(kind=kind, number=number, birth_date=born)


def person_key(lookup_key: bytes, document: Document) -> bytes:
    """The keyed hash under which one person is known: HMAC-SHA256, 32 bytes.  自然人唯一键

    Without the key nobody can try all citizen numbers against it. The name is not part of it:
    a person who changes the name stays the same person.
    """
    words = f"person\0{document.kind}\0{document.number}"
    return hmac.digest(lookup_key, words.encode(), "sha256")


_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅●᛫", "·"))
_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_CHINESE_NAME = re.compile(f"[{_HAN}]+(?:·[{_HAN}]+)*")
_DOT_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])\\.(?=[{_HAN}])")
_LATIN_MARKS = frozenset(" -'.,")


def normalise_name(kind: DocumentKind, text: str) -> str | Refusal:
    """Read a name as it stands on the document. Refuses BAD_NAME.  姓名规范化

    Chinese names: 2 to 30 characters, with the middle dot · (any of its look-alikes) inside.
    Latin names, 2 to 60 letters and marks, are written in capitals, as passports do; a resident
    ID carries none.
    """
    wide = unicodedata.normalize("NFKC", text).translate(_DOTS)
    seen = "".join(each for each in wide if unicodedata.category(each) != "Cf")
    chinese = _DOT_BETWEEN_HAN.sub("·", "".join(seen.split()))
    if 2 <= len(chinese) <= 30 and _CHINESE_NAME.fullmatch(chinese):
        return chinese
    latin = unicodedata.normalize("NFC", " ".join(seen.replace("’", "'").split()).upper())
    if kind is not DocumentKind.RESIDENT_ID and 2 <= len(latin) <= 60 and _is_latin(latin):
        return latin
    return Refusal.BAD_NAME


def _is_latin(name: str) -> bool:
    """True if a name is made of Latin letters and the few marks that stand between them."""
    letters = [each for each in name if each not in _LATIN_MARKS]
    return bool(letters) and all(
        unicodedata.name(each, "").startswith("LATIN CAPITAL LETTER") for each in letters
    )
