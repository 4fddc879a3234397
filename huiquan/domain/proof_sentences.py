"""A verdict on one person's proof file in plain sentences: what was checked of it.  证明结论文字"""

from collections.abc import Mapping

from huiquan.domain.days import day_from_number
from huiquan.domain.money import yuan
from huiquan.domain.verdict_sentences import UNCHECKED, Saying, Sentence
from huiquan.domain.verdicts import Verdict

_CHECKED: dict[str, Sentence] = {
    "config signatures": Sentence(
        zh="承诺：概率和张数在生效前至少 12 小时公布，平台与主管部门都签了名",
        en="promise: chances and units published 12 hours before they acted, signed by platform "
        "and department",
    ),
    "keys against a known source": Sentence(
        zh="公钥：与另外给出的公钥一致",
        en="keys: those of the other source that was given",
    ),
    "entry receipt": Sentence(
        zh="参与回执：{day} 通道 {lane} 第 {idx} 号，平台签了名",
        en="entry receipt: {day}, lane {lane}, entry {idx}, signed by the platform",
    ),
    "the same entry": Sentence(
        zh="同一份参与：回执与结果说的是同一份，概率没有变过",
        en="the same entry: receipt and outcome speak of one, under one table",
    ),
    "change of keys": Sentence(
        zh="换钥：这一轮在换钥公告的正确一侧",
        en="change of keys: the round stands on its own side of the declaration",
    ),
    "entry": Sentence(
        zh="名单：{day} 通道 {lane} 第 {idx} 号在封存的名单里",
        en="list: {day}, lane {lane}, entry {idx} is on the sealed list",
    ),
    "config": Sentence(
        zh="配置：封存所引用的就是这份承诺，通道没有被挪动，张数没有超过投放",
        en="config: the seal names this promise, nobody was moved to another lane, no more units "
        "than were released",
    ),
    "proofs": Sentence(
        zh="随机数：公证处与审计方的证明都成立",
        en="randomness: the proofs of notary and auditor hold",
    ),
    "log": Sentence(
        zh="公开日志：这一轮已写入，见证人足数",
        en="public log: the round stands in it, enough witnesses cosigned",
    ),
    "dealing": Sentence(
        zh="分配：这个礼包的券按公开规则分到各通道",
        en="dealing: the pack's units went to the lanes by the public rule",
    ),
}

_WON = Sentence(zh="结果：中签 {face} 元", en="outcome: won {face} yuan")
_CUT = Sentence(
    zh="结果：摇到 {face} 元档，但券数不够，未中签",
    en="outcome: drawn for {face} yuan, cut for want of stock",
)
_MISSED = Sentence(zh="结果：未中签", en="outcome: not won")

# Of a file in which something is wrong nothing is told but that these steps held.
_WITHOUT_FACTS: dict[str, Sentence] = {
    "entry receipt": Sentence(
        zh="参与回执：平台签了名",
        en="entry receipt: signed by the platform",
    ),
    "entry": Sentence(
        zh="名单：参与记录在封存的名单里",
        en="list: the entry is on the sealed list",
    ),
    "outcome": Sentence(
        zh="结果：按公布的办法重新计算，与文件所说相同",
        en="outcome: worked out again, it is what the file says",
    ),
}

_UNCHECKED: dict[str, Sentence] = UNCHECKED | {
    "entry receipt": Sentence(
        zh="文件里没有参与回执",
        en="the file holds no entry receipt",
    ),
    "the same entry": Sentence(
        zh="回执与结果是否同一份：缺其中之一",
        en="whether receipt and outcome are of one entry: one of them is missing",
    ),
    "outcome": Sentence(zh="结果还没有揭晓", en="there is no outcome yet"),
    "log": Sentence(zh="这一轮还没有写入公开日志", en="the round is not in the public log yet"),
}

# What no file can show, whoever made it.
BEYOND: tuple[Sentence, ...] = (
    Sentence(
        zh="这份参与是不是您的：只有参与时用的手机知道自己选的随机数",
        en="whether the entry is yours: only the phone that entered knows the number it chose",
    ),
    Sentence(
        zh="同一人当天有没有另一份参与：请核对当天的整个文件夹",
        en="whether the person entered twice that day: verify the folder of the day",
    ),
)


def checked_of_proof(verdict: Verdict, name: str) -> Sentence:
    """What one check of a proof looked at; of a file that holds, the outcome says what it was."""
    numbers = verdict.numbers.get(name)
    if numbers is None:
        return _WITHOUT_FACTS.get(name) or _CHECKED[name]
    template = _outcome_sentence(numbers) if name == "outcome" else _CHECKED[name]
    said: dict[str, object] = dict(numbers) | {"face": yuan(numbers.get("face_fen", 0))}
    if "day" in numbers:
        said["day"] = day_from_number(numbers["day"]).isoformat()
    return Sentence(zh=template.zh.format(**said), en=template.en.format(**said))


def _outcome_sentence(numbers: Mapping[str, int]) -> Sentence:
    """The outcome in words: won, drawn and cut, or missed."""
    if numbers["kept"]:
        return _WON
    return _CUT if numbers["tier"] else _MISSED


OF_PROOF = Saying(checked=checked_of_proof, unchecked=_UNCHECKED, beyond=BEYOND)
