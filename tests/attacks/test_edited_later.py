""" "Weeks later the list of winners looked different."

Winners, stock and vouchers are edited after the day: by the platform alone, which makes marks and
signature anew, or by all three and both witnesses together. A cancelled win is given to a friend.
"""

import random
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from huiquan.domain import exports, rounds
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_day import verify_day
from notary.refusals import No
from tests.attacks.weakened import believing_reader
from tests.domain.draw_days import a_drawn_day
from tests.drills import edits
from tests.drills.drafts import ALL, PLATFORM, Case, Draft
from tests.drills.edits import Edit
from tests.notary.houses import Pair, answer, request_for

DAY, FILES = a_drawn_day()
CASE = Case(day=DAY, files=FILES, other_day=FILES, other_campaign=FILES)
verify_believing = partial(verify_day, reader=believing_reader)


def edited(edit: Edit, signers: tuple[str, ...]) -> dict[str, bytes]:
    """The day with an edit, the log made to fit it, signed again."""
    draft = Draft(case=CASE, dice=random.Random(4))
    edit(draft)
    draft.log_again()
    return draft.signed_by(signers)


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        (edits.swap_proofs, Wrong.BAD_PROOF),
        (edits.prove_as_another, Wrong.BAD_PROOF),
        (edits.reseal, Wrong.BAD_PROOF),
        (edits.more_stock, Wrong.WRONG_STOCK),
        (edits.other_hour, Wrong.WRONG_SLOT),
        (edits.flip_in_entry, Wrong.WRONG_ROOT),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_an_edited_draw_passes_only_a_verifier_that_draws_nothing_again(
    edit: Edit, wrong: Wrong
) -> None:
    files = edited(edit, ALL)
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert finding.wrong is wrong


def one_winner_more(draft: Draft) -> None:
    """Somebody who drew nothing becomes a winner everywhere: final, totals, vouchers, log."""
    rows = draft.rows
    seal = rounds.decode_seal(bytes.fromhex(rows[0].seal))
    final = rounds.decode_final(bytes.fromhex(rows[0].final))
    draft.put_final(0, kept=(final.kept[0] + 1, *final.kept[1:]))
    draft.add_up()
    won = {row.idx for row in draft.kept if row.lane == 0}
    idx = next(i for i in range(seal.first_idx, seal.first_idx + seal.count) if i not in won)
    friend = exports.KeptRow(lane=0, idx=idx, tier=1, voucher="FRIEND")
    draft.files["kept.ndjson"] = exports.build_kept([*draft.kept, friend])


@pytest.mark.requirement("R5.1")
def test_a_winner_added_everywhere_passes_only_a_verifier_that_draws_nothing_again() -> None:
    files = edited(one_winner_more, ALL)
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert finding.wrong is Wrong.WRONG_DRAW


def test_a_cancelled_win_cannot_be_given_to_another() -> None:
    """The voucher of a winner who was struck off turns up with a friend."""
    files = edited(edits.give_voucher_away, ALL)
    assert verify_believing(files).is_right
    finding = verify_day(files).finding
    assert finding is not None
    assert finding.wrong is Wrong.WRONG_VOUCHERS


def test_nor_can_its_unit_be_drawn_again_in_the_lane(tmp_path: Any) -> None:
    """The unit of a cancelled win goes back to the fund; a seal that counts it is not signed."""
    pair = Pair(home=tmp_path)
    pair.day.enter(60)
    pair.draw(0, 10)
    seal, taken = pair.day.seal(0, 10, 10)
    left = (seal.left_before[0] + 1, *seal.left_before[1:])
    again = request_for(replace(seal, left_before=left), taken, previous_final=pair.finals[0])
    assert answer(pair.notary, again) is No.WRONG_STOCK


@pytest.mark.parametrize("edit", [one_winner_more, edits.give_voucher_away, edits.more_stock])
def test_the_platform_alone_cannot_even_sign_it(edit: Edit) -> None:
    finding = verify_day(edited(edit, PLATFORM)).finding
    assert finding is not None
    assert finding.wrong is Wrong.BAD_SIGNATURE
