"""The key ceremony: a signer's key is made in front of people, who sign what they saw.  密钥仪式

    people --dice--> key --read aloud--> proof --> backup in two halves --> record to sign --> check

Each step is kept in ceremony.json (nothing secret), so a ceremony that was broken off goes on where
it stopped. A key that exists is never touched.
"""

import argparse
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from huiquan.domain.days import SHANGHAI
from huiquan.domain.fingerprints import fingerprint_of
from notary.backup import join_halves, write_halves
from notary.clock import Clock, file_clock, real_clock
from notary.keys import SEED_FILE, load_key, write_once
from notary.record import read_key, write_record

Ask = Callable[[str], str]
Say = Callable[[str], None]

STATE = "ceremony.json"
PEOPLE_MIN = 2


class CeremonyError(RuntimeError):
    """The ceremony cannot go on; the words say why, in Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What this ceremony is for, and where its files go."""

    role: str
    home: Path
    out: Path
    clock: Clock
    cfg_hash: str | None
    is_rehearsal: bool


@dataclass
class Facts:
    """What has happened so far, as the record tells it."""

    role: str
    is_rehearsal: bool
    begun_at: str
    place: str = ""
    people: list[str] = field(default_factory=list)
    dice: int = 0
    key: str = ""
    fingerprint: str = ""
    was_read: bool = False
    cfg_hash: str | None = None
    proof: str | None = None
    halves: list[str] = field(default_factory=list)
    ended_at: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The ceremony's own part of the command line."""
    parser.add_argument("--out", type=Path, required=True, help="for the halves and the record")
    parser.add_argument("--cfg-hash", help="a published config to prove the key on, in hex")
    parser.add_argument("--rehearsal", action="store_true", help="with a key that is not used")


def plan_from(arguments: argparse.Namespace) -> Plan:
    """The plan behind a command line. A rehearsal has a home of its own inside the home."""
    is_rehearsal = bool(arguments.rehearsal)
    home = arguments.home / "rehearsal" if is_rehearsal else arguments.home
    path = arguments.clock_file
    return Plan(
        role=arguments.role,
        home=home,
        out=arguments.out,
        clock=real_clock() if path is None else file_clock(path),
        cfg_hash=arguments.cfg_hash,
        is_rehearsal=is_rehearsal,
    )


def hold(plan: Plan, ask: Ask, say: Say) -> Facts:
    """Hold the ceremony, or go on with one; gives its facts. Refuses (CeremonyError)."""
    plan.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    plan.out.mkdir(parents=True, exist_ok=True)
    facts = _begin(plan, say)
    for number, (title, step) in enumerate(_STEPS, start=1):
        say(f"\n[{number}/{len(_STEPS)}] {title}")
        step(plan, facts, ask, say)
        _keep(plan, facts)
    return facts


def _begin(plan: Plan, say: Say) -> Facts:
    """The facts of the ceremony that was broken off here, or of a new one."""
    state = plan.home / STATE
    if state.exists():
        facts = Facts(**json.loads(state.read_text()))
        if facts.ended_at:
            raise CeremonyError("仪式已经完成 · this ceremony is over; its record is kept")
        say("继续上次中断的仪式 · going on with the ceremony that was broken off")
        return facts
    if (plan.home / SEED_FILE).exists():
        raise CeremonyError(
            "此目录已有密钥，不会覆盖 · a key is here already and is never replaced"
        )
    if plan.is_rehearsal:
        say("演练：此密钥不会使用 · REHEARSAL: this key is not for use")
    return Facts(role=plan.role, is_rehearsal=plan.is_rehearsal, begun_at=_now(plan))


def _keep(plan: Plan, facts: Facts) -> None:
    """Keep the facts, whole or not at all."""
    beside = plan.home / f"{STATE}.new"
    beside.write_text(json.dumps(asdict(facts), ensure_ascii=False, indent=2))
    beside.replace(plan.home / STATE)


def _people(_: Plan, facts: Facts, ask: Ask, say: Say) -> None:
    """Where it is, and who is there."""
    if facts.people:
        say("  " + "；".join(facts.people))
        return
    facts.place = _needed(ask, say, "  地点 · place: ")
    say(f"  到场人员（姓名与身份），每行一人，至少 {PEOPLE_MIN} 人，空行结束")
    say(
        f"  people present (name and office), one a line, at least {PEOPLE_MIN}, an empty line ends"
    )
    while True:
        name = ask("  > ").strip()
        if name:
            facts.people.append(name)
        elif len(facts.people) >= PEOPLE_MIN:
            return
        else:
            say(f"  至少 {PEOPLE_MIN} 人 · at least {PEOPLE_MIN} people")


