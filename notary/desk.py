"""The desk where seals are signed: check, write into the book, flush, and only then prove.  签发台

Seals that arrive together share one flush of the disk. A seal asked again gets the same answer,
for there is one proof only; another seal for a signed round is refused and kept as evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from huiquan.domain import draw_config, rounds
from huiquan.domain.entry_runs import count_of, pids_of
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.receipts import milliseconds
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.signing import Purpose, is_signed
from notary import renewal, rules
from notary.book import Book, SignedRound
from notary.clock import Clock
from notary.configs import TOLERANCE, Accepted, Register, decide_config
from notary.entrants import Entrants
from notary.keys import SigningKey
from notary.refusals import No, Refused
from notary.renewal import PastRound
from notary.settling import Settling

ROLE_LETTERS = {"notary": "N", "auditor": "W"}


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The answer to a seal: this signer's proof, the only one there can be."""

    seal_hash: bytes
    pi: bytes


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A request taken apart, and what is wrong with it whatever the book says."""

    request: SealRequest
    accepted: Accepted
    seal: rounds.Seal
    seal_hash: bytes
    pids: Sequence[bytes]
    wrong: No | None


@dataclass
class Desk:
    """One signer at work. `ahead` holds rounds that the other signer knows and this book lacks."""

    role: str
    key: SigningKey
    book: Book
    register: Register
    clock: Clock
    notice: timedelta
    ready: bool = True
    ahead: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settling = Settling(role=self.role, key=self.key, book=self.book)
        self.entrants = Entrants(book=self.book)
        self.book.on_undo = self.entrants.forget

    def sign(self, requests: Sequence[SealRequest]) -> list[Signed | Refused]:
        """Answer seals in their order; all that are new stand on the disk before any proof."""
        prepared = [self._prepare(request) for request in requests]
        with self.book.writing():
            decided = [self._decide(one) for one in prepared]
        return [
            Signed(seal_hash=one, pi=self.settling.own_proof(one))
            if isinstance(one, bytes)
            else one
            for one in decided
        ]

    def check(self, request: SealRequest) -> Refused | None:
        """Say whether a seal would be signed, and sign nothing; a refusal is kept as evidence."""
        prepared = self._prepare(request)
        try:
            with self.book.writing():
                decided = self._decide(prepared)
                if isinstance(decided, Refused):
                    return decided
                raise _OnlyAskedError
        except _OnlyAskedError:
            return None

    def recall(self, request: SealRequest) -> tuple[bytes, bytes] | Refused:
        """Both proofs of a seal that this auditor proved before; it proves nothing anew."""
        row = self.book.round_sealed(rounds.seal_hash_of(request.seal))
        if row is None or row.other_pi is None:
            return Refused(no=No.NOT_FOUND)
        accepted = self.register.get(rounds.decode_seal(row.seal).cfg_hash)
        assert accepted is not None, "a signed round has an accepted config"
        platform = bytes.fromhex(accepted.config.keys.platform)
        if not is_signed(platform, Purpose.SEAL, request.seal, request.signature):
            return Refused(no=No.SEAL_UNSIGNED)
        if self.book.stop_in_force() is not None:
            return Refused(no=No.STOPPED)
        if self.declared(row.series) is not None:
            return Refused(no=No.EPOCH_OVER)
        return row.other_pi, self.settling.own_proof(row.seal_hash)

    def accept_config(
        self, raw: bytes, signatures: draw_config.ConfigSignatures
    ) -> Accepted | Refused:
        """Take up a config, or say why not; asked again, the answer is the same."""
        with self.book.writing():
            now, key = self.clock(), self.key.public
            known, notice = self.register, self.notice
            accepted = decide_config(
                raw, signatures, self.role, key, known, now, notice, self.declared
            )
            if isinstance(accepted, Accepted):
                both = (signatures.platform, signatures.approver)
                self.book.record_config(
                    accepted.series, accepted.cfg_hash, raw, both, milliseconds(now)
                )
        if isinstance(accepted, Accepted):
            self.register.add(accepted)
        return accepted

    def declared(self, series: str) -> DeclaredEpoch | None:
        """The new epoch that stands in the book for a campaign, if one was declared."""
        raw = self.book.declaration_of(series)
        return None if raw is None else renewal.declared_in_book(raw)

    def catch_up(self, items: Sequence[PastRound]) -> int | Refused:
        """Learn rounds that both signers proved before a book was lost, or before this key.

        Only rounds that carry this signer's own proof are taken, or that of the key it follows, so
        nothing is signed that was not signed before. Returns how many were new.
        """
        try:
            with self.book.writing():
                return sum(self._learn(one) for one in items)
        except _NotProvenError as error:
            return error.refused

    def settle(self, finals: Sequence[bytes]) -> int | Refused:
        """Take up finals of signed rounds; returns how many were checked and are in the book."""
        with self.book.writing():
            for raw in finals:
                row = self.book.round_sealed(raw[:32])
                if row is None:
                    return Refused(no=No.NOT_FOUND)
                accepted = self.register.get(rounds.decode_seal(row.seal).cfg_hash)
                assert accepted is not None, "a signed round has an accepted config"
                account = self.settling.account_after(row, accepted, raw)
                if isinstance(account, No):
                    return Refused(no=account, detail={"lane": row.lane, "seq": row.seq})
            return len(finals)

    def _prepare(self, request: SealRequest, must_be_signed: bool = True) -> _Prepared | Refused:
        """Take a request apart and check all that needs no book."""
        if self.role not in ROLE_LETTERS:
            return Refused(no=No.NOT_A_SIGNER)
        try:
            seal = rounds.decode_seal(request.seal)
            count_of(request.entries)
        except rounds.BadRecordError as error:
            return Refused(no=No.MALFORMED, detail={"why": str(error)})
        accepted = self.register.get(seal.cfg_hash)
        if accepted is None:
            return Refused(no=No.CONFIG_UNKNOWN, detail={"cfg_hash": seal.cfg_hash.hex()})
        platform = bytes.fromhex(accepted.config.keys.platform)
        if must_be_signed and not is_signed(
            platform, Purpose.SEAL, request.seal, request.signature
        ):
            return Refused(no=No.SEAL_UNSIGNED)
        seal_hash = rounds.seal_hash_of(request.seal)
        pids = pids_of(request.entries)
        wrong = rules.decide_entries(accepted, seal, request.entries, pids)
        if wrong is None and self.role == "auditor" and must_be_signed:
            wrong = self._notary_proof(accepted, seal_hash, request.pi_notary)
        return _Prepared(
            request=request,
            accepted=accepted,
            seal=seal,
            seal_hash=seal_hash,
            pids=pids,
            wrong=wrong,
        )

    def _notary_proof(self, accepted: Accepted, seal_hash: bytes, pi: bytes | None) -> No | None:
        """The auditor signs only what the notary has proved."""
        key = bytes.fromhex(accepted.config.keys.notary)
        if pi is None or self.settling.beta_of("N", key, seal_hash, pi) is None:
            return No.BAD_PROOF
        return None

    def _decide(self, prepared: _Prepared | Refused) -> bytes | Refused:
        """The seal's hash if it may be proved now, else the reason; both are in the book."""
        if isinstance(prepared, Refused):
            return prepared
        seal, series = prepared.seal, prepared.accepted.series
        signed = self.book.round_of(series, seal.epoch, seal.lane, seal.seq)
        is_same = signed is not None and signed.seal_hash == prepared.seal_hash
        declared = self.declared(series)
        if declared is not None and seal.epoch < declared.declaration.epoch:
            return self._refuse(prepared, No.EPOCH_OVER, signed)
        if (signed is None or is_same) and self.book.stop_in_force() is not None:
            return Refused(no=No.STOPPED)
        if is_same:
            return prepared.seal_hash
        wrong = No.CONFLICT if signed is not None else self._record(prepared)
        if wrong is None:
            return prepared.seal_hash
        return self._refuse(prepared, wrong, signed)

    def _refuse(self, prepared: _Prepared, wrong: No, signed: SignedRound | None) -> Refused:
        """The refusal of a seal, kept as evidence unless time alone may mend it."""
        seal = prepared.seal
        detail: dict[str, Any] = {"lane": seal.lane, "seq": seal.seq}
        if signed is not None:
            detail |= {"signed_seal_hash": signed.seal_hash.hex()}
        if wrong not in (No.NOT_READY, No.BEHIND, No.FINAL_NEEDED):
            evidence = (prepared.seal_hash, prepared.request.seal, prepared.request.signature)
            self.book.record_refusal(
                milliseconds(self.clock()), wrong, evidence, draw_config.canonical(detail).decode()
            )
        return Refused(no=wrong, detail=detail)

    def _record(self, prepared: _Prepared) -> No | None:
        """Write a new round into the book, or say why not."""
        seal, accepted, now = prepared.seal, prepared.accepted, self.clock()
        if prepared.wrong is not None:
            return prepared.wrong
        if not self.ready:
            return No.NOT_READY
        due = self._due(accepted.series, seal)
        if isinstance(due, No):
            return due
        last = due.last
        if due.seq - 1 < self.ahead.get((accepted.series, seal.epoch, seal.lane), -1):
            return No.BEHIND
        last_seal = None if last is None else rounds.decode_seal(last.seal)
        free_since = None if last is None else rules.instant(last.signed_ms)
        wrong = (
            rules.decide_place(seal, due)
            or rules.decide_slot(seal, last_seal, free_since, now)
            or self._config_in_force(accepted, seal, free_since)
            or self._stock(prepared, last, prepared.request.previous_final)
        )
        return wrong or self._write(prepared, milliseconds(now))

    def _due(self, series: str, seal: rounds.Seal) -> rules.Due | No:
        """What the next round of the seal's lane and epoch must be."""
        return renewal.due(self.book, self.declared(series), series, seal)

    def _config_in_force(
        self, accepted: Accepted, seal: rounds.Seal, free_since: datetime | None
    ) -> No | None:
        """The config acted at some time since the lane became free."""
        until = self.clock() + TOLERANCE
        since = rules.hour_of(seal) if free_since is None else free_since - TOLERANCE
        acted = self.register.was_in_force(accepted, seal.day, since, until)
        return None if acted else No.CONFIG_NOT_IN_FORCE

    def _stock(
        self, prepared: _Prepared, last: SignedRound | None, final: bytes | None
    ) -> No | None:
        """Settle the round before, then compare the stock."""
        account = None
        if last is not None:
            before = self.register.get(rounds.decode_seal(last.seal).cfg_hash)
            assert before is not None, "a signed round has an accepted config"
            settled = self.settling.account_after(last, before, final)
            if isinstance(settled, No):
                return settled
            account = settled
        return rules.decide_stock(prepared.accepted, prepared.seal, account)

    def _write(self, prepared: _Prepared, signed_ms: int) -> No | None:
        """The row of a new round, with everyone's pseudonym."""
        seal, request = prepared.seal, prepared.request
        row = SignedRound(
            series=prepared.accepted.series,
            epoch=seal.epoch,
            lane=seal.lane,
            seq=seal.seq,
            seal_hash=prepared.seal_hash,
            seal=request.seal,
            entries=request.entries,
            other_pi=request.pi_notary,
            final=None,
            signed_ms=signed_ms,
            signature=request.signature or None,
        )
        place = (row.series, seal.epoch, seal.lane)
        if self.entrants.is_anyone_twice(place, seal.day, prepared.pids):
            return No.PID_TWICE
        self.book.record_round(row, seal.day, b"".join(prepared.pids))
        return None

    def _learn(self, past: PastRound) -> int:
        """Take up one round of the past: 1 if it was new, 0 if the book had it.

        The row is written first, so that the draw finds its entries; if the final does not carry
        both signers' proofs, the error undoes the whole transaction.
        """
        request = SealRequest(seal=past.seal, signature=b"", entries=past.entries)
        prepared = self._prepare(request, must_be_signed=False)
        if isinstance(prepared, Refused):
            raise _NotProvenError(prepared)
        seal, accepted = prepared.seal, prepared.accepted
        place = (accepted.series, seal.epoch, seal.lane)
        known = self.book.round_of(*place, seal.seq)
        wrong = prepared.wrong
        if wrong is None and known is None:
            due = self._due(accepted.series, seal)
            if isinstance(due, rules.Due) and due.last is None:
                due = renewal.begun_in_the_middle(accepted, seal, past.before, self.key) or due
            wrong = (
                due
                if isinstance(due, No)
                else rules.decide_place(seal, due)
                or self._stock(prepared, due.last, None)
                or self._write(prepared, milliseconds(rules.hour_of(seal)))
            )
        row = self.book.round_of(*place, seal.seq)
        if wrong is None and row is not None:
            same = row.seal_hash == prepared.seal_hash
            final = past.final
            settled = self.settling.account_after(row, accepted, final) if same else No.CONFLICT
            wrong = settled if isinstance(settled, No) else None
        if wrong is not None:
            raise _NotProvenError(Refused(no=wrong, detail={"lane": seal.lane, "seq": seal.seq}))
        return 1 if known is None else 0


class _OnlyAskedError(Exception):
    """Undoes a transaction that was opened to ask a question."""


class _NotProvenError(Exception):
    """A round of the past does not hold; nothing of the whole request is kept."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.no.en)
        self.refused = refused
