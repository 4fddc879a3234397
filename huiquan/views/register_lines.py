"""The register of some days as lines of CSV, for whoever downloads it at the console.  台账下载"""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from huiquan.app import App
from huiquan.domain.days import SHANGHAI
from huiquan.domain.refusals import Refusal
from huiquan.views.fund import ACCOUNT_ZH, KIND_ZH
from huiquan.views.register import open_register

HEAD = (
    *("时间", "账簿", "编号", "业务", "借方科目", "贷方科目", "金额（分）"),
    *("券号", "商户", "凭证号", "链号"),
)


async def register_lines(app: App, code: str, days: Sequence[int]) -> AsyncIterator[bytes]:
    """The head, then every movement of these days in the order of time (R2.4, R5.8)."""
    yield _line(HEAD)
    for day in days:
        async for line in _of_day(app, code, day):
            yield line


async def _of_day(app: App, code: str, day: int) -> AsyncIterator[bytes]:
    async with open_register(app, code, day) as register:
        assert not isinstance(register, Refusal), "the campaign was looked up before"
        async for line in register.lines():
            yield _line(
                (
                    line.booked_at.astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
                    str(line.lane),
                    str(line.no),
                    KIND_ZH[line.kind],
                    ACCOUNT_ZH[line.debit],
                    ACCOUNT_ZH[line.credit],
                    str(line.amount_fen),
                    line.serial or "",
                    line.merchant or "",
                    line.ref,
                    "" if line.link_no is None else str(line.link_no),
                )
            )


def _line(values: tuple[str, ...]) -> bytes:
    """One line; what a sheet would take for a formula is said to be text."""
    buffer = io.StringIO()
    safe = [f"'{value}" if value[:1] in ("=", "+", "@", "\t") else value for value in values]
    csv.writer(buffer).writerow(safe)
    return buffer.getvalue().encode()
