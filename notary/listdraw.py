"""python -m notary draw FOLDER: the draw of a sealed list, held as a ceremony.  名单摇号

It needs no network. The signer checks the list against its own book, shows what it checked, asks
for a confirmation, writes the list into its book and only then proves: the same list again gets
the same answer, and another list for the same draw is refused and kept as evidence.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.domain import list_files, rounds
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.list_files import ROLE_LETTERS, AnswerFile, BadListError, SealedList
from huiquan.domain.rounds import Final
from huiquan.domain.seal_requests import SealRequest
from notary.configs import TOLERANCE, Accepted
from notary.desk import Desk, Signed
from notary.listrecord import Hall, ListDrawn, write_list_record
from notary.peer import take_status
from notary.refusals import Refused
from notary.rules import instant

Ask = Callable[[str], str]
Say = Callable[[str], None]

STATUS_GOOD = timedelta(hours=24)


class NotDrawnError(RuntimeError):
    """The ceremony ended without a draw; the words say why, in Chinese and English."""


def read_folder(folder: Path) -> SealedList:
    """The list in a folder. Refuses (NotDrawnError) a folder that is none."""
    try:
        parts = (list_files.LIST, list_files.CONFIG, list_files.ENTRIES)
        return list_files.read_list(*((folder / name).read_bytes() for name in parts))
    except (OSError, BadListError) as error:
        raise NotDrawnError(f"读不出名单 · the list cannot be read: {error}") from error


def compare_with_peer(desk: Desk, path: Path, key: bytes) -> None:
    """Compare the book with the auditor's signed status of today, before the notary signs.

    A book restored from an older copy does not know that it is old; the auditor's does. Refuses
    (NotDrawnError) a status that is not the auditor's, or older than a day.
    """
    raw = path.read_bytes()
    if not take_status(desk, raw, key):
        raise NotDrawnError(
            "状态文件不是另一方签发的 · the status is not signed by the other signer"
        )
    made = datetime.fromisoformat(json.loads(raw)["at"])
    if not desk.clock() - STATUS_GOOD <= made <= desk.clock() + TOLERANCE:
        desk.ready = False
        raise NotDrawnError("状态文件不是今天的 · the other signer's status is older than a day")


def take_published(desk: Desk, folder: Path) -> None:
    """Take up config.json with signatures.json beside it. Refuses (NotDrawnError)."""
    try:
        told = json.loads((folder / "signatures.json").read_text())
        signatures = ConfigSignatures(
            platform=bytes.fromhex(told["platform"]), approver=bytes.fromhex(told["approver"])
        )
        raw = (folder / list_files.CONFIG).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotDrawnError(f"读不出配置 · the config cannot be read: {error}") from error
    accepted = desk.accept_config(raw, signatures)
    if not isinstance(accepted, Accepted):
        raise NotDrawnError(_words(accepted))


def take_config(desk: Desk, sealed: SealedList) -> None:
    """Take up the list's config if it is not in the book; it is too late for one that acts."""
    signatures = ConfigSignatures(
        platform=bytes.fromhex(sealed.file.config_by_platform),
        approver=bytes.fromhex(sealed.file.config_by_approver),
    )
    accepted = desk.accept_config(sealed.raw_config, signatures)
    if not isinstance(accepted, Accepted):
        raise NotDrawnError(_words(accepted))


def draw(desk: Desk, folder: Path, ask: Ask, say: Say, hall: Hall | None = None) -> Path:
    """Hold the ceremony for the list in a folder; gives the file with this signer's answer.

    Beside it stands the record to sign, which names the hall. Refuses (NotDrawnError) a list this
    signer would not sign, and a confirmation that is not given.
    """
    sealed = read_folder(folder)
    take_config(desk, sealed)
    request = _request(desk, folder, sealed)
    refused = desk.check(request)
    if refused is not None:
        raise NotDrawnError(_words(refused))
    for line in facts_of(sealed):
        say(line)
    count = str(sealed.seal.count)
    given = ask("请输入名单人数以确认摇号 · type the number of people on the list to draw: ")
    if given.strip().replace(",", "") != count:
        raise NotDrawnError("人数不符，没有摇号 · that is not the number; nothing was drawn")
    (answer,) = desk.sign([request])
    if not isinstance(answer, Signed):
        raise NotDrawnError(_words(answer))
    path = folder / list_files.answer_name(desk.role)
    told = AnswerFile(
        role=desk.role,
        key=desk.key.public.hex(),
        seal_hash=answer.seal_hash.hex(),
        pi=answer.pi.hex(),
    )
    path.write_bytes(list_files.write_file(told))
    say(f"已写入 · written: {path}")
    proofs = _proofs(folder, sealed)
    final = settle(desk, sealed, proofs)
    record = write_list_record(folder, _drawn(desk, hall or Hall(), sealed, proofs, final))
    say(f"笔录，打印签字 · record to print and sign: {record}")
    for line in _outcome_of(sealed, final):
        say(line)
    return path