def _make_key(plan: Plan, facts: Facts, ask: Ask, say: Say) -> None:
    """Dice from whoever wants, mixed with the system's randomness; the key is made and kept."""
    path = plan.home / SEED_FILE
    if not path.exists():
        say("  每人可掷骰子并报数（1-6），也可直接回车；系统随机数总会加入。")
        say("  each may throw dice, or press enter; the system's randomness is always in.")
        thrown = [ask(f"  {person} > ").strip() for person in facts.people]
        facts.dice = sum(sum(each in "123456" for each in one) for one in thrown)
        write_once(path, mix(secrets.token_bytes(32), thrown).hex())
    key = load_key(plan.home)
    if facts.key not in ("", key.public.hex()):
        raise CeremonyError(
            "磁盘上的密钥已不是先前那把 · the key on disk is another one than before"
        )
    facts.key, facts.fingerprint = key.public.hex(), fingerprint_of(key.public)
    say(f"  密钥已生成，只在本机 · the key is made, on this machine alone: {path}")


def _read_aloud(_: Plan, facts: Facts, ask: Ask, say: Say) -> None:
    """One person reads the fingerprint, another types what they heard."""
    say(f"  公钥指纹 · fingerprint:   {facts.fingerprint}")
    if facts.was_read:
        return
    wanted = facts.fingerprint.replace(" ", "")
    while True:
        heard = ask("  一人朗读，另一人凭听写输入全部 30 位 · one reads, another types: ")
        if "".join(each for each in heard if each.isdigit()) == wanted:
            break
        say("  不一致，请再读一遍 · not the same; read it again")
    facts.was_read = True


def _prove(plan: Plan, facts: Facts, _: Ask, say: Say) -> None:
    """The proof, on a published config, that the key's secret is held here."""
    if plan.cfg_hash is None and facts.cfg_hash is None:
        say("  未给出配置，接受第一份配置时自动出具 · made with the first config accepted")
        return
    facts.cfg_hash = plan.cfg_hash or facts.cfg_hash
    try:
        question = bytes.fromhex(str(facts.cfg_hash))
    except ValueError:
        question = b""
    if len(question) != 32:
        raise CeremonyError("--cfg-hash 应为 64 位十六进制 · --cfg-hash has 64 hex digits")
    facts.proof = load_key(plan.home).prove(question).hex()
    say(f"  持有证明 · proof of possession: {facts.proof}")


def _back_up(plan: Plan, facts: Facts, ask: Ask, say: Say) -> None:
    """Two halves, each alone worth nothing, for two envelopes in two places."""
    if not facts.halves:
        facts.halves = [str(path) for path in write_halves(plan.home, plan.out)]
    for path in facts.halves:
        say(f"  {path}")
    say("  两份各自封存、分处保管；单独一份毫无用处。 seal each apart; one alone is worth nothing.")
    ask("  已移到两个介质并封存后回车 · press enter once both are on media of their own: ")


def _record(plan: Plan, facts: Facts, _: Ask, say: Say) -> None:
    """The record to sign, and the check that it names the key that is on the disk."""
    facts.ended_at = _now(plan)
    path = write_record(plan.out, asdict(facts))
    say(f"  笔录 · record to print and sign: {path}")
    on_disk = load_key(plan.home).public.hex()
    if not on_disk == facts.key == read_key(path):
        facts.ended_at = ""
        raise CeremonyError("磁盘上的密钥与笔录不一致 · the key on disk is not that of the record")
    for half in facts.halves:
        if not Path(half).exists():
            say(f"  已移走 · moved away: {half}")
    present = [Path(half) for half in facts.halves if Path(half).exists()]
    if len(present) == 2 and join_halves(*present) != load_key(plan.home).seed:
        facts.ended_at = ""
        raise CeremonyError("备份合不成这把密钥 · the halves do not make this key")
    say("  已核对：磁盘、笔录、备份为同一把密钥 · checked: disk, record and backup are one key")


_STEPS: tuple[tuple[str, Callable[[Plan, Facts, Ask, Say], None]], ...] = (
    ("到场人员 · who is present", _people),
    ("生成密钥 · the key is made", _make_key),
    ("朗读指纹 · the fingerprint is read aloud", _read_aloud),
    ("持有证明 · proof of possession", _prove),
    ("备份 · backup", _back_up),
    ("笔录与核对 · record and check", _record),
)


def mix(system: bytes, thrown: list[str]) -> bytes:
    """A seed from the system's randomness and what people threw; neither alone decides it.

    Each part is preceded by its length, so no two ways of telling the dice are the same.
    """
    digest = hashlib.sha256(b"huiquan/ceremony/1\x00" + system)
    for one in thrown:
        raw = one.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


def _needed(ask: Ask, say: Say, question: str) -> str:
    while not (given := ask(question).strip()):
        say("  请填写 · please answer")
    return given


def _now(plan: Plan) -> str:
    at: datetime = plan.clock()
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
