"""python -m notary declare FOLDER: a signer's key is lost, and people say so.  换钥公告

The signer that is still there signs first, after comparing the declaration with its own book and
hearing the new key's fingerprint from the other office; then the new key signs. From then on no
round of the old epoch is signed, whoever holds the lost key.
"""

from collections.abc import Callable
from pathlib import Path

from huiquan.domain import epochs
from huiquan.domain.config_making import log_origin
from huiquan.domain.days import SHANGHAI
from huiquan.domain.epoch_files import (
    DECLARATION,
    AnswerFile,
    BadEpochFileError,
    DraftFile,
    answer_name,
    read_answer,
    read_draft,
    write_file,
)
from huiquan.domain.epochs import Declaration, DeclaredEpoch, EpochSignatures
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.receipts import milliseconds
from huiquan.domain.signing import Purpose
from notary.desk import Desk
from notary.refusals import No, Refused
from notary.renewal import lane_flaw

Ask = Callable[[str], str]
Say = Callable[[str], None]

ROLES_ZH = {"notary": "公证处", "auditor": "审计方"}
UNSIGNED = bytes(64)


class NotDeclaredError(RuntimeError):
    """The declaration was not signed; the words say why, in Chinese and English."""


def declare(desk: Desk, folder: Path, ask: Ask, say: Say) -> Path:
    """Sign the declaration in a folder, once people confirmed it; gives the file with the answer.

    Refuses (NotDeclaredError) what does not fit the book, a second declaration of the campaign,
    and a fingerprint that is not the new key's.
    """
    draft = _read(folder)
    declared = _declared(desk, folder, draft)
    refused = decide_declaration(desk, declared)
    if refused is not None:
        raise NotDeclaredError(_words(refused))
    for line in facts_of(declared.declaration):
        say(line)
    wanted = fingerprint_of(bytes.fromhex(declared.declaration.new_key)).replace(" ", "")
    given = ask(
        "请凭电话核对，输入新公钥指纹全部 30 位 · type the new key's fingerprint as the other"
        " office reads it to you: "
    )
    if "".join(each for each in given if each.isdigit()) != wanted:
        raise NotDeclaredError("指纹不符，没有签名 · not the fingerprint; nothing was signed")
    signature = sign_declaration(desk, declared)
    if isinstance(signature, Refused):
        raise NotDeclaredError(_words(signature))
    told = AnswerFile(
        role=desk.role,
        key=desk.key.public.hex(),
        declaration_hash=declared.hash.hex(),
        signature=signature.hex(),
    )
    path = folder / answer_name(desk.role)
    path.write_bytes(write_file(told))
    say(f"已写入 · written: {path}")
    return path


def sign_declaration(desk: Desk, declared: DeclaredEpoch) -> bytes | Refused:
    """Write the declaration into the book, flushed to the disk, and only then sign it.

    The same again gets the same signature; another one of the campaign is refused for good.
    """
    said = declared.declaration
    with desk.book.writing():
        refused = decide_declaration(desk, declared)
        if refused is not None:
            return refused
        if desk.book.declaration_of(said.series) is None:
            desk.book.record_declaration(
                said.series,
                epochs.encode_epoch(declared),
                milliseconds(desk.clock()),
                [bytes.fromhex(one.seal_hash) for one in said.voided],
            )
    return desk.key.signer.sign(Purpose.EPOCH, declared.hash)


def decide_declaration(desk: Desk, declared: DeclaredEpoch) -> Refused | None:
    """Why this signer would not sign a declaration, or None.

    The remaining signer knows the campaign: keys, lanes and log must be those of its book. The new
    key knows nothing yet; it signs what platform and remaining signer have signed.
    """
    said = declared.declaration
    if desk.book.stop_in_force() is not None:
        return Refused(no=No.STOPPED)
    known = desk.declared(said.series)
    if known is not None:
        same = known.hash == declared.hash
        return None if same else Refused(no=No.EPOCH_TAKEN, detail={"hash": known.hash.hex()})
    if not epochs.is_declaration_signed(
        said.keys.platform, declared.hash, declared.signatures.platform
    ):
        return Refused(no=No.DECLARATION_UNSIGNED)
    if desk.role == said.role:
        return _decide_successor(desk, declared)
    return _decide_survivor(desk, said)


