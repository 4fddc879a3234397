"""The mock house's doors about money for officials: fund, settlement, three books, register.  资金

Names are as long and sums as large as a province's can be, so that what does not fit is seen.
"""

from typing import Any

from huiquan.domain.refusals import Refusal
from tests.e2e.mock_house import clock
from tests.e2e.mock_house.consumer import Json, World
from tests.e2e.mock_house.facts import PACKS

MERCHANT = "湖北省宜昌市夷陵区小溪塔街办发展大道百货连锁经营有限责任公司"
SHOP = "户部巷老字号热干面（中华路店）"
AT = "2026-02-06T09:12:00+08:00"
MINE = "省商务厅 · 王监管"
_PARTS = ("available", "issued", "reserved", "locked", "payable", "settling", "paid", "recovered")
_SUMS = (21_240_000_000, 98_846_500_000, 14_286_550_000, 3_405_000, 4_021_185_000, 1_186_400_000)


def books(world: World) -> Json:
    """What officials have done so far in this world."""
    made = world.money
    if not made:
        made |= {"fund": _fund(), "files": [_file(7, "drafted"), _file(6, "done")]}
        made |= {"holds": [_hold(1)], "disputes": [_dispute(1, None), _dispute(2, "dismissed")]}
        made |= {"cases": {one["case"]: one for one in _cases()}, "steps": {}}
        made |= {"archives": [], "making": 0}
    return made


