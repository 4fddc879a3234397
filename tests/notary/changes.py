"""A key is lost in the middle of a day: both signers, the declaration, and the day that goes on."""

from typing import Any

from huiquan.domain import draw_config, epochs, lottery, rounds, vrf
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.stock import Account
from notary.configs import Accepted
from notary.declare import sign_declaration
from notary.desk import Desk
from notary.refusals import Refused
from notary.renewal import PastRound
from tests.domain.changed_days import NEW, declaration_of, declared, successor_of
from tests.domain.draw_days import sign_both, signer_for
from tests.notary.houses import Pair, open_desk

NEW_SIGNER = signer_for(NEW)


def offer(desk: Desk, config: draw_config.DrawConfig) -> str:
    """What a signer says to a config: "" if it takes it up, else the code of its refusal."""
    raw = draw_config.encode_config(config)
    given = desk.accept_config(raw, sign_both(draw_config.cfg_hash_of(raw)))
    return "" if isinstance(given, Accepted) else given.no.value


class Change:
    """The change of keys at a pair of signers, step by step."""

    def __init__(self, pair: Pair, role: str = "notary") -> None:
        self.pair, self.day, self.role = pair, pair.day, role
        self.voided: dict[int, tuple[Seal, list[Entry]]] = {}
        self.old_desk: Desk = getattr(pair, role)
        self.survivor: Desk = pair.auditor if role == "notary" else pair.notary

    def seal_undrawn(self, lane: int, count: int = 10) -> tuple[Seal, list[Entry]]:
        """Seal a round that is never drawn."""
        seal, taken = self.day.seal(lane, self.pair.clock.now.hour, count)
        self.voided[lane] = (seal, taken)
        return seal, taken

    def declare(self, **changes: Any) -> DeclaredEpoch:
        """The declaration as it stands now."""
        role = changes.pop("role", self.role)
        said = declaration_of(self.day, role, self.pair.clock.now, self.voided, **changes)
        self.epoch = declared(said)
        return self.epoch

    def sign(self) -> None:
        """The remaining signer signs, then the new key in a home of its own."""
        assert isinstance(sign_declaration(self.survivor, self.epoch), bytes)
        home = self.pair.home / "new"
        self.successor = open_desk(home, self.role, self.pair.clock, party=NEW)
        given = sign_declaration(self.successor, self.epoch)
        assert given == self.epoch.signatures.successor, given

    def take_over(self) -> None:
        """The successor config reaches both; the new key learns the past."""
        config = successor_of(self.day, self.epoch.declaration)
        assert offer(self.survivor, config) == offer(self.successor, config) == ""
        assert offer(self.successor, self.day.config) == ""
        learned = self.successor.catch_up(self.past())
        assert learned == len(self.pair.asked), learned
        self.day.change_config(config)
        for lane in self.day.lanes:
            _, taken = self.voided.get(lane.lane, (None, []))
            lane.entries = [*taken, *lane.entries]
            lane.prev = epochs.first_link(self.epoch.declaration, self.epoch.hash, lane.lane)
        if self.role == "notary":
            self.pair.notary = self.successor
        else:
            self.pair.auditor = self.successor

    def past(self) -> list[PastRound]:
        """Every drawn round, as a new key learns it."""
        return [
            PastRound(
                seal=rounds.encode_seal(seal), entries=rounds.encode_entries(taken), final=final
            )
            for seal, taken, final in self.pair.asked
        ]

    def draw(self, lane: int, slot: int, count: int = 20) -> rounds.Final:
        """Seal, sign and draw a round of the new epoch."""
        seal, taken = self.day.seal(lane, slot, count)
        proofs = self.pair.ask(seal, taken)
        assert isinstance(proofs, tuple), proofs
        seal_hash = rounds.seal_hash_of(rounds.encode_seal(seal))
        betas = [vrf.proof_to_hash(one) for one in proofs]
        drawn = lottery.draw_round(seal, taken, self.day.tables, *betas)
        final = lottery.final_of(seal_hash, *proofs, drawn)
        self.pair.finals[lane] = rounds.encode_final(final)
        number = self.day.lanes[lane]
        number.next_seq, number.prev = seal.seq + 1, seal_hash
        number.account = Account(day=seal.day, slot=seal.slot, left_after=drawn.left_after)
        self.pair.asked.append((seal, taken, self.pair.finals[lane]))
        return final


def no_of(given: object) -> str:
    """The code of a refusal."""
    assert isinstance(given, Refused), given
    assert given.no.zh
    assert given.no.en
    return given.no.value
