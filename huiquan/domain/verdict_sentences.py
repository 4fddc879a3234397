"""A verdict on a whole day in plain sentences: what was checked, and how many.  结论文字"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from huiquan.domain.verdicts import Finding, Verdict

FORMAT = "huiquan/verdict/1"


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence in both languages."""

    zh: str
    en: str


CHECKED: dict[str, Sentence] = {
    "files": Sentence(
        zh="文件：{files} 个，{bytes} 字节，与清单逐一相符",
        en="files: {files}, {bytes} bytes, each as the manifest says",
    ),
    "epoch": Sentence(
        zh="换钥：公告有平台、另一签发方和新密钥的签名；换钥前 {before} 轮，换钥后 {after} 轮",
        en="change of keys: declared by platform, remaining signer and new key; {before} rounds "
        "before it, {after} behind it",
    ),
    "signatures": Sentence(
        zh="签名：平台、公证处、审计方都签了清单",
        en="signatures: platform, notary and auditor signed the manifest",
    ),
    "configs": Sentence(
        zh="摇号配置：{configs} 份，无差错，平台与主管部门都签了名",
        en="draw configs: {configs}, flawless, signed by platform and department",
    ),
    "rounds": Sentence(
        zh="逐轮复算：{lanes} 个通道、{rounds} 轮、{entries} 次参与、{proofs} 份证明，"
        "名单、次序、库存和结果全部一致",
        en="drawn again: {lanes} lanes, {rounds} rounds, {entries} entries, {proofs} proofs; "
        "lists, order, stock and outcomes all agree",
    ),
    "vouchers": Sentence(
        zh="券：{vouchers} 张，与中签一一对应",
        en="vouchers: {vouchers}, one for each win and no other",
    ),
    "totals": Sentence(
        zh="合计：发出 {kept}，因无库存截断 {cut}，与明细一致",
        en="totals: {kept} kept, {cut} cut for want of stock, as the rounds add up",
    ),
    "log": Sentence(
        zh="公开日志：当天 {leaves} 条、{checkpoints} 个检查点，前后一致，见证人足数",
        en="public log: {leaves} leaves and {checkpoints} checkpoints of the day, one history, "
        "enough witnesses",
    ),
    "counts": Sentence(
        zh="概率：抽中 {drawn} 次，各档、各通道、各小时都在界限之内（公平摇号一百万天才越界一次）",
        en="chance: {drawn} drawn; each tier, lane and hour within a bound that an honest draw "
        "exceeds less than once in a million days",
    ),
    "runs": Sentence(
        zh="连号：最长 {longest} 人连中，属偶然",
        en="rows of winners: the longest has {longest}, which chance makes",
    ),
}

UNCHECKED: dict[str, Sentence] = {
    "keys against a known source": Sentence(
        zh="公钥是否真的属于公证处、审计方和平台：请用 --keys 给出从公告得到的 keys.json",
        en="whose keys these are: give a keys.json from the announcement with --keys",
    ),
}

# What no folder can show, whoever made it; each needs somebody who looks elsewhere.
BEYOND: tuple[Sentence, ...] = (
    Sentence(
        zh="持有参与回执的人是否都在名单里：请每人核对自己的回执",
        en="whether everyone with an entry receipt is on the list: each compares their own",
    ),
    Sentence(
        zh="名单上的化名是否都是报名的真人：由持有化名密钥副本的审计方用 registrants check 核对",
        en="whether every pseudonym is a registered person: the auditor, who holds the key, sees "
        "it with registrants check",
    ),
)


def checked_sentence(verdict: Verdict, name: str) -> Sentence:
    """What one check looked at, with its numbers."""
    numbers = {key: f"{value:,}" for key, value in verdict.numbers.get(name, {}).items()}
    template = CHECKED[name]
    return Sentence(zh=template.zh.format(**numbers), en=template.en.format(**numbers))


def found_sentence(finding: Finding) -> Sentence:
    """What is wrong and where; lanes, rounds and entries are named in both languages."""
    return Sentence(
        zh=f"{finding.wrong.zh}：{_where_zh(finding.where)}",
        en=f"{finding.wrong.en} ({finding.wrong.value}): {finding.where}",
    )


@dataclass(frozen=True, kw_only=True)
class Saying:
    """How the checks of a day, or of one proof, are put into words."""

    checked: Callable[[Verdict, str], Sentence]
    unchecked: Mapping[str, Sentence]
    beyond: tuple[Sentence, ...]


OF_DAY = Saying(checked=checked_sentence, unchecked=UNCHECKED, beyond=BEYOND)


def verdict_json(verdict: Verdict, saying: Saying = OF_DAY) -> dict[str, Any]:
    """The verdict as plain values, for programs: the same facts and sentences as on paper."""
    found = verdict.finding
    return {
        "format": FORMAT,
        "right": verdict.is_right,
        "checked": [
            {"check": name, "numbers": dict(verdict.numbers.get(name, {}))}
            | _both(saying.checked(verdict, name))
            for name in verdict.checked
        ],
        "unchecked": [
            {"check": name} | _both(saying.unchecked[name]) for name in verdict.unchecked
        ],
        "beyond": [_both(sentence) for sentence in saying.beyond],
        "finding": None
        if found is None
        else {
            "wrong": found.wrong.value,
            "where": found.where,
            "lane": found.lane,
            "round": found.seq,
            "entry": found.idx,
        }
        | _both(found_sentence(found)),
    }


def _both(sentence: Sentence) -> dict[str, str]:
    """A sentence as plain values."""
    return {"zh": sentence.zh, "en": sentence.en}


def _where_zh(where: str) -> str:
    """A place in Chinese: the words for lane, round and entry are ours, the rest stays."""
    words = {"lane": "通道", "round": "轮次", "entry": "参与序号", "checkpoint": "检查点"}
    said = re.sub(
        r"\b(lane|round|entry|checkpoint) (\d+)", lambda m: f"{words[m[1]]} {m[2]}", where
    )
    return said.replace(", ", "，")
