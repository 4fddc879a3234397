"""Verdicts: what a check of the draw found, in words that people understand.  验证结论

A verdict names what was checked, what could not be checked with what was at hand, and the first
thing that is wrong, if anything is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from huiquan.domain.spoken import Spoken

T = TypeVar("T")


class Wrong(Spoken):
    """Everything that can be wrong with a receipt or with an exported day."""

    UNREADABLE = "unreadable", "文件读不出来，或格式不对", "a record cannot be read"
    MISSING_FILE = "missing_file", "缺少文件", "a file is missing"
    UNKNOWN_FILE = "unknown_file", "有清单之外的文件", "a file is not on the manifest"
    FILE_CHANGED = "file_changed", "文件与清单的指纹不一致", "a file differs from the manifest"
    KEYS_DIFFER = "keys_differ", "公钥与公布的不一致", "the keys are not the published ones"
    BAD_SIGNATURE = "bad_signature", "签名不成立", "a signature does not hold"
    CONFIG_FLAWED = "config_flawed", "摇号配置有错误", "the draw config has a flaw"
    CONFIG_UNKNOWN = "config_unknown", "引用了没有公布的配置", "a config is not published"
    CONFIG_NOT_IN_FORCE = "config_not_in_force", "配置当时未生效", "the config was not in force"
    CONFIGS_DISAGREE = "configs_disagree", "同一天的概率前后不一", "the day's chances changed"
    EPOCH_UNDECLARED = "epoch_undeclared", "换钥没有有效公告", "a change of keys was not declared"
    OLD_KEY_USED = "old_key_used", "已作废的密钥仍被使用", "the lost key was used after its loss"
    CHAIN_BROKEN = "chain_broken", "轮次链条断裂", "the chain of rounds is broken"
    IDX_GAP = "idx_gap", "参与序号不连续", "the entry numbers have a gap"
    WRONG_COUNT = "wrong_count", "人数与封存的不一致", "the number of entries is not as sealed"
    WRONG_ROOT = "wrong_root", "名单与封存的不一致", "the entries are not the sealed ones"
    WRONG_ENTRY = "wrong_entry", "参与记录不属于这一轮", "an entry does not belong to its round"
    PID_TWICE = "pid_twice", "同一人一天参与了两次", "a person entered twice in a day"
    WRONG_LANE = "wrong_lane", "参与者不在其应在的通道", "a person is in another's lane"
    UNKNOWN_PACK = "unknown_pack", "没有这个礼包", "there is no such pack"
    WRONG_STOCK = "wrong_stock", "剩余数量与投放不符", "the stock is not what was released"
    WRONG_SLOT = "wrong_slot", "小时倒退或越界", "the hour fell or does not exist"
    BAD_PROOF = "bad_proof", "公证或审计的证明不成立", "a signer's proof does not hold"
    WRONG_DRAW = "wrong_draw", "摇号结果与计算不一致", "the outcome is not what the draw gives"
    WRONG_VOUCHERS = "wrong_vouchers", "中签与券不一一对应", "wins and vouchers do not match"
    WRONG_TABLE = "wrong_table", "概率表与公布的不一致", "the table is not the published one"
    LOG_BROKEN = "log_broken", "公开日志前后矛盾", "the public log contradicts itself"
    NOT_LOGGED = "not_logged", "有轮次不在公开日志里", "a round is not in the public log"
    NO_QUORUM = "no_quorum", "见证人签名不足", "too few witnesses cosigned"
    WRONG_TOTALS = "wrong_totals", "合计与明细不一致", "the totals are not the sum"
    UNLIKELY_COUNT = "unlikely_count", "中签数量偏离概率过多", "the wins are too far from chance"
    UNLIKELY_RUN = "unlikely_run", "连号中签过长", "too many neighbours won in a row"
    NOT_YOURS = "not_yours", "回执里的随机数不是您手机生成的", "the nonce is not your own"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where: a file, or a lane and as far as known round and entry.

    where says it in words; lane, seq and idx say it again for programs.
    """

    wrong: Wrong
    where: str
    lane: int | None = None
    seq: int | None = None
    idx: int | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was checked in order, what was not, and the first thing wrong.

    numbers says for each check how many of what it looked at, for example rounds: {entries: 80}.
    """

    checked: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    finding: Finding | None = None
    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """True if nothing wrong was found; read it together with what was not checked."""
        return self.finding is None


def step_by_step(
    case: T, steps: Iterable[tuple[str, bool, Callable[[T], "Finding | Wrong | None"]]]
) -> Verdict:
    """Check a case in this order, up to the first thing that is wrong.

    A step is its name, whether what it needs is at hand, and its check; one that is not checked
    is named. A check that says no place is wrong at its own name.
    """
    checked: list[str] = []
    unchecked: list[str] = []
    for name, given, check in steps:
        if not given:
            unchecked.append(name)
            continue
        wrong = check(case)
        if wrong is not None:
            finding = Finding(wrong=wrong, where=name) if isinstance(wrong, Wrong) else wrong
            return Verdict(checked=tuple(checked), unchecked=tuple(unchecked), finding=finding)
        checked.append(name)
    return Verdict(checked=tuple(checked), unchecked=tuple(unchecked))


def in_lane(wrong: Wrong, lane: int, seq: int | None = None, idx: int | None = None) -> Finding:
    """Something wrong in a lane, as exactly as it is known."""
    words = [f"lane {lane}"]
    words += [] if seq is None else [f"round {seq}"]
    words += [] if idx is None else [f"entry {idx}"]
    return Finding(wrong=wrong, where=", ".join(words), lane=lane, seq=seq, idx=idx)