def _decide_successor(desk: Desk, declared: DeclaredEpoch) -> Refused | None:
    said = declared.declaration
    if desk.key.public.hex() != said.new_key:
        return Refused(no=No.NOT_MY_KEY)
    survivor = str(getattr(said.keys, said.survivor))
    if not epochs.is_declaration_signed(survivor, declared.hash, declared.signatures.survivor):
        return Refused(no=No.DECLARATION_UNSIGNED, detail={"by": said.survivor})
    return None


def _decide_survivor(desk: Desk, said: Declaration) -> Refused | None:
    if desk.role != said.survivor or desk.key.public.hex() != getattr(said.keys, desk.role):
        return Refused(no=No.NOT_MY_KEY)
    configs = [
        one
        for one in desk.register.of_series(said.series)
        if epochs.leads_from(said, one.config) and one.epoch_start.hex() == said.epoch_start
    ]
    if not configs:
        return Refused(no=No.CONFIG_UNKNOWN)
    seen = desk.book.checkpoint_of(log_origin(said.campaign))
    if seen is not None and (
        seen[0] > said.log.size or (seen[0] == said.log.size and seen[1].hex() != said.log.root)
    ):
        return Refused(no=No.LOG_FORKED, detail={"size": seen[0]})
    flaw = lane_flaw(desk.book, desk.role, said)
    return None if flaw is None else Refused(no=flaw[1], detail={"lane": flaw[0]})


def facts_of(said: Declaration) -> list[str]:
    """What is declared, one line each, to be read aloud."""
    role = f"{ROLES_ZH[said.role]} · {said.role}"
    at = said.declared_at.astimezone(SHANGHAI)
    undrawn = len(said.voided)
    return [
        f"活动 · campaign       {said.campaign} / {said.platform}",
        f"谁的密钥 · whose key   {role}",
        f"旧指纹 · old          {fingerprint_of(bytes.fromhex(said.old_key))}",
        f"新指纹 · new          {fingerprint_of(bytes.fromhex(said.new_key))}",
        f"事由 · reason         {said.reason}",
        f"时间 · declared at    {at:%Y-%m-%d %H:%M}",
        f"公开日志 · log        {said.log.size}",
        f"已封存未开奖的轮次，将由新密钥重新封存后开奖 · sealed, never drawn: {undrawn}",
        "整个活动只能换钥一次；签名后，旧密钥一期的轮次不再签发。",
        "once a campaign; after this signature no round of the old epoch is signed.",
    ]


def _read(folder: Path) -> DraftFile:
    try:
        return read_draft((folder / DECLARATION).read_bytes())
    except (OSError, BadEpochFileError) as error:
        raise NotDeclaredError(f"读不出公告 · the declaration cannot be read: {error}") from error


def _declared(desk: Desk, folder: Path, draft: DraftFile) -> DeclaredEpoch:
    """The declaration with the signatures that are there before this one."""
    body = draft.declaration.encode()
    said = epochs.decode_declaration(body)
    survivor = UNSIGNED
    path = folder / answer_name(said.survivor)
    if desk.role == said.role:
        if not path.exists():
            raise NotDeclaredError(
                f"{ROLES_ZH[said.survivor]}尚未签名 · the {said.survivor} has not signed yet"
            )
        survivor = read_answer(path.read_bytes(), said.survivor, body)
    return DeclaredEpoch(
        declaration=said,
        raw=body,
        signatures=EpochSignatures(
            platform=bytes.fromhex(draft.platform), survivor=survivor, successor=UNSIGNED
        ),
    )


def _words(refused: Refused) -> str:
    """A refusal as a sentence."""
    where = "".join(f" [{name}: {value}]" for name, value in refused.detail.items())
    return f"拒签：{refused.no.zh} · refused: {refused.no.en} ({refused.no.value}){where}"
