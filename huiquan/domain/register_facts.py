"""Vouchers, redemptions and refunds of a register against the movements that name them.  凭证核对

All tables stand in the order of lanes, so one lane at a time is held in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from huiquan.domain.register_reading import Lines, MistakeError, number, table

Row = tuple[int, list[str]]

_Key = TypeVar("_Key", int, tuple[int, str])

_ENDS = {"held", "locked", "redeemed", "expired"}


@dataclass
class LaneFacts:
    """What the movements of one lane say of each voucher, in fen by its entry."""

    by_kind: dict[str, Counter[int]] = field(default_factory=dict)
    by_lock: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, kind: str, idx: int, fen: int, ref: str) -> None:
        """One movement that names a voucher; a redemption's ref names the lock, too."""
        self.by_kind.setdefault(kind, Counter())[idx] += fen
        if kind == "redeem":
            lock_no = ref.split("-")[3] if ref.count("-") == 4 else "?"
            self.by_lock[idx, lock_no.lstrip("0")] += fen

    def said(self, *kinds: str) -> Counter[int]:
        """What these kinds say together; what is nothing is left out."""
        whole: Counter[int] = Counter()
        for kind in kinds:
            whole.update(self.by_kind.get(kind, {}))
        return whole


class _Ahead:
    """The rows of a table by lane: the next lane's first row waits."""

    def __init__(self, lines: Lines, name: str) -> None:
        self.name = name
        self._rows = table(lines, name)
        self._next = next(self._rows, None)
        self._last: list[int] = []

    def of_lane(self, lane: int, keys: int) -> Iterator[Row]:
        """The rows of one lane, each after the one before it by its first `keys` columns."""
        while self._next is not None:
            line, row = self._next
            place = [number(text, self.name, line) for text in row[:keys]]
            if place <= self._last:
                raise MistakeError(
                    f"{self.name}.csv", line, "次序不对或重复", "out of order, or there twice"
                )
            if place[0] > lane:
                return
            self._last = place
            yield line, row
            self._next = next(self._rows, None)

    def end(self) -> None:
        """Nothing is left over."""
        if self._next is not None:
            raise MistakeError(
                f"{self.name}.csv", self._next[0], "没有对应的账簿", "of a lane without a book"
            )


class OpenFacts:
    """The three tables beside the books, read lane by lane as the books are.

    settled is what the redemptions in each settlement come to, refunds made before it taken off.
    """

    def __init__(self, lines: Lines) -> None:
        self._vouchers = _Ahead(lines, "vouchers")
        self._redemptions = _Ahead(lines, "redemptions")
        self._refunds = _Ahead(lines, "refunds")
        self._late_fen = 0
        self.settled: Counter[str] = Counter()

    def hold_against(self, lane: int, named: LaneFacts) -> None:
        """Every voucher, redemption and refund of a lane is booked just so, and no other."""
        early = self._refunds_of(lane)
        self._redemptions_of(lane, named.by_lock, early)
        booked = named.said("refund", "reinstate")
        back: Counter[int] = Counter()
        for (idx, _), (fen, _, _) in early.items():
            back[idx] += fen
        _same("refunds", +back, +booked)
        self._vouchers_of(lane, named)

    def end(self, late: dict[str, int]) -> None:
        """Late refunds stand in the house's book; nothing is left over in any table."""
        if sum(late.values()) != self._late_fen:
            raise MistakeError(
                "refunds.csv", 0, "清算后退款与台账不符", "not the late refunds booked"
            )
        for one in (self._vouchers, self._redemptions, self._refunds):
            one.end()

    def _refunds_of(self, lane: int) -> dict[tuple[int, int], tuple[int, int, int]]:
        """By entry and lock: to the fund before settlement, in all, and the goods."""
        found: dict[tuple[int, int], tuple[int, int, int]] = {}
        for line, row in self._refunds.of_lane(lane, 4):
            amount_fen, consumer_fen, fund_fen = (
                number(text, "refunds", line) for text in row[4:7]
            )
            if amount_fen != consumer_fen + fund_fen or row[7] not in ("true", "false"):
                raise MistakeError("refunds.csv", line, "退款不平", "a refund is its two parts")
            key = (int(row[1]), int(row[2]))
            early_fen, all_fen, goods_fen = found.get(key, (0, 0, 0))
            late = row[7] == "true"
            self._late_fen += fund_fen if late else 0
            found[key] = (
                early_fen + (0 if late else fund_fen),
                all_fen + fund_fen,
                goods_fen + amount_fen,
            )
        return found

    def _redemptions_of(
        self,
        lane: int,
        booked: Counter[tuple[int, str]],
        refunds: dict[tuple[int, int], tuple[int, int, int]],
    ) -> None:
        told: Counter[tuple[int, str]] = Counter()
        without = set(refunds)
        for line, row in self._redemptions.of_lane(lane, 3):
            order, platform, merchant, net, discount, refunded, returned = (
                number(text, "redemptions", line) for text in row[8:15]
            )
            if net != order - platform - merchant:
                raise MistakeError(
                    "redemptions.csv", line, "优惠与金额不符", "the offers do not add up"
                )
            key = (int(row[1]), int(row[2]))
            without.discard(key)
            early_fen, returned_fen, refunded_fen = refunds.get(key, (0, 0, 0))
            self.settled[row[15]] += discount - early_fen
            if (returned, refunded) != (returned_fen, refunded_fen):
                raise MistakeError(
                    "redemptions.csv", line, "与退款明细不符", "not what was refunded"
                )
            told[key[0], row[2]] += discount
        if without:
            raise MistakeError("refunds.csv", 0, "退款没有对应的核销", "a refund of no redemption")
        _same("redemptions", told, booked)

    def _vouchers_of(self, lane: int, named: LaneFacts) -> None:
        issued, expired = named.said("reserve"), named.said("expire")
        told: Counter[int] = Counter()
        ended: Counter[int] = Counter()
        for line, row in self._vouchers.of_lane(lane, 2):
            idx, face_fen = int(row[1]), number(row[6], "vouchers", line)
            if row[9] not in _ENDS:
                raise MistakeError("vouchers.csv", line, "没有这种状态", "no such state")
            told[idx] += face_fen
            if row[9] == "expired":
                ended[idx] += face_fen
            spent = named.by_kind.get("redeem", Counter())[idx]
            back = named.by_kind.get("reinstate", Counter())[idx]
            if (row[9] == "redeemed") != (spent > back):
                raise MistakeError(
                    "vouchers.csv", line, "状态与台账不符", "not the state the books say"
                )
        _same("vouchers", told, issued)
        _same("vouchers", ended, expired)


def _same(name: str, told: Mapping[_Key, int], booked: Mapping[_Key, int]) -> None:
    """What the file says of each entry is what the books say."""
    if told == booked:
        return
    for place in sorted(set(told) | set(booked)):
        here, there = told.get(place, 0), booked.get(place, 0)
        if here != there:
            raise MistakeError(
                f"{name}.csv",
                0,
                f"{place} 与台账不符：{here} / {there} 分",
                f"entry {place}: {here} fen here, {there} fen in the books",
            )
