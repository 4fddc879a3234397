"""Reading a rulebook: from the text an official wrote to the facts, or the line that is wrong.

读取活动规则。 A wrong rulebook is refused whole, with the first line to look at and the reason in
Chinese and English. Nothing is guessed, rounded or silently left out.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from huiquan.domain.refund_rules import RefundRules
from huiquan.domain.rulebook_checks import faults_of
from huiquan.domain.rulebook_faults import Fault, fault
from huiquan.domain.rulebook_lines import Path, line_of, lines_of
from huiquan.domain.rulebooks import (
    Forecast,
    FundAlertRule,
    Limits,
    ListRound,
    LocationRule,
    NamedDays,
    OnlineRules,
    OrderRules,
    Pack,
    Platform,
    Release,
    Rulebook,
    Schedule,
    SettlementRules,
    Tier,
)

_TABLES = (
    Rulebook,
    Platform,
    Limits,
    LocationRule,
    Release,
    Forecast,
    Pack,
    Tier,
    NamedDays,
    Schedule,
    ListRound,
    FundAlertRule,
    OnlineRules,
    OrderRules,
    RefundRules,
    SettlementRules,
)
_KEYS = {field.name for table in _TABLES for field in fields(table)}


@dataclass(frozen=True, kw_only=True)
class RulebookError:
    """Why a text is no rulebook: the line counted from 1, and the reason in both languages."""

    line: int
    reason_zh: str
    reason_en: str


def read_rulebook(text: str) -> Rulebook | RulebookError:
    """Read the TOML text of a rulebook, or say on which line it is wrong and why.

    Syntax comes first, then keys and types, then whether the numbers belong together. The first
    fault found is the answer: mending one often mends the next.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _syntax_error(text, str(error))
    outcome = _convert(raw)
    faults = (outcome,) if isinstance(outcome, Fault) else faults_of(outcome)
    if isinstance(outcome, Rulebook) and not faults:
        return outcome
    first = faults[0]
    return RulebookError(
        line=line_of(lines_of(text), first.path),
        reason_zh=first.reason_zh,
        reason_en=first.reason_en,
    )


def canonical(rulebook: Rulebook) -> dict[str, Any]:
    """The rulebook as plain data for storage as JSON: every key written out, dates as text."""
    plain: dict[str, Any] = msgspec.to_builtins(rulebook)
    return plain


def from_canonical(plain: Mapping[str, Any]) -> Rulebook:
    """The rulebook behind its canonical form. Refuses (ValueError) anything else.

    It is not checked again: what was stored was checked when it was published.
    """
    outcome = _convert(dict(plain))
    if isinstance(outcome, Fault):
        raise ValueError(f"{'.'.join(map(str, outcome.path))}: {outcome.reason_en}")
    return outcome


def _convert(raw: dict[str, Any]) -> Rulebook | Fault:
    """Give each value its type; a missing key, a wrong type and an unknown key are faults.

    Unknown keys are looked for first: a misspelt key is better named itself than as the right
    key that is missing.
    """
    strange = _key_outside(raw, ())
    if strange is not None:
        return _no_such_key(strange)
    try:
        rulebook = msgspec.convert(raw, Rulebook)
    except msgspec.ValidationError as error:
        return _type_fault(str(error))
    misplaced = _key_not_kept(raw, msgspec.to_builtins(rulebook), ())
    return rulebook if misplaced is None else _no_such_key(misplaced)


def _no_such_key(path: Path) -> Fault:
    return fault(
        path,
        f"此处没有“{path[-1]}”这一项，请核对拼写和位置",
        f"there is no key {path[-1]!r} here; check its spelling and its place",
    )


def _inside(raw: Any) -> list[tuple[str | int, Any]]:
    """What stands directly inside a table or an array, with its key or position."""
    if isinstance(raw, dict):
        return list(raw.items())
    return list(enumerate(raw)) if isinstance(raw, list | tuple) else []


def _key_outside(raw: Any, path: Path) -> Path | None:
    """The first key that stands nowhere in any rulebook."""
    for key, value in _inside(raw):
        if isinstance(key, str) and key not in _KEYS:
            return (*path, key)
        found = _key_outside(value, (*path, key))
        if found is not None:
            return found
    return None


def _key_not_kept(raw: Any, kept: Any, path: Path) -> Path | None:
    """The first key that stands where it does not belong: it was not kept in the rulebook."""
    for key, value in _inside(raw):
        if isinstance(key, str) and key not in kept:
            return (*path, key)
        found = _key_not_kept(value, kept[key], (*path, key))
        if found is not None:
            return found
    return None


# The sentences of the type reader, and what an official is told instead.
_TYPE_SENTENCES = (
    (
        r"Object missing required field `(?P<a>\w+)`",
        "缺少必填项“{a}”",
        "the key {a!r} is missing",
    ),
    (
        r"Expected `(?P<a>[^`]+)`, got `(?P<b>[^`]+)`",
        "类型不对：应为 {a}，实际为 {b}",
        "wrong type: expected {a}, got {b}",
    ),
    (
        r"Expected `int` (?P<a>[<>]=) (?P<b>-?\d+)",
        "数值超出范围：应 {a} {b}",
        "out of range: it has to be {a} {b}",
    ),
    (
        r"Invalid enum value (?P<a>.+)",
        "不是允许的取值：{a}",
        "this value is not one of those allowed: {a}",
    ),
)


def _type_fault(sentence: str) -> Fault:
    """Turn the type reader's sentence, which ends in the place "$.a[0].b", into a fault."""
    reason, _, place = sentence.partition(" - at `$")
    parts = re.findall(r"\.(\w+)|\[(\d+)\]", place)
    path = tuple(key or int(position) for key, position in parts)
    for pattern, zh, en in _TYPE_SENTENCES:
        match = re.fullmatch(pattern, reason)
        if match is not None:
            words = match.groupdict()
            return Fault(path=path, reason_zh=zh.format(**words), reason_en=en.format(**words))
    return Fault(
        path=path,
        reason_zh=f"写法不对（{reason}）",
        reason_en=f"not written as it has to be ({reason})",
    )


def _syntax_error(text: str, sentence: str) -> RulebookError:
    """The TOML reader names the line in its sentence, or says that the text ended too early."""
    place = re.search(r"at line (\d+)", sentence)
    line = int(place.group(1)) if place else text.rstrip("\n").count("\n") + 1
    return RulebookError(
        line=line,
        reason_zh=f"不符合 TOML 语法：{sentence}",
        reason_en=f"this is not TOML: {sentence}",
    )