def _part(key: str, zh: str, en: str, share: int) -> Json:
    sums = [fen * share // 100 for fen in (*_SUMS, 62_884_105_000, 963_100_000)]
    named = {f"{name}_fen": fen for name, fen in zip(_PARTS, sums, strict=True)}
    count = {"issued_count": 1_538_812 * share // 100, "late_fen": 4_210_000 * share // 100}
    return {"key": key, "name_zh": zh, "name_en": en, **named, **count}


def _fund() -> Json:
    inside = {"released_fen": 21_240_000_000, "reserved_fen": 14_286_550_000}
    inside |= {"returned_fen": 963_100_000, "payable_fen": 4_021_185_000}
    inside |= {"settling_fen": 1_186_400_000, "pool_fen": 20_418_660_000}
    bank = sum(inside.values())
    came = {"appropriated_fen": 125_000_000_000, "compensated_fen": 0, "repaid_fen": 0}
    paid = 125_000_000_000 - bank
    account = {"bank_fen": bank, **came, "paid_fen": paid, "remainder_fen": 0, **inside}
    packs = [(str(p["pack"]), p["name_zh"], p["name_en"]) for p in PACKS]
    tiers = [
        (str(t["tier"]), f"{p['name_zh']} {t['face_fen'] // 100} 元", f"{p['name_en']} ¥1")
        for p in PACKS
        for t in p["tiers"]
    ]
    cities = [("420100", "武汉市", "Wuhan"), ("422800", "恩施土家族苗族自治州", "Enshi")]
    return {
        "at": AT,
        "account": {**account, "receivable_fen": 4_210_000},
        "burn_fen": 812_345_600,
        "days_left": 25,
        "draw_days_left": 53,
        "total": _part("total", "合计", "Total", 100),
        "by_pack": [_part(*each, 33) for each in packs],
        "by_tier": [_part(*each, 11) for each in tiers],
        "by_city": [_part(*each, 50) for each in cities],
        "by_day": [_part("20260206", "2026-02-06", "2026-02-06", 100)],
        "tranches": [_tranche(1, "R20260120-00017-ICBC"), _tranche(2, None)],
        "alerts": [_alert(1, None), _alert(2, MINE)],
        "matching": [_matching(None), _matching(MERCHANT)],
        "closing": {
            "state": None,
            "remainder_fen": 20_418_660_000,
            "obstacles": [
                {"code": "running", "zh": "活动还没有结束", "en": "the campaign is not over"},
                {"code": "living", "zh": "还有券可以使用", "en": "vouchers can still be used"},
            ],
            "approvers": [],
            "shares": [],
            "debts": [{"merchant_id": 77, "merchant": MERCHANT, "receivable_fen": 4_210_000}],
        },
    }


def _tranche(number: int, ref: str | None) -> Json:
    return {
        "tranche": number,
        "planned_fen": 125_000_000_000,
        "due_on": "2026-01-20" if ref else "2026-02-20",
        "payer": "湖北省财政厅国库处" if ref else "武汉市商务局（市级配套拨款）",
        "received_fen": 125_000_000_000 if ref else 0,
        "bank_ref": ref,
        "received_at": AT if ref else None,
    }


def _alert(number: int, who: str | None) -> Json:
    return {
        "alert": number,
        "kind": "pool_days",
        "zh": "资金池按近 7 天日均消耗只够 25 天，少于剩余的 53 个摇号日。",
        "en": "At the mean of the last 7 days the pool lasts 25 days, fewer than the 53 left.",
        "raised_at": AT,
        "ended_at": None,
        "acknowledged_by": who,
        "acknowledged_at": AT if who else None,
    }


def _matching(merchant: str | None) -> Json:
    return {
        "merchant": merchant,
        "pledged_fen": 3_000_000_000,
        "used_fen": 1_286_455_500,
        "given_back_fen": 2_150_000,
        "left_fen": 1_715_694_500,
        "order_fen": 9_000_000_000,
        "redemption_count": 128_405,
    }


def plan(world: World, body: Json) -> Json:
    tranches = books(world)["fund"]["tranches"]
    number = len(tranches) + 1
    fields = {"planned_fen": body["planned_fen"], "due_on": body["due_on"]}
    tranches.append({**_tranche(number, None), **fields, "payer": body["payer"]})
    return {"tranche": number}


def receive(world: World, number: int, body: Json) -> Json | Refusal:
    fund = books(world)["fund"]
    one = fund["tranches"][number - 1]
    if one["bank_ref"] is not None:
        return Refusal.TRANCHE_RECEIVED
    one |= {"bank_ref": body["bank_ref"], "received_fen": body["amount_fen"], "received_at": AT}
    for name in ("appropriated_fen", "bank_fen", "pool_fen"):
        fund["account"][name] += body["amount_fen"]
    return {"fen": fund["account"]["appropriated_fen"]}


def repay(world: World, body: Json) -> Json | Refusal:
    fund = books(world)["fund"]
    (debt,) = fund["closing"]["debts"]
    if body["amount_fen"] > debt["receivable_fen"]:
        return Refusal.MORE_THAN_OWED
    debt["receivable_fen"] -= body["amount_fen"]
    for name in ("repaid_fen", "bank_fen", "returned_fen"):
        fund["account"][name] += body["amount_fen"]
    fund["account"]["receivable_fen"] -= body["amount_fen"]
    return {"fen": debt["receivable_fen"]}


def settlement(number: int, state: str, **more: Any) -> Json:
    return {
        "settlement_id": number,
        "ref": f"1-{number}-wechat-20260206",
        "merchant_id": 77,
        "merchant": MERCHANT if number % 2 else SHOP,
        "rail": "wechat" if number % 2 else "direct",
        "day": 20260206,
        "redeemed_count": 184,
        "payable_fen": 128_645_550,
        "carried_fen": 2_150_000,
        "recovered_fen": 421_000,
        "amount_fen": 130_374_550,
        "state": state,
        "file_id": 6 if state != "settled" else None,
        "bank_ref": "ICBC20260206000017" if state == "paid" else None,
        "bounce_reason": "收款人账户名称不符" if state == "bounced" else None,
        **more,
    }


def settlements() -> Json:
    states = ("settled", "in_file", "paid", "bounced")
    waiting = {"unsettled_fen": 389_201_000, "bounced_fen": 130_374_550, "owed_fen": 4_210_000}
    return {
        "items": [settlement(number, state) for number, state in enumerate(states, start=1)],
        "waiting": {**waiting, "without_account": 3},
    }


def _file(number: int, state: str) -> Json:
    done = state == "done"
    return {
        "file_id": number,
        "batch": f"HQ-2026-20260206-{number:04}",
        "campaign_id": 1,
        "day": 20260206,
        "state": state,
        "line_count": 184,
        "amount_fen": 2_398_891_720,
        "paid_count": 183 if done else 0,
        "paid_fen": 2_268_517_170 if done else 0,
        "bounced_count": 1 if done else 0,
        "bounced_fen": 130_374_550 if done else 0,
        "sha256": "ab" * 32,
        "drafted_by": "运营平台 · 赵经办",
        "drafted_at": AT,
        "approvers": ["省商务厅 · 李监管", MINE] if done else [],
        "approver_ids": [2, 1] if done else [],
        "bank_batch": None,
        "changed_count": 0,
    }


def approve(world: World, number: int) -> Json | Refusal:
    one = next(each for each in books(world)["files"] if each["file_id"] == number)
    if MINE in one["approvers"]:
        return Refusal.SAME_PERSON
    one["approvers"].append(MINE)
    return file_story(world, number)


def file_story(world: World, number: int) -> Json:
    one = next(each for each in books(world)["files"] if each["file_id"] == number)
    line = {key: settlement(4, "bounced")[key] for key in ("settlement_id", "ref", "rail")}
    account = {"account_end": "4417", "bank_name": "中国农业银行宜昌夷陵支行", "bank_ref": None}
    paid = {"line_no": 1, **line, "merchant": MERCHANT, "amount_fen": 130_374_550, **account}
    odd = {"ref": line["ref"], "outcome": "paid", "amount_fen": 130_374_550, "taken_at": AT}
    odd |= {"bank_ref": "ICBC20260209000003", "reason": "成功", "verdict": "paid_after_bounce"}
    bounced = {**paid, "state": "bounced", "reason": "收款人账户名称不符"}
    told = {"file": one, "payments": [bounced], "contradictions": [odd] if number == 6 else []}
    return {**told, "changes": books(world).get("changes", [])}


def _hold(number: int) -> Json:
    return {
        "hold_id": number,
        "kind": "merchant",
        "merchant_id": 77,
        "merchant": MERCHANT,
        "store": None,
        "reason": "银行先报未付，后报已付",
        "until": None,
        "placed_by": "house",
        "placed_at": AT,
        "lifted_at": None,
    }


def _dispute(number: int, verdict: str | None) -> Json:
    return {
        "dispute_id": number,
        "settlement_id": 3,
        "ref": settlement(3, "paid")["ref"],
        "merchant": MERCHANT,
        "redemption": "R20260206-7713-0003" if number == 1 else None,
        "words": "这一笔顾客没有退货，不应扣回。",
        "opened_at": AT,
        "verdict": verdict,
        "answer": "经核对门店小票，退货属实。" if verdict else None,
        "answered_at": AT if verdict else None,
    }


def answer(world: World, number: int, body: Json) -> Json | Refusal:
    one = next(each for each in books(world)["disputes"] if each["dispute_id"] == number)
    if one["verdict"]:
        return Refusal.DISPUTE_ANSWERED
    one |= {"verdict": body["verdict"], "answer": body["words"], "answered_at": AT}
    return {"verdict": body["verdict"]}


def days() -> Json:
    line = {"book": "acquirer", "source": "wechat", "day": 20260205, "has_file": True}
    counts = {"ours_count": 128_405, "theirs_count": 128_404, "case_count": 2, "open_count": 2}
    sums = {"ours_fen": 7_704_300_050, "theirs_fen": 7_704_300_049, "matched_bp": 9_999}
    bank = {**line, "book": "bank", "source": "icbc-1001", "has_file": False}
    empty = dict.fromkeys((*counts, *sums), 0)
    return {"items": [{**line, **counts, **sums}, {**bank, **empty, "open_count": 1}]}


def _cases() -> list[Json]:
    base = {"book": "acquirer", "source": "wechat", "day": 20260205, "state": "open"}
    who = dict.fromkeys(("owner", "cause", "reason", "proposed_by", "closed_by"))
    amount = {"case": 1, "kind": "amount", "kind_zh": "金额不符", "kind_en": "other amount"}
    changed = {"case": 2, "kind": "changed", "kind_zh": "更正后内容不同"}
    changed |= {"kind_en": "changed by a later file"}
    ref = {"ref": "4200002611202602058812345678901234", "age_days": 1}
    sums = {"ours_fen": 5_000, "theirs_fen": 4_999}
    return [
        {**base, **amount, **ref, **sums, **who},
        {**base, **changed, **ref, "ours_fen": 4_999, "theirs_fen": 5_000, **who},
    ]


def case_file(world: World, number: int) -> Json:
    line = {"day": 20260205, "paid_fen": 15_000, "at": AT, "case": None, "note": ""}
    told = {"file": "wechat-20260205.csv", "line_no": 17, "imported_at": AT, "place": SHOP}
    ours = dict.fromkeys(("file", "line_no", "imported_at"))
    later = {"file": "wechat-20260205-更正.csv", "line_no": None, "imported_at": AT, "place": ""}
    lines = [
        {"side": "theirs", "amount_fen": 4_999, **line, **told},
        {"side": "later", "amount_fen": 5_000, **line, **later, "case": 2},
    ]
    if number == 1:
        lines.insert(0, {"side": "ours", "amount_fen": 5_000, **line, **ours, "place": ""})
    steps = [{"at": AT, "actor": "house", "did": "opened", "detail": {}}]
    made = books(world)
    return {
        "case": made["cases"][number],
        "lines": lines,
        "steps": steps + made["steps"].get(number, []),
    }


def explain(world: World, number: int, body: Json) -> Json | Refusal:
    made = books(world)
    one = made["cases"][number]
    if one["proposed_by"]:
        return Refusal.SAME_PERSON
    one |= {"state": "proposed", "proposed_by": "wang", **body}
    made["steps"].setdefault(number, []).append(
        {"at": AT, "actor": "wang", "did": "proposed", "detail": body}
    )
    return {"is_final": False}


def choices() -> Json:
    formats = [("wechat", "微信支付账单", "WeChat Pay bill"), ("icbc", "工商银行流水", "ICBC")]
    causes = [("their_error", "对方差错，已书面更正", "their error", ["amount"])]
    causes += [("correction", "更正账单，已核实", "a corrected file", ["changed"])]
    return {
        "formats": [
            {"code": code, "zh": zh, "en": en, "book": "bank" if code == "icbc" else "acquirer"}
            for code, zh, en in formats
        ],
        "causes": [
            {"code": code, "zh": zh, "en": en, "kinds": kinds} for code, zh, en, kinds in causes
        ],
        "people": [{"code": "wang", "zh": MINE, "en": MINE}],
    }


def register(world: World) -> Json:
    """The page; what is being written is there when it is asked for the third time."""
    made = books(world)
    making = None
    if made["making"]:
        made["making"] -= 1
        making = {"name": "register-20260206T021000Z", "rows": 25_000}
        if not made["making"]:
            made["archives"].insert(0, _archive())
            making = None
    heads = [{"lane": lane, "next_no": 8_412, "link_hash": "5e" * 32} for lane in range(-1, 4)]
    days = [{"day": day, "manifest_sha256": "c3" * 32, "heads": heads} for day in (20260205,)]
    old = {"day": 20260204, "manifest_sha256": "d4" * 32, "heads": None}
    at = clock.text(clock.now())
    return {"at": at, "days": [*days, old], "archives": made["archives"], "making": making}


def make(world: World) -> tuple[int, Json]:
    books(world)["making"] = 2
    return 202, {"name": "register-20260206T021000Z", "rows": 0}


def _archive() -> Json:
    names = ("balances.csv", "compensations.csv", "transfers.csv", "vouchers.csv", "register.xlsx")
    files = [
        {"name": name, "sha256": "7f" * 32, "bytes": 48_231_884, "lines": 1_538_813}
        for name in names
    ]
    return {
        "name": "register-20260206T021000Z",
        "made_at": clock.text(clock.now()),
        "sha256": "9a" * 32,
        "bytes": 61_204_882,
        "is_signed": True,
        "files": files,
    }
