"""What stands open: gaps against signers and witnesses, absences, evidence.  现存公告"""

from huiquan.app import App
from huiquan.db import notices
from huiquan.domain.standing import GapKind


async def open_gaps(app: App) -> list[dict[str, str]]:
    """Everything that somebody outside holds and this house does not, in both languages."""
    async with app.db.reading() as tx:
        standing = await notices.opened(tx)
    return [
        {"kind": one.kind, "zh": one.detail["zh"], "en": one.detail["en"]}
        for one in standing
        if one.kind in set(GapKind)
    ]
