"""Masking: how much of a name, a document or a phone a screen and a log may show.  脱敏

Enough for a person to know their own, too little for anyone else to find them.
"""

_FIRST_HAN = "〇"


def mask_name(name: str) -> str:
    """李四 becomes 李*, 欧阳小明 becomes 欧***, JOHN SMITH becomes J***."""
    if name[:1] < _FIRST_HAN:
        return name[:1] + "***"
    return name[:1] + "*" * (len(name) - 1)


def mask_document(number: str) -> str:
    """Keep four characters at each end of a citizen number, two of a shorter one."""
    kept = 4 if len(number) >= 15 else 2 if len(number) >= 7 else 1
    return number[:kept] + "*" * (len(number) - 2 * kept) + number[-kept:]


def mask_phone(phone: str) -> str:
    """13800000000 becomes 138****0000."""
    return phone[:3] + "****" + phone[-4:]
