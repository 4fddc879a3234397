""" "The notary was in on it: they had her key, and their friends won."

Platform and notary together know half of the randomness of every list they think of, before they
choose. The other half is the auditor's, who proves one list for each round and then no other.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from huiquan.domain import draw_config, lottery, merkle, rounds, vrf
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.stock import Release, deal_day
from tests.attacks.weakened import careless_proof
from tests.domain.draw_days import DAY, DrawDay, a_config
from tests.notary.houses import Pair, answer, request_for

ROUNDS, TRIES = 240, 4
CHANCE = Fraction(1, 4)


def friends_day() -> DrawDay:
    """One lane in which every round is one friend with a chance of one in four, stock for all."""
    config = a_config(
        lanes=1,
        packs={1: draw_config.Pack(code="retail")},
        tiers={1: draw_config.Tier(pack=1, face_fen=1000, threshold_fen=5000)},
        days={
            DAY: draw_config.DayPlan(
                tables={1: draw_config.table_from([(1, CHANCE)])},
                topups=deal_day(merkle.EMPTY_ROOT, DAY, 1, [Release(0, 1, 1000)]),
            )
        },
    )
    return DrawDay(config=config)


def candidates(seal: Seal, taken: list[Entry]) -> list[tuple[Seal, list[Entry]]]:
    """The friend's entry with nonces of the friend's own choice."""
    made = []
    for number in range(TRIES):
        entries = [replace(taken[0], client_nonce=number.to_bytes(16, "big"))]
        root = merkle.root_of(map(rounds.encode_entry, entries))
        made.append((replace(seal, root=root), entries))
    return made


def wins_with(day: DrawDay, seal: Seal, taken: list[Entry], pi_auditor: bytes) -> bool:
    """Whether the friend wins, the notary's part made with her own key."""
    pi_notary = careless_proof("notary", rounds.encode_seal(seal))
    betas = (vrf.proof_to_hash(pi_notary), vrf.proof_to_hash(pi_auditor))
    return lottery.draw_round(seal, taken, day.tables, *betas).outcomes[0].kept


def most_promising(day: DrawDay, made: list[tuple[Seal, list[Entry]]]) -> tuple[Seal, list[Entry]]:
    """The list whose ticket would be smallest if the auditor's half were all zeros."""

    def guess(one: tuple[Seal, list[Entry]]) -> int:
        raw = rounds.encode_seal(one[0])
        beta = vrf.proof_to_hash(careless_proof("notary", raw))
        seed = lottery.seed_of(rounds.seal_hash_of(raw), beta, bytes(64))
        return lottery.ticket_of(seed, one[1][0].idx, one[1][0].pid)

    return min(made, key=guess)


def is_by_chance(wins: int, drawn: int) -> bool:
    """Within four standard deviations of one in four, in whole numbers."""
    off = wins * CHANCE.denominator - drawn * CHANCE.numerator
    variance = drawn * CHANCE.numerator * (CHANCE.denominator - CHANCE.numerator)
    return off**2 <= 16 * variance


def test_an_auditor_who_proves_every_list_makes_the_friends_win() -> None:
    day, wins = friends_day(), 0
    for _ in range(60):
        day.enter(1)
        seal, taken = day.seal(0, 10, 1)
        made = candidates(seal, taken)
        good = [
            one
            for one in made
            if wins_with(day, *one, careless_proof("auditor", rounds.encode_seal(one[0])))
        ]
        wins += bool(good)
        day.finish(*(good or made)[0])  # fmt: skip
    assert not is_by_chance(wins, 60)


@pytest.mark.requirement("R2.1")
def test_with_our_auditor_the_friends_win_as_often_as_anyone(tmp_path: Path) -> None:
    """T2: over many rounds the rate stays within four deviations of the published chance."""
    pair, wins = Pair(home=tmp_path, day=friends_day()), 0
    for _ in range(ROUNDS):
        pair.day.enter(1)
        seal, taken = most_promising(pair.day, candidates(*pair.day.seal(0, 10, 1)))
        pi_notary = careless_proof("notary", rounds.encode_seal(seal))
        proof = answer(pair.auditor, request_for(seal, taken, pi_notary=pi_notary))
        assert isinstance(proof, bytes)
        wins += wins_with(pair.day, seal, taken, proof)
        pair.day.finish(seal, taken)
    assert is_by_chance(wins, ROUNDS)
    assert pair.auditor.book.refusal_count() == 0
