"""Adding a register up again, from its files alone: another count than the house's own.  台账复算

Nothing here is shared with the books of the house: the table of movements, the sides of accounts
and the bytes of the chain are written down a second time, as docs/ledger.md says them. It names the
first thing that is wrong, with file and line. In order: files and marks; who signed; every book,
number by number, and its chain, with vouchers, redemptions and refunds held against the movements
that name them, lane by lane; balances; what came in and went back; settlements; published heads.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from huiquan.domain.book_heads import BookHeads
from huiquan.domain.register_facts import LaneFacts, OpenFacts
from huiquan.domain.register_files import (
    MANIFEST,
    BadRegisterError,
    RegisterManifest,
    manifest_body,
    parse_manifest,
)
from huiquan.domain.register_reading import Lines, MistakeError, number, table
from huiquan.domain.signing import Purpose, is_signed

HOUSE = -1
_CHAIN_TAG = b"\x04link"
_MOVES = {
    "appropriate": ("bank", "pool"),
    "release": ("pool", "released"),
    "recall": ("released", "pool"),
    "reserve": ("released", "reserved"),
    "redeem": ("reserved", "payable"),
    "expire": ("reserved", "returned"),
    "refund": ("payable", "returned"),
    "reinstate": ("payable", "reserved"),
    "refund_late": ("receivable", "recovering"),
    "recover": ("payable", "receivable"),
    "regain": ("recovering", "returned"),
    "roll_over": ("returned", "pool"),
    "settle": ("payable", "settling"),
    "pay": ("settling", "bank"),
    "pay_back": ("bank", "settling"),
    "bounce": ("settling", "payable"),
    "compensate": ("bank", "pool"),
    "repay": ("bank", "receivable"),
    "repaid": ("recovering", "returned"),
    "return_remainder": ("pool", "bank"),
    "overpay": ("receivable", "bank"),
    "cover": ("pool", "recovering"),
}
_ASSETS = ("bank", "receivable")
_OF_LANES = ("released", "reserved", "returned", "payable")
_OF_MERCHANTS = ("payable", "settling", "receivable", "recovering")
_SETTLEMENT_STATES = ("settled", "in_file", "paid", "bounced")
_BEHIND_BANK = ("pool", "released", "reserved", "returned", "payable", "settling")

Account = tuple[int, str, str]
Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class RegisterVerdict:
    """What came of it: the first mistake, or none; and what was counted.

    unlinked: transfers booked after the last link of their book, held by balances alone.
    """

    mistake: MistakeError | None
    transfers: int = 0
    links: int = 0
    unlinked: int = 0
    heads: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    is_signed: bool = False
    key_is_known: bool = False


@dataclass
class _Count:
    """What is counted on the way through the books, in plain numbers."""

    stands: Counter[Account] = field(default_factory=Counter)
    moved: dict[str, dict[str, int]] = field(default_factory=dict)
    by_merchant: Counter[tuple[str, str]] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    ends: dict[int, int] = field(default_factory=dict)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)
    transfers: int = 0
    links: int = 0
    unlinked: int = 0


def verify_register(
    names: Sequence[str],
    lines: Lines,
    *,
    key: bytes | None = None,
    published: Iterable[BookHeads] = (),
    on_progress: Progress = lambda done: None,
) -> RegisterVerdict:
    """Add a register up again (R2.4, R5.8).

    names are the files that are there, lines gives the raw lines of one. key is the platform's, got
    from elsewhere; without it a signature cannot be held against anyone. published are the heads of
    days that platform, notary and auditor signed. on_progress hears the transfers read so far.
    """
    count = _Count()
    try:
        manifest, is_known = _files(names, lines, key)
        _books(lines, manifest, count, on_progress)
        _heads(lines, count)
        _balances(lines, count)
        _money(lines, count)
        _settlements(lines, count)
        heads = _published(manifest, published, count)
    except MistakeError as mistake:
        return RegisterVerdict(mistake=mistake, transfers=count.transfers, links=count.links)
    totals: Counter[str] = Counter()
    for (_, account, _), fen in count.stands.items():
        totals[account] += fen
    return RegisterVerdict(
        mistake=None,
        transfers=count.transfers,
        links=count.links,
        unlinked=count.unlinked,
        heads=heads,
        totals=dict(totals),
        is_signed=is_known is not None,
        key_is_known=bool(is_known),
    )


def _files(
    names: Sequence[str], lines: Lines, key: bytes | None
) -> tuple[RegisterManifest, bool | None]:
    """The manifest, and whether it is signed by the known key; None: it is not signed at all."""
    if MANIFEST not in names:
        raise MistakeError(MANIFEST, 0, "缺少清单", "there is no manifest")
    try:
        manifest, signature = parse_manifest(b"".join(lines(MANIFEST)))
    except BadRegisterError as error:
        raise MistakeError(MANIFEST, 0, "清单格式不对", str(error)) from error
    if key is not None and (
        signature is None
        or not is_signed(key, Purpose.REGISTER, manifest_body(manifest), signature)
    ):
        raise MistakeError(MANIFEST, 0, "签名不是平台的签名", "the platform did not sign this")
    for name in sorted({*names, *manifest.files} - {MANIFEST}):
        mark = manifest.files.get(name)
        if mark is None:
            raise MistakeError(
                name, 0, "清单中没有这个文件", "the manifest does not know this file"
            )
        if name not in names:
            raise MistakeError(name, 0, "缺少这个文件", "this file is missing")
        digest, size, counted = hashlib.sha256(), 0, 0
        for line in lines(name):
            digest.update(line)
            size, counted = size + len(line), counted + 1
        if (digest.hexdigest(), size, counted) != (mark.sha256, mark.bytes, mark.lines):
            raise MistakeError(
                name, 0, "文件与清单指纹不符", "the file is not the one in the manifest"
            )
    return manifest, None if signature is None else key is not None


def _books(lines: Lines, manifest: RegisterManifest, count: _Count, on_progress: Progress) -> None:
    """Every book from its first number on, its chain, and the facts of its lane beside it."""
    chain = _Chain(table(lines, "links"), count)
    facts = OpenFacts(lines)
    lane, named = HOUSE, LaneFacts()
    seen: set[tuple[str, str]] = set()
    for line, row in table(lines, "transfers"):
        at, no = number(row[0], "transfers", line), number(row[1], "transfers", line)
        if at != lane:
            if at < lane:
                raise MistakeError(
                    "transfers.csv", line, "账簿次序不对", "the books are out of order"
                )
            facts.hold_against(lane, named)
            lane, named, seen = at, LaneFacts(), set()
        if no != count.ends.get(lane, 0):
            raise MistakeError(
                "transfers.csv", line, "编号不连续", "a number is missing or doubled"
            )
        count.ends[lane] = no + 1
        _transfer(line, row, lane, count, named)
        if (row[2], row[10]) in seen:
            raise MistakeError("transfers.csv", line, "同一笔登记了两次", "this is booked twice")
        seen.add((row[2], row[10]))
        chain.add(lane, no, _bytes_of(manifest.campaign_id, row))
        count.transfers += 1
        if count.transfers % 5_000 == 0:
            on_progress(count.transfers)
    facts.hold_against(lane, named)
    facts.end(count.moved.get("refund_late", {}))
    count.settled = facts.settled
    chain.end()
    on_progress(count.transfers)


def _transfer(line: int, row: list[str], lane: int, count: _Count, named: LaneFacts) -> None:
    """One movement: between the accounts of its name, in the book it belongs to."""
    _, _, kind, debit, debit_lane, debit_holder, credit, credit_lane, credit_holder = row[:9]
    fen, ref, idx = number(row[9], "transfers", line), row[10], row[11]
    lanes = (number(debit_lane, "transfers", line), number(credit_lane, "transfers", line))
    if _MOVES.get(kind) != (debit, credit) or fen <= 0 or not ref or lane != max(lanes):
        raise MistakeError(
            "transfers.csv", line, "借贷不符合业务名称", "not a movement of this name"
        )
    sides = ((debit, lanes[0], debit_holder, 1), (credit, lanes[1], credit_holder, -1))
    for account, at, holder, sign in sides:
        if (account in _OF_LANES) != (at != HOUSE) or (account in _OF_MERCHANTS) != bool(holder):
            raise MistakeError(
                "transfers.csv", line, "科目归属不对", "an account of nobody, or of two"
            )
        grows = sign if account in _ASSETS else -sign
        count.stands[at, account, holder] += grows * fen
    if lane == HOUSE or kind == "repaid":
        count.moved.setdefault(kind, {})[ref] = fen
    for holder in {debit_holder, credit_holder} - {""}:
        count.by_merchant[kind, holder] += fen
    if idx:
        named.add(kind, number(idx, "transfers", line), fen, ref)


def _bytes_of(campaign_id: int, row: list[str]) -> bytes:
    """A transfer's canonical bytes (RFC 8785), written down here a second time."""
    plain = {
        "campaign_id": campaign_id,
        "lane": int(row[0]),
        "no": int(row[1]),
        "kind": row[2],
        "debit": [row[3], int(row[4]), row[5]],
        "credit": [row[6], int(row[7]), row[8]],
        "amount_fen": int(row[9]),
        "ref": row[10],
        "idx": int(row[11]) if row[11] else None,
        "day": int(row[12]),
        "booked_at": row[13],
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class _Chain:
    """The links in their order, closed again over the transfers as they come by."""

    def __init__(self, rows: Iterator[tuple[int, list[str]]], count: _Count) -> None:
        self._rows, self._count = rows, count
        self._next: tuple[int, list[str]] | None = next(rows, None)
        self._lane, self._digest, self._prev = -2, hashlib.sha256(), "0" * 64
        self._first, self._number = 0, 0

    def add(self, lane: int, no: int, raw: bytes) -> None:
        """One more transfer; where a link ends, its hash has to be what comes out."""
        if lane != self._lane:
            self._lane, self._prev, self._first, self._number = lane, "0" * 64, 0, 0
        if self._next is None or number(self._next[1][0], "links", self._next[0]) != lane:
            self._count.unlinked += 1
            return
        if no == self._first:
            self._digest = hashlib.sha256(_CHAIN_TAG + bytes.fromhex(self._prev))
        self._digest.update(len(raw).to_bytes(4, "big") + raw)
        at, row = self._next
        if no + 1 < number(row[3], "links", at):
            return
        closed = [str(lane), str(self._number), str(self._first), str(no + 1), self._prev]
        if row[:5] != closed or row[5] != self._digest.hexdigest():
            raise MistakeError(
                "links.csv",
                at,
                "链与其覆盖的流水不符",
                f"link {row[1]} of book {lane}: a transfer or the link was changed",
            )
        self._prev, self._first, self._number = row[5], no + 1, self._number + 1
        self._count.hashes[lane, no + 1] = row[5]
        self._count.links += 1
        self._next = next(self._rows, None)

    def end(self) -> None:
        """No link is left over."""
        if self._next is not None:
            raise MistakeError("links.csv", self._next[0], "链没有流水", "a link over nothing")


def _heads(lines: Lines, count: _Count) -> None:
    """Each book ends where it says, and its last link is the one it says."""
    # Links come in the order of book and number, so the last one said is the last of its book.
    last = dict(count.hashes.keys())
    told: dict[int, int] = {}
    for line, row in table(lines, "books"):
        lane, next_no, linked_no = (number(text, "books", line) for text in row[:3])
        ends = (count.ends.get(lane, 0), last.get(lane, 0))
        link = count.hashes.get((lane, linked_no), "0" * 64)
        if lane in told or (*ends, link) != (next_no, linked_no, row[3]):
            raise MistakeError("books.csv", line, "账簿末端不符", "this book ends elsewhere")
        told[lane] = next_no
    if set(count.ends) - set(told):
        raise MistakeError("books.csv", 0, "缺少账簿", "a book is missing")


def _balances(lines: Lines, count: _Count) -> None:
    """What stands in the file is what the movements add up to, and the fund equation holds."""
    told: dict[Account, int] = {}
    for line, row in table(lines, "balances"):
        account = (number(row[0], "balances", line), row[1], row[2])
        fen = number(row[3], "balances", line)
        if account in told or count.stands.get(account, 0) != fen or fen <= 0:
            raise MistakeError(
                "balances.csv", line, "余额与流水不符", "not what the movements add up to"
            )
        told[account] = fen
    for account, fen in count.stands.items():
        if fen and account not in told:
            raise MistakeError("balances.csv", 0, f"缺少余额 {account}", f"no balance of {account}")
    total: Counter[str] = Counter()
    for (_, name, _), fen in count.stands.items():
        total[name] += fen
    if total["bank"] != sum(total[name] for name in _BEHIND_BANK):
        raise MistakeError("balances.csv", 0, "资金等式不成立", "the fund equation does not hold")
    if total["receivable"] != total["recovering"]:
        raise MistakeError("balances.csv", 0, "应收不等于待追回", "receivable is not recovering")


def _money(lines: Lines, count: _Count) -> None:
    """What came in and went back, line by line, against the movements of the house's book."""
    for name, kinds, ref, fen, is_moved in (
        ("tranches", ("appropriate",), 7, 8, lambda row: row[7] != ""),
        ("compensations", ("compensate",), 0, 1, lambda row: True),
        ("repayments", ("repay", "repaid"), 0, 2, lambda row: True),
        ("shares", ("return_remainder",), 4, 3, lambda row: row[4] != ""),
    ):
        left = {kind: dict(count.moved.get(kind, {})) for kind in kinds}
        for line, row in table(lines, name):
            for kind in kinds if is_moved(row) else ():
                if left[kind].pop(row[ref], None) != number(row[fen], name, line):
                    raise MistakeError(
                        f"{name}.csv", line, "与台账不符", f"no such {kind} in the books"
                    )
        for kind, rest in left.items():
            for one in rest:
                raise MistakeError(
                    f"{name}.csv", 0, f"缺少 {one}", f"{kind} {one} is not in the file"
                )


def _settlements(lines: Lines, count: _Count) -> None:
    """What merchants were paid, what was kept, came back and waits, against their movements."""
    paid: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    back: Counter[str] = Counter()
    waits: Counter[str] = Counter()
    for line, row in table(lines, "settlements"):
        merchant, state = row[1], row[6]
        fens = (number(text, "settlements", line) for text in (*row[3:6], row[10]))
        due_fen, recovered_fen, fen, carried_fen = fens
        wrong = state not in _SETTLEMENT_STATES or due_fen + carried_fen != recovered_fen + fen
        if wrong or count.settled[row[0]] != due_fen:
            raise MistakeError("settlements.csv", line, "清算单与核销不符", "not its redemptions")
        kept[merchant] += recovered_fen
        where = {"paid": paid, "bounced": back}.get(state, waits)
        where[merchant] += fen
    for merchant in {*paid, *kept, *back, *waits, *(who for _, who in count.by_merchant)}:
        booked = (
            count.by_merchant["pay", merchant] - count.by_merchant["pay_back", merchant],
            count.by_merchant["recover", merchant],
            count.by_merchant["bounce", merchant],
            count.stands[HOUSE, "settling", merchant],
        )
        if booked != (paid[merchant], kept[merchant], back[merchant], waits[merchant]):
            raise MistakeError(
                "settlements.csv",
                0,
                f"商户 {merchant} 的清算与台账不符",
                f"the settlements of merchant {merchant} are not what the books say",
            )


def _published(manifest: RegisterManifest, published: Iterable[BookHeads], count: _Count) -> int:
    """Each published head is a link of these books: history before it is what it was that day."""
    heads = 0
    for day in published:
        if day.campaign != manifest.campaign:
            raise MistakeError(MANIFEST, 0, "不是同一活动", "the day is of another campaign")
        for head in day.heads:
            if count.hashes.get((head.lane, head.next_no)) != head.link_hash:
                raise MistakeError(
                    "links.csv",
                    0,
                    f"账簿 {head.lane} 与已公开的链头不符",
                    f"book {head.lane} is not the one whose head was published at "
                    f"{head.next_no}: history was edited",
                )
            heads += 1
    return heads