def settle(desk: Desk, sealed: SealedList, proofs: Mapping[str, bytes]) -> Final | None:
    """Once both answers are there, draw and keep the outcome in the book; None before."""
    if len(proofs) < len(ROLE_LETTERS):
        return None
    _, final = list_files.draw_list(sealed, proofs["notary"], proofs["auditor"])
    settled = desk.settle([rounds.encode_final(final)])
    if isinstance(settled, Refused):
        raise NotDrawnError(_words(settled))
    return final


def _proofs(folder: Path, sealed: SealedList) -> dict[str, bytes]:
    """The proofs that are in the folder, by role, each verified."""
    paths = {role: folder / list_files.answer_name(role) for role in ROLE_LETTERS}
    return {role: _proof(path, role, sealed) for role, path in paths.items() if path.exists()}


def _outcome_of(sealed: SealedList, final: Final | None) -> list[str]:
    """What came of the draw, to be read aloud."""
    if final is None:
        return ["还缺另一方的结果 · the other signer's answer is still to come"]
    lines = ["摇号完成 · drawn. 各档中签数 · wins by tier:"]
    for tier, (kept, cut) in enumerate(zip(final.kept, final.cut, strict=True), start=1):
        face_yuan = sealed.config.tiers[tier].face_fen // 100
        lines.append(f"  {tier}  {face_yuan} 元 · yuan  {kept}  (未留 · cut {cut})")
    return lines


def _drawn(
    desk: Desk, hall: Hall, sealed: SealedList, proofs: Mapping[str, bytes], final: Final | None
) -> ListDrawn:
    """The draw as its record tells it; when it was drawn, the book says."""
    row = desk.book.round_sealed(sealed.seal_hash)
    assert row is not None, "a signed list stands in the book"
    return ListDrawn(
        role=desk.role,
        key=desk.key.public,
        hall=hall,
        sealed=sealed,
        signed_at=instant(row.signed_ms),
        made_at=desk.clock(),
        proofs=proofs,
        final=final,
    )


def facts_of(sealed: SealedList) -> list[str]:
    """What the signer has checked, one line each, to be read aloud."""
    seal = sealed.seal
    packs: dict[int, int] = {}
    for entry in sealed.entries:
        packs[entry.pack] = packs.get(entry.pack, 0) + 1
    units = ", ".join(f"{tier}: {left}" for tier, left in enumerate(seal.left_before, start=1))
    by_pack = ", ".join(f"{pack}: {count}" for pack, count in sorted(packs.items()))
    return [
        f"活动 · campaign        {sealed.file.campaign} / {sealed.file.platform}",
        f"摇号日 · draw day       {seal.day}",
        f"名单人数 · people        {seal.count}  (按礼包 · by pack {by_pack})",
        f"名单序号 · list number   {seal.seq}, 自 · from {seal.first_idx}",
        f"名单指纹 · list         {fingerprint_of(sealed.seal_hash)}",
        f"名单根 · root           {seal.root.hex()}",
        f"各档数量 · units by tier {units}",
        "已核对 · checked: 平台签名 signature, 配置 config, 人数与根 count and root,",
        "  接续前一份名单 follows the list before, 无人重复 nobody twice, 数量 units",
    ]


def _request(desk: Desk, folder: Path, sealed: SealedList) -> SealRequest:
    """The list as a seal to be signed; the auditor adds the notary's answer."""
    pi_notary = None
    if desk.role == "auditor":
        path = folder / list_files.answer_name("notary")
        if not path.exists():
            raise NotDrawnError("公证处还没有摇号 · the notary has not drawn yet")
        pi_notary = _proof(path, "notary", sealed)
    previous = sealed.file.previous_final
    return SealRequest(
        seal=bytes.fromhex(sealed.file.seal),
        signature=bytes.fromhex(sealed.file.signature),
        entries=sealed.raw_entries,
        previous_final=bytes.fromhex(previous) if previous else None,
        pi_notary=pi_notary,
    )


def _proof(path: Path, role: str, sealed: SealedList) -> bytes:
    """The proof in an answer's file."""
    try:
        return list_files.read_answer(path.read_bytes(), role, sealed)
    except BadListError as error:
        raise NotDrawnError(f"{path.name}: {error}") from error


def _words(refused: Refused) -> str:
    """A refusal as a sentence."""
    return f"拒签：{refused.no.zh} · refused: {refused.no.en} ({refused.no.value})"
