"""Records, to be printed and signed by everyone who was there; here that of a key.  笔录"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "key-ceremony-{role}.html"
_ROLES = {"notary": ("公证机构", "the notary"), "auditor": ("审计机构", "the auditor")}

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 12pt/1.7 "Noto Serif CJK SC", SimSun, serif; max-width: 44rem; margin: 2rem auto;
        padding: 0 1rem; color: #111; }}
h1 {{ font-size: 18pt; text-align: center; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border: 1px solid #444; padding: .4rem .6rem; text-align: left; vertical-align: top; }}
th {{ width: 11rem; font-weight: 600; }}
code {{ overflow-wrap: anywhere; }}
.print {{ font-size: 16pt; font-weight: 700; letter-spacing: .05em; }}
.sign td {{ height: 3.2rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{opening}</p>
<table>
{rows}
</table>
<p>{seen_zh}</p>
<p lang="en">{seen_en}</p>
<table class="sign">
<tr><th scope="col">姓名与身份 · name and office</th><th scope="col">签名 · signature</th>
<th scope="col">日期 · date</th></tr>
{signers}
</table>
</main>
</body>
</html>
"""


_SEEN_ZH = """在场人员亲见：密钥在上述机器上生成，指纹经一人朗读、另一人听写核对一致，备份分为
两份各自封存，密钥从未离开本机。以下签名确认。"""
_SEEN_EN = """Those present saw the key made on this machine; one read the fingerprint aloud,
another typed it, and it was the same; the backup was sealed in two halves; the key never left the
machine. They sign below."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a record says: rows are a name and its value in HTML, people those who sign."""

    title: str
    opening: str
    rows: Sequence[tuple[str, str]]
    seen_zh: str
    seen_en: str
    people: Sequence[str]


def page_of(record: Record) -> str:
    """A record as a page to print. Only the rows' values may hold HTML."""
    return _PAGE.format(
        title=html.escape(record.title),
        opening=html.escape(record.opening),
        rows="\n".join(
            f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in record.rows
        ),
        seen_zh=record.seen_zh,
        seen_en=record.seen_en,
        signers="\n".join(
            f"<tr><td>{html.escape(person)}</td><td></td><td></td></tr>" for person in record.people
        ),
    )


def write_record(out: Path, facts: Mapping[str, Any]) -> Path:
    """Write the record of these facts; gives its path."""
    zh, en = _ROLES[facts["role"]]
    title = f"{zh}签发密钥生成笔录 · Record of the key of {en}"
    opening = "兹记录签发密钥的生成经过。 This is how the signing key was made."
    if facts["is_rehearsal"]:
        title = f"【演练】{title} (REHEARSAL)"
        opening = "本笔录为演练，所载密钥不予使用。 This was a rehearsal; the key is not used."
    path = out / FILE.format(role=facts["role"])
    record = Record(
        title=title,
        opening=opening,
        rows=_rows(facts),
        seen_zh=_SEEN_ZH,
        seen_en=_SEEN_EN,
        people=facts["people"],
    )
    path.write_text(page_of(record))
    return path


def read_key(path: Path) -> str | None:
    """The public key that a record names, or None."""
    found = re.search(r'<code id="key">([0-9a-f]{64})</code>', path.read_text())
    return found.group(1) if found else None


def _rows(facts: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    halves = "<br>".join(html.escape(Path(one).name) for one in facts["halves"])
    proof = facts["proof"] or "接受第一份配置时出具 · made with the first config"
    return (
        ("地点 · place", html.escape(facts["place"])),
        ("开始 · begun", html.escape(facts["begun_at"])),
        ("结束 · ended", html.escape(facts["ended_at"])),
        ("到场 · present", "<br>".join(map(html.escape, facts["people"]))),
        ("掷骰 · dice thrown", f"{facts['dice']}（另加系统随机数 · besides the system's)"),
        ("公钥指纹 · fingerprint", f'<span class="print">{facts["fingerprint"]}</span>'),
        ("公钥 · public key", f'<code id="key">{facts["key"]}</code>'),
        ("配置 · config", f"<code>{html.escape(facts['cfg_hash'] or '—')}</code>"),
        ("持有证明 · proof", f"<code>{html.escape(proof)}</code>"),
        ("备份 · backup", halves),
    )
