"""The record of a list's draw, written beside the answer, to be printed and signed.  摇号笔录

The same list gives the same record but for the moment it was made: once the other signer has
drawn, too, it is written again with the seed and the wins of each tier.
"""

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from huiquan.domain import vrf
from huiquan.domain.days import SHANGHAI
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.list_files import ROLE_LETTERS, SealedList
from huiquan.domain.rounds import Final, encode_final
from notary.program import program_mark
from notary.record import Record, page_of

FILE = "record-{role}.html"
# Who is not named on the command line writes their name by hand.
EMPTY_LINES = 3
_ROLES = {"notary": ("公证机构", "the notary"), "auditor": ("审计机构", "the auditor")}

_SEEN_ZH = """在场人员亲见：签发机按上述配置核对名单，宣读人数与指纹后摇号，
结果由名单、双方证明与公开规则唯一确定，任何人可以复算。以下签名确认。"""
_SEEN_EN = """Those present saw this machine check the list against the config; the number of
people and the fingerprint were read aloud before the draw. What came of it follows from the list,
both proofs and the public rule alone, and anyone can work it out again. They sign below."""


@dataclass(frozen=True, kw_only=True)
class Hall:
    """Where a ceremony is held and who is there, as they said; nothing if they did not."""

    place: str = ""
    people: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ListDrawn:
    """What a signer knows after its draw. proofs are by role; final is there once both are."""

    role: str
    key: bytes
    hall: Hall
    sealed: SealedList
    signed_at: datetime
    made_at: datetime
    proofs: Mapping[str, bytes]
    final: Final | None


def write_list_record(folder: Path, drawn: ListDrawn) -> Path:
    """Write the record into the list's folder; gives its path."""
    zh, en = _ROLES[drawn.role]
    record = Record(
        title=f"{zh}名单摇号笔录 · Record of a draw from a list by {en}",
        opening="兹记录名单摇号的经过与结果。 This is how the list was drawn, and what came of it.",
        rows=(*_meeting(drawn), *_list(drawn.sealed), *_outcome(drawn), *_machine(drawn)),
        seen_zh=_SEEN_ZH,
        seen_en=_SEEN_EN,
        people=drawn.hall.people or ("",) * EMPTY_LINES,
    )
    path = folder / FILE.format(role=drawn.role)
    path.write_text(page_of(record))
    return path


def _meeting(drawn: ListDrawn) -> Sequence[tuple[str, str]]:
    return (
        ("地点 · place", html.escape(drawn.hall.place)),
        ("到场 · present", "<br>".join(map(html.escape, drawn.hall.people))),
        ("摇号时间 · drawn at", _clock(drawn.signed_at)),
        ("笔录时间 · record made at", _clock(drawn.made_at)),
    )


def _list(sealed: SealedList) -> Sequence[tuple[str, str]]:
    file, seal = sealed.file, sealed.seal
    units = "<br>".join(
        f"{tier}：{_yuan(sealed, tier)} 元 · yuan × {left}"
        for tier, left in enumerate(seal.left_before, start=1)
    )
    return (
        ("活动 · campaign", html.escape(f"{file.campaign} / {file.platform}")),
        ("摇号日 · draw day", str(seal.day)),
        ("名单人数 · people", str(seal.count)),
        ("名单序号 · list number", f"{seal.seq}，自 · from {seal.first_idx}"),
        (
            "名单指纹 · fingerprint",
            f'<span class="print">{fingerprint_of(sealed.seal_hash)}</span>',
        ),
        ("名单封存 · seal", _code(sealed.seal_hash, "seal")),
        ("名单根 · root", _code(seal.root)),
        ("名单文件 · entries.bin", _code(hashlib.sha256(sealed.raw_entries).digest())),
        ("前一份名单 · list before", _code(seal.prev_seal_hash)),
        ("配置 · config", _code(seal.cfg_hash, "config")),
        ("各档数量 · units", units),
    )


def _outcome(drawn: ListDrawn) -> Sequence[tuple[str, str]]:
    rows = []
    for role, (zh, en) in _ROLES.items():
        proof = drawn.proofs.get(role)
        key = getattr(drawn.sealed.config.keys, role)
        if proof is None:
            rows.append((f"{zh}证明 · proof of {en}", "尚未摇号 · still to come"))
            continue
        alpha = vrf.seal_alpha(ROLE_LETTERS[role], drawn.sealed.seal_hash)
        beta = vrf.verify(bytes.fromhex(key), alpha, proof)
        assert beta is not None, "a proof in a record was verified before"
        rows.append((f"{zh}证明 · proof of {en}", _code(proof)))
        rows.append((f"{zh}随机数 · output of {en}", _code(beta, f"beta-{role}")))
    final = drawn.final
    if final is None:
        return (*rows, ("中签 · wins", "待另一方摇号后重新出具 · once the other signer has drawn"))
    wins = "<br>".join(
        f"{tier}：{_yuan(drawn.sealed, tier)} 元 · yuan  "
        f'<b data-tier="{tier}">{kept}</b> 人 · people（未留 · cut {cut}）'
        for tier, (kept, cut) in enumerate(zip(final.kept, final.cut, strict=True), start=1)
    )
    return (
        *rows,
        ("种子 · seed", _code(final.seed, "seed")),
        ("各档中签 · wins by tier", wins),
        ("中签合计 · wins in all", str(sum(final.kept))),
        ("终局 · final (SHA-256)", _code(hashlib.sha256(encode_final(final)).digest())),
    )


def _machine(drawn: ListDrawn) -> Sequence[tuple[str, str]]:
    return (
        ("公钥指纹 · key", f'<span class="print">{fingerprint_of(drawn.key)}</span>'),
        ("公钥 · public key", _code(drawn.key)),
        ("程序 · program (SHA-256)", f'<code id="program">{program_mark()}</code>'),
    )


def _code(raw: bytes, name: str = "") -> str:
    return f'<code id="{name}">{raw.hex()}</code>' if name else f"<code>{raw.hex()}</code>"


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _yuan(sealed: SealedList, tier: int) -> int:
    return sealed.config.tiers[tier].face_fen // 100
