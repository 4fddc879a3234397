"""Platform and notary together choose every list; the auditor proves what it is shown once.

    python -m tests.drills.bought_notary --rounds 100000 --seed 1

Each round is one friend with a published chance of one in four. Of some lists for the round they
take the one that their half of the randomness likes best. The friends' rate must stay within four
standard deviations of the chance: over 100,000 rounds these are 0.55 points of a hundred. The suite
plays a house of it; this program plays as many as it is asked for, on every core.
"""

import argparse
import os
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.progress import track

from huiquan.domain import draw_config, lottery, merkle, rounds, vrf
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.stock import Release, deal_day
from tests.attacks.weakened import careless_proof
from tests.domain.draw_days import DAY, DrawDay, a_config
from tests.notary.houses import Pair, answer, request_for

TRIES = 4
CHANCE = Fraction(1, 4)
HOUSE = 800
"""Rounds of one house, whose stock is enough if every friend wins."""


def friends_day(first: int = 0) -> DrawDay:
    """One lane in which every round is one friend with a chance of one in four, stock for all.

    first is the number of the first friend: other friends have other pseudonyms, other luck.
    """
    config = a_config(
        lanes=1,
        packs={1: draw_config.Pack(code="retail")},
        tiers={1: draw_config.Tier(pack=1, face_fen=1000, threshold_fen=5000)},
        days={
            DAY: draw_config.DayPlan(
                tables={1: draw_config.table_from([(1, CHANCE)])},
                topups=deal_day(merkle.EMPTY_ROOT, DAY, 1, [Release(0, 1, HOUSE)]),
            )
        },
    )
    return DrawDay(config=config, people=first)


def candidates(seal: Seal, taken: list[Entry]) -> list[tuple[Seal, list[Entry]]]:
    """The friend's entry with nonces of the friend's own choice."""
    made = []
    for number in range(TRIES):
        entries = [replace(taken[0], client_nonce=number.to_bytes(16, "big"))]
        root = merkle.root_of(map(rounds.encode_entry, entries))
        made.append((replace(seal, root=root), entries))
    return made


def drawn_with(
    day: DrawDay, seal: Seal, taken: list[Entry], pi_notary: bytes, pi_auditor: bytes
) -> lottery.Drawn:
    """What both proofs together give the friend."""
    betas = (vrf.proof_to_hash(pi_notary), vrf.proof_to_hash(pi_auditor))
    return lottery.draw_round(seal, taken, day.tables, *betas)


def most_promising(made: list[tuple[Seal, list[Entry]]]) -> tuple[Seal, list[Entry], bytes]:
    """The list whose ticket would be smallest if the auditor's half were all zeros.

    With the notary's proof of it, made with her own key.
    """
    proven = [(*one, careless_proof("notary", rounds.encode_seal(one[0]))) for one in made]

    def guess(one: tuple[Seal, list[Entry], bytes]) -> int:
        seal_hash = rounds.seal_hash_of(rounds.encode_seal(one[0]))
        seed = lottery.seed_of(seal_hash, vrf.proof_to_hash(one[2]), bytes(64))
        return lottery.ticket_of(seed, one[1][0].idx, one[1][0].pid)

    return min(proven, key=guess)


def is_by_chance(wins: int, drawn: int) -> bool:
    """Within four standard deviations of one in four, in whole numbers."""
    off = wins * CHANCE.denominator - drawn * CHANCE.numerator
    variance = drawn * CHANCE.numerator * (CHANCE.denominator - CHANCE.numerator)
    return off**2 <= 16 * variance


def play(home: Path, count: int, first: int = 0) -> int:
    """So many rounds before our auditor; gives how often a friend won. It refuses none of them."""
    pair, wins = Pair(home=home, day=friends_day(first)), 0
    for _ in range(count):
        pair.day.enter(1)
        seal, taken, pi_notary = most_promising(candidates(*pair.day.seal(0, 10, 1)))
        proof = answer(pair.auditor, request_for(seal, taken, pi_notary=pi_notary))
        assert isinstance(proof, bytes), "each is the first list of its round"
        drawn = drawn_with(pair.day, seal, taken, pi_notary, proof)
        wins += drawn.outcomes[0].kept
        pair.day.go_on(seal, drawn)
    assert pair.auditor.book.refusal_count() == 0
    return wins


def _house(count: int, first: int) -> int:
    """A house of its own, which is gone when it has been played."""
    with tempfile.TemporaryDirectory() as home:
        return play(Path(home), count, first)


def main() -> None:
    """Play, print the friends' rate, and exit 1 if it is not chance's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    count, start = arguments.rounds, arguments.seed * 10**9
    firsts = range(0, count, HOUSE)
    sizes = [min(HOUSE, count - first) for first in firsts]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        played: Iterable[int] = pool.map(_house, sizes, (start + first for first in firsts))
        wins = sum(track(played, "houses", len(sizes), console=Console(stderr=True)))
    print(
        f"{wins:,} friends won in {count:,} rounds, {wins / count:.3%} where {CHANCE} is promised"
    )
    if not is_by_chance(wins, count):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
