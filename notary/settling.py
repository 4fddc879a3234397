"""What a signed round came to: this signer draws it again itself.  复算终局

The notary learns the auditor's proof from the platform's final, the auditor has had the notary's
since it signed. Either way the outcome is computed here, and what was told must equal it.
"""

from dataclasses import dataclass, field

from huiquan.domain import lottery, rounds, vrf
from huiquan.domain.entry_runs import draw_run
from huiquan.domain.stock import Account
from notary.book import Book, SignedRound
from notary.configs import Accepted
from notary.keys import SigningKey
from notary.refusals import No

_KEPT_PROOFS = 4096


@dataclass
class Settling:
    """Computes finals and keeps them in the book; remembers its newest proofs to save work."""

    role: str
    key: SigningKey
    book: Book
    _proofs: dict[bytes, bytes] = field(default_factory=dict)
    _betas: dict[tuple[bytes, bytes, bytes], bytes] = field(default_factory=dict)

    def own_proof(self, seal_hash: bytes) -> bytes:
        """This signer's one proof for a signed seal."""
        proof = self._proofs.get(seal_hash)
        if proof is None:
            letter = "N" if self.role == "notary" else "W"
            proof = self.key.prove(vrf.seal_alpha(letter, seal_hash))
            if len(self._proofs) >= _KEPT_PROOFS:
                self._proofs.clear()
            self._proofs[seal_hash] = proof
        return proof

    def beta_of(self, letter: str, key: bytes, seal_hash: bytes, proof: bytes) -> bytes | None:
        """The output of the other signer's proof, or nothing if it is none; verified once."""
        asked = (key, seal_hash, proof)
        beta = self._betas.get(asked)
        if beta is None:
            beta = vrf.verify(key, vrf.seal_alpha(letter, seal_hash), proof)
            if beta is not None:
                if len(self._betas) >= _KEPT_PROOFS:
                    self._betas.clear()
                self._betas[asked] = beta
        return beta

    def account_after(
        self, row: SignedRound, accepted: Accepted, told: bytes | None
    ) -> Account | No:
        """How the lane stands after a signed round; told is the final as the platform gives it."""
        seal = rounds.decode_seal(row.seal)
        final = row.final
        if final is None:
            computed = self._draw(row, seal, accepted, told)
            if isinstance(computed, No):
                return computed
            final = computed
        if told is not None and told != final:
            return No.FINAL_WRONG
        if row.final is None:
            self.book.record_final(row.seal_hash, final)
        left = lottery.left_after(seal, rounds.decode_final(final))
        return Account(day=seal.day, slot=seal.slot, left_after=left)

    def _draw(
        self, row: SignedRound, seal: rounds.Seal, accepted: Accepted, told: bytes | None
    ) -> bytes | No:
        """Draw the round from both proofs."""
        keys, notary = accepted.config.keys, self.role == "notary"
        own_key = keys.notary if notary else keys.auditor
        if own_key != self.key.public.hex():
            return self._draw_of_the_past(row, seal, accepted, told)
        own = self.own_proof(row.seal_hash)
        other = self._other_proof(row, told)
        if isinstance(other, No):
            return other
        other_key, letter = (keys.auditor, "W") if notary else (keys.notary, "N")
        beta_other = self.beta_of(letter, bytes.fromhex(other_key), row.seal_hash, other)
        if beta_other is None:
            return No.BAD_PROOF
        beta_own = vrf.proof_to_hash(own)
        betas = (beta_own, beta_other) if notary else (beta_other, beta_own)
        proofs = (own, other) if notary else (other, own)
        assert row.entries is not None, "entries are kept until the final is known"
        drawn = draw_run(seal, row.entries, accepted.tables[seal.day], *betas)
        return rounds.encode_final(lottery.final_of(row.seal_hash, *proofs, drawn))

    def _draw_of_the_past(
        self, row: SignedRound, seal: rounds.Seal, accepted: Accepted, told: bytes | None
    ) -> bytes | No:
        """Draw a round of the epoch before, in which another key stood in this one's place."""
        if told is None:
            return No.FINAL_NEEDED
        try:
            final = rounds.decode_final(told)
        except rounds.BadRecordError:
            return No.FINAL_WRONG
        keys = accepted.config.keys
        notary = self.beta_of("N", bytes.fromhex(keys.notary), row.seal_hash, final.pi_notary)
        auditor = self.beta_of("W", bytes.fromhex(keys.auditor), row.seal_hash, final.pi_auditor)
        if notary is None or auditor is None:
            return No.BAD_PROOF
        assert row.entries is not None, "entries are kept until the final is known"
        drawn = draw_run(seal, row.entries, accepted.tables[seal.day], notary, auditor)
        proofs = (final.pi_notary, final.pi_auditor)
        return rounds.encode_final(lottery.final_of(row.seal_hash, *proofs, drawn))

    def _other_proof(self, row: SignedRound, told: bytes | None) -> bytes | No:
        """The other signer's proof: from the book, or from the final that was told."""
        if row.other_pi is not None:
            return row.other_pi
        if told is None:
            return No.FINAL_NEEDED
        try:
            final = rounds.decode_final(told)
        except rounds.BadRecordError:
            return No.FINAL_WRONG
        return final.pi_auditor if self.role == "notary" else final.pi_notary
