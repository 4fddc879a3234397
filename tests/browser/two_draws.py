"""The same rounds drawn twice, by the house and by the browser's code, digest beside digest.

    python -m tests.browser.two_draws 10000000 [SEED]

Rounds follow from a seed: sizes, tables, stock and packs vary, and so do winners and cuts. The
first round whose digests differ ends the run.
"""

import hashlib
import random
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator

from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.lottery import CERTAINTY, Drawn, Tables, draw_round, outcome_of, rank_of
from huiquan.domain.rounds import (
    ENTRY_BYTES,
    Entry,
    Final,
    Seal,
    encode_entries,
    encode_seal,
    seal_hash_of,
)
from tests.browser.node import HERE, node

PACKS = {1: (1, 2), 2: (3,)}
LARGEST_ROUND = 4000
TOLD_EVERY_S = 10.0


def random_tables(dice: random.Random) -> Tables:
    """Tables with likely and unlikely tiers; sometimes a tier is missing or certain."""
    tables = {}
    for pack, tiers in PACKS.items():
        chosen = [tier for tier in tiers if dice.random() < 0.9]
        bounds = sorted({dice.getrandbits(64) >> dice.choice((0, 2, 4, 9)) or 1 for _ in chosen})
        if bounds and dice.random() < 0.05:
            bounds[-1] = CERTAINTY - 1
        tables[pack] = tuple(zip(bounds, chosen, strict=False))
    return tables


def random_round(dice: random.Random, most: int) -> tuple[Seal, list[Entry], Tables, bytes, bytes]:
    """A seal with entries, tables and two outputs, none of them special."""
    count = min(most, dice.choice((1, 2, 7, 400, LARGEST_ROUND)))
    first, lane = dice.getrandbits(40), dice.getrandbits(16)
    entries = [
        Entry(
            lane=lane,
            day=20260206,
            idx=first + place,
            pack=1 + dice.getrandbits(1),
            pid=dice.randbytes(16),
            client_nonce=bytes(16),
            elig=bytes(32),
        )
        for place in range(count)
    ]
    seal = Seal(
        cfg_hash=dice.randbytes(32),
        epoch=0,
        lane=lane,
        seq=0,
        prev_seal_hash=ZERO_HASH,
        first_idx=first,
        count=count,
        root=ZERO_HASH,
        day=20260206,
        slot=10,
        left_before=tuple(dice.choice((0, 1, 5, count // 20, count)) for _ in range(3)),
    )
    return seal, entries, random_tables(dice), dice.randbytes(64), dice.randbytes(64)


def frame(seal: Seal, entries: list[Entry], tables: Tables, notary: bytes, auditor: bytes) -> bytes:
    """The round as draws.mjs reads it."""
    body = struct.pack(">3I", *seal.left_before) + bytes((len(tables),))
    for pack in sorted(tables):
        body += bytes((len(tables[pack]),))
        body += b"".join(bound.to_bytes(8, "big") + bytes((tier,)) for bound, tier in tables[pack])
    body += seal_hash_of(encode_seal(seal)) + notary + auditor + encode_entries(entries)
    return len(body).to_bytes(4, "big") + body


def digest(drawn: Drawn, entries: list[Entry], tables: Tables) -> str:
    """Every outcome with its rank, then the sums; what draws.mjs answers for the same round."""
    final = Final(
        seal_hash=ZERO_HASH,
        pi_notary=bytes(80),
        pi_auditor=bytes(80),
        seed=drawn.seed,
        kept=drawn.kept,
        cut=drawn.cut,
        last_kept_rank=drawn.last_kept_rank,
    )
    parts = [drawn.seed]
    for entry, outcome in zip(entries, drawn.outcomes, strict=True):
        assert outcome_of(entry, final, tables) == outcome
        rank = rank_of(drawn.seed, entry.idx, entry.pid) if outcome.tier else ZERO_HASH
        parts.append(bytes((outcome.tier, outcome.kept)) + rank)
    parts += [number.to_bytes(4, "big") for number in (*drawn.kept, *drawn.cut)]
    return hashlib.sha256(b"".join((*parts, *drawn.last_kept_rank))).hexdigest()


def rounds_of(draws: int, seed: int) -> Iterator[tuple[bytes, str, int, Drawn]]:
    """So many draws in rounds: the frame, our digest, how many, and what was drawn."""
    dice = random.Random(seed)
    while draws > 0:
        seal, entries, tables, notary, auditor = random_round(dice, draws)
        drawn = draw_round(seal, entries, tables, notary, auditor)
        framed = frame(seal, entries, tables, notary, auditor)
        yield framed, digest(drawn, entries, tables), len(entries), drawn
        draws -= len(entries)


def spoilt(framed: bytes, count: int) -> bytes:
    """The same round with another output of the auditor."""
    at = len(framed) - ENTRY_BYTES * count - 1
    return framed[:at] + bytes((framed[at] ^ 1,)) + framed[at + 1 :]


class Comparison:
    """What was compared so far, and the first round that differs."""

    def __init__(self) -> None:
        self.rounds = self.draws = self.kept = self.cut = 0
        self.differs: str | None = None
        # For a test of the comparison itself: which round is answered with a spoilt frame.
        self.spoil: int | None = None
        self._ours: deque[tuple[str, int, Drawn]] = deque()

    def compare(self, draws: int, seed: int) -> None:
        """Stream rounds through both; stops at the first difference."""
        with subprocess.Popen(
            [node(), str(HERE / "draws.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            answers = threading.Thread(target=self._read, args=(other.stdout,))
            answers.start()
            for number, (framed, ours, count, drawn) in enumerate(rounds_of(draws, seed)):
                self._ours.append((ours, count, drawn))
                other.stdin.write(spoilt(framed, count) if number == self.spoil else framed)
                if self.differs:
                    break
            other.stdin.close()
            answers.join()

    def _read(self, answers: object) -> None:
        for line in answers:  # type: ignore[attr-defined]
            ours, count, drawn = self._ours.popleft()
            if line.decode().strip() != ours:
                self.differs = self.differs or f"round {self.rounds}, {count} entries"
            self.rounds += 1
            self.draws += count
            self.kept += sum(drawn.kept)
            self.cut += sum(drawn.cut)


def main() -> int:
    """Compare from the command line, saying every ten seconds how far it is."""
    draws, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20260206
    both, started = Comparison(), time.monotonic()
    work = threading.Thread(target=both.compare, args=(draws, seed))
    work.start()
    while work.is_alive():
        work.join(TOLD_EVERY_S)
        seconds = time.monotonic() - started
        print(f"{both.draws:>12,} of {draws:,} draws, {both.rounds:,} rounds, {seconds:.0f} s")
    print(f"kept {both.kept:,}, cut {both.cut:,}; first difference: {both.differs or 'none'}")
    return 1 if both.differs or both.draws != draws else 0


if __name__ == "__main__":
    sys.exit(main())
