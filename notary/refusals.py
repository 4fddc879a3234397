"""Why a signer says no, in words that can be shown to the public.  拒签理由"""

from dataclasses import dataclass, field
from typing import Any

from huiquan.domain.spoken import Spoken


class No(Spoken):
    """The reasons; each carries its HTTP status before its sentences."""

    def __init__(self, _value: str, status: int, *_said: str) -> None:
        self.status = status

    MALFORMED = "malformed", 400, "请求格式不正确", "the request is not well formed"
    NOT_FOUND = "not_found", 404, "没有这个地址", "there is no such address"
    NOT_A_SIGNER = "not_a_signer", 403, "见证人不签轮次", "a witness signs no rounds"
    NOT_READY = "not_ready", 503, "尚未与另一方核对账本", "the other signer was not asked yet"
    BEHIND = "behind", 409, "账本落后，须先补齐", "the book is behind and must catch up first"
    STOPPED = (
        "stopped",
        503,
        "签发已由人员停止，等待恢复",
        "a person stopped this signer until resumed",
    )
    # Configs.
    CONFIG_FLAWED = "config_flawed", 422, "摇号配置有错误", "the draw config has a flaw"
    CONFIG_UNSIGNED = "config_unsigned", 422, "配置缺少有效签名", "the config is not signed by both"
    NOT_MY_KEY = "not_my_key", 422, "配置里不是本方的公钥", "the config names another key for me"
    TOO_LATE = "too_late", 409, "配置公布得太晚", "the config was published too late"
    EPOCH_CHANGED = "epoch_changed", 409, "与本期已有配置矛盾", "it contradicts the epoch's configs"
    NOT_DECLARED = "not_declared", 409, "没有换钥公告", "no new epoch was declared"
    DAY_CHANGED = "day_changed", 409, "已公布的一天不能再改", "a published day cannot be changed"
    CONFIG_UNKNOWN = "config_unknown", 409, "没有这个配置", "this config is not known here"
    CONFIG_NOT_IN_FORCE = (
        "config_not_in_force",
        409,
        "配置当时未生效",
        "the config was not in force",
    )
    # Seals.
    SEAL_UNSIGNED = "seal_unsigned", 422, "封存缺少平台签名", "the platform did not sign the seal"
    CONFLICT = "conflict", 409, "这一轮已签过另一份封存", "another seal was signed for this round"
    SEQ_GAP = "seq_gap", 409, "轮次序号不连续", "the round is not the next one of its lane"
    CHAIN_BROKEN = "chain_broken", 409, "没有接上前一轮", "it does not follow the round before"
    IDX_GAP = "idx_gap", 409, "参与序号不连续", "the entry numbers have a gap"
    WRONG_COUNT = "wrong_count", 422, "人数不对", "the number of entries is not as sealed"
    WRONG_ROOT = "wrong_root", 422, "名单与封存不一致", "the entries are not the sealed ones"
    WRONG_ENTRY = "wrong_entry", 422, "参与记录不属于这一轮", "an entry belongs to another round"
    WRONG_LANE = "wrong_lane", 422, "参与者不在其应在的通道", "a person is in another's lane"
    UNKNOWN_PACK = "unknown_pack", 422, "没有这个礼包", "there is no such pack"
    PID_TWICE = "pid_twice", 409, "同一人一天参与了两次", "a person entered twice in a day"
    SLOT_AHEAD = "slot_ahead", 409, "时间在将来", "the hour has not begun"
    SLOT_FELL = "slot_fell", 409, "时间倒退", "the hour fell"
    SLOT_BEHIND = "slot_behind", 409, "时间已过", "the hour had passed when the lane was free"
    WRONG_STOCK = "wrong_stock", 409, "剩余数量不对", "the stock is not what I count"
    FINAL_NEEDED = "final_needed", 409, "缺前一轮终局", "the final of the round before is needed"
    FINAL_WRONG = "final_wrong", 409, "前一轮终局不对", "the final is not what the draw gives"
    BAD_PROOF = "bad_proof", 422, "另一方的证明不成立", "the other signer's proof does not hold"
    EPOCH_OVER = (
        "epoch_over",
        409,
        "已换钥，旧密钥一期的轮次不再签发",
        "a new epoch was declared: no round of the old one is signed any more",
    )
    # The declaration of a new epoch.
    EPOCH_TAKEN = "epoch_taken", 409, "每期活动只能换钥一次", "a campaign changes a key once only"
    EPOCH_DIFFERS = (
        "epoch_differs",
        409,
        "公告与我的账本不符",
        "the declaration does not fit my book",
    )
    ROUND_PROVEN = (
        "round_proven",
        409,
        "有一轮双方都已签发，须先开奖",
        "a round was proven by both and has to be drawn first",
    )
    DECLARATION_UNSIGNED = (
        "declaration_unsigned",
        422,
        "换钥公告缺少有效签名",
        "the declaration is not signed as it must be",
    )
    # Log and manifests.
    LOG_UNKNOWN = "log_unknown", 404, "没有这个日志", "this log is not known here"
    NOTE_UNSIGNED = "note_unsigned", 422, "检查点缺少平台签名", "the platform did not sign the note"
    LOG_FORKED = "log_forked", 409, "日志分叉", "the log does not continue what I saw"
    OLD_SIZE = "old_size", 409, "起点与我所见不同", "the proof must start at the size I saw last"
    DAY_NOT_OVER = "day_not_over", 409, "这一天还没有结束", "the day is not over"
    NOT_SETTLED = "not_settled", 409, "有轮次尚无终局", "a round of the day has no final yet"
    WRONG_TOTALS = "wrong_totals", 409, "合计与我的账本不符", "the totals are not those of my book"
    MANIFEST_CHANGED = "manifest_changed", 409, "已签过另一份清单", "another manifest was signed"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A refusal and its particulars, which never hold anything secret."""

    no: No
    detail: dict[str, Any] = field(default_factory=dict)
