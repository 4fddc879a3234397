"""What a dishonest hand may do to the papers around the draw: manifest, config, keys, log.  改动"""

import hashlib
from dataclasses import replace
from typing import Any

from huiquan.domain import checkpoints, draw_config, exports
from huiquan.domain.signing import signer_from
from huiquan.domain.verdicts import Wrong
from tests.domain.draw_days import DAY, OPENS, SIGNERS, sign_both
from tests.drills.drafts import Draft
from tests.drills.edits import Edit, needed


def other_total(draft: Draft) -> None:
    """A total that is not the sum."""
    totals = draft.fields["totals"]
    name = draft.dice.choice(("rounds", "entries", "kept", "cut"))
    if name in ("kept", "cut"):
        totals[name] = [totals[name][0] + 1, *totals[name][1:]]
    else:
        totals[name] += draft.dice.choice((1, 1000))


def other_name(draft: Draft) -> None:
    """Another campaign, platform, epoch or day on the manifest."""
    name = draft.dice.choice(("campaign", "platform", "epoch", "day"))
    old = draft.fields[name]
    draft.fields[name] = old + 1 if isinstance(old, int) else f"{old}x"


def other_past(draft: Draft) -> None:
    """Another history of the log before the day."""
    part = draft.fields["log"]
    if part["frontier"]:
        part["frontier"] = [hashlib.sha256(bytes.fromhex(part["frontier"][0])).hexdigest(),
                            *part["frontier"][1:]]  # fmt: skip
    else:
        draft.fields["log"] = part | {"size_before": 1, "frontier": ["5a" * 32]}


def leaves_of(draft: Draft) -> list[Any]:
    """The day's leaves, of which there must be some."""
    return needed(draft.fields["log"]["leaves"])


def drop_leaf(draft: Draft) -> None:
    """A leaf of the log left out."""
    leaves = leaves_of(draft)
    del leaves[draft.dice.randrange(len(leaves))]
    draft.fields["log"]["leaves"] = leaves


def double_leaf(draft: Draft) -> None:
    """A leaf of the log there twice."""
    leaves = leaves_of(draft)
    at = draft.dice.randrange(len(leaves))
    draft.fields["log"]["leaves"] = [*leaves[: at + 1], *leaves[at:]]


def swap_leaves(draft: Draft) -> None:
    """Two leaves change places: what one audience saw first, another sees last."""
    leaves = leaves_of(draft)
    one, other = draft.dice.choice(range(len(leaves))), draft.dice.choice(range(len(leaves)))
    leaves[one], leaves[other] = leaves[other], leaves[one]
    draft.fields["log"]["leaves"] = leaves


def hide_round_in_log(draft: Draft) -> None:
    """A round of the day passed off as another leaf."""
    leaves = leaves_of(draft)
    at = draft.dice.choice(needed(i for i, one in enumerate(leaves) if not isinstance(one, str)))
    leaves[at] = "5a" * 32
    draft.fields["log"]["leaves"] = leaves


def notes_of(draft: Draft) -> list[str]:
    """The day's checkpoints, of which there must be some."""
    return needed(checkpoints.split_notes(draft.files["checkpoints.txt"].decode()))


def put_notes(draft: Draft, notes: list[str]) -> None:
    """Other checkpoints for the day."""
    draft.files["checkpoints.txt"] = checkpoints.join_notes(notes).encode()


def fork(draft: Draft) -> None:
    """A checkpoint of another log of the same size, signed and cosigned by all."""
    notes = notes_of(draft)
    at, config = draft.dice.randrange(len(notes)), draft.case.day.config
    old = checkpoints.parse_checkpoint(checkpoints.parse_note(notes[at]).text)
    text = checkpoints.checkpoint_text(replace(old, root=draft.dice.randbytes(32)))
    lines = [checkpoints.sign_note(SIGNERS["platform"], config.log.origin, text)]
    lines += [checkpoints.cosign(SIGNERS[party], f"{party}.huiquan", text, OPENS)
              for party in ("notary", "auditor")]  # fmt: skip
    notes[at] = checkpoints.join_note(text, lines)
    put_notes(draft, notes)


def roll_back(draft: Draft) -> None:
    """The newest checkpoint is gone, or an older one follows it."""
    notes = notes_of(draft)
    if len(notes) > 1 and draft.dice.random() < 0.5:
        put_notes(draft, [*notes, notes[draft.dice.randrange(len(notes) - 1)]])
    else:
        put_notes(draft, notes[:-1])


def lose_witness(draft: Draft) -> None:
    """A checkpoint that one witness did not cosign."""
    notes = notes_of(draft)
    at = draft.dice.randrange(len(notes))
    lines = notes[at].splitlines(True)
    del lines[draft.dice.choice((-1, -2))]
    notes[at] = "".join(lines)
    put_notes(draft, notes)


def flip_in_notes(draft: Draft) -> None:
    """One letter of the checkpoints."""
    notes_of(draft)
    raw = bytearray(draft.files["checkpoints.txt"])
    raw[draft.dice.randrange(len(raw))] ^= 1 << draft.dice.randrange(7)
    draft.files["checkpoints.txt"] = bytes(raw)


def other_chances(draft: Draft) -> None:
    """Better chances in the config, signed by platform and department."""
    put_config(draft, tables=lambda rows: tuple(
        (str(int(bound) + 1), tier) for bound, tier in rows))  # fmt: skip


def more_topups(draft: Draft) -> None:
    """A voucher more for one lane, signed by platform and department."""
    put_config(draft, add=1)


def put_config(draft: Draft, tables: Any = tuple, add: int = 0) -> None:
    """The day's newest config with a change, signed and named by its new hash."""
    config = draft.case.day.config
    plan = config.days[DAY]
    topups = list(plan.topups)
    if add:
        at = draft.dice.randrange(len(needed(topups)))
        topups[at] = topups[at]._replace(units=topups[at].units + add)
    changed = replace(
        plan,
        tables={pack: tables(rows) for pack, rows in plan.tables.items()},
        topups=tuple(topups),
    )
    raw = draw_config.encode_config(replace(config, days={DAY: changed}))
    cfg_hash = draw_config.cfg_hash_of(raw)
    both = sign_both(cfg_hash)
    named = draft.fields["configs"][-1]
    draft.files[named["file"]] = raw
    draft.fields["configs"][-1] = named | {
        "cfg_hash": cfg_hash.hex(),
        "platform": both.platform.hex(),
        "approver": both.approver.hex(),
    }


def unsigned_config(draft: Draft) -> None:
    """The department never signed the config."""
    named = draft.fields["configs"][0]
    draft.fields["configs"][0] = named | {"approver": named["platform"]}


def swap_signer(draft: Draft) -> None:
    """Somebody else's key in the notary's or the auditor's place, who signs gladly."""
    party = draft.dice.choice(("notary", "auditor"))
    stranger = signer_from(draft.dice.randbytes(32))
    keys = exports.parse_keys(draft.files["keys.json"])
    draft.files["keys.json"] = exports.build_keys(replace(keys, **{party: stranger.key.hex()}))
    draft.signers[party] = stranger


def file_of_another(draft: Draft) -> None:
    """A file of another day or campaign in this one's place."""
    other = draft.dice.choice((draft.case.other_day, draft.case.other_campaign))
    path = draft.dice.choice(sorted(set(draft.files) & set(other)))
    draft.files[path] = other[path]


ANY_FOREIGN = (
    Wrong.CONFIG_UNKNOWN, Wrong.FILE_CHANGED, Wrong.WRONG_ROOT, Wrong.WRONG_COUNT,
    Wrong.WRONG_VOUCHERS, Wrong.LOG_BROKEN, Wrong.NOT_LOGGED, Wrong.MISSING_FILE,
    Wrong.UNKNOWN_FILE, Wrong.CHAIN_BROKEN, Wrong.WRONG_ENTRY, Wrong.UNREADABLE,
)  # fmt: skip
LOG = (Wrong.LOG_BROKEN, Wrong.NOT_LOGGED)

PAPER_EDITS: dict[Edit, tuple[Wrong, ...]] = {
    other_total: (Wrong.WRONG_TOTALS,),
    other_name: (Wrong.CONFIG_UNKNOWN, Wrong.EPOCH_UNDECLARED),
    other_past: LOG,
    drop_leaf: LOG,
    double_leaf: LOG,
    swap_leaves: LOG,
    hide_round_in_log: LOG,
    fork: LOG,
    roll_back: LOG,
    lose_witness: (Wrong.NO_QUORUM,),
    flip_in_notes: (*LOG, Wrong.UNREADABLE, Wrong.BAD_SIGNATURE, Wrong.NO_QUORUM),
    other_chances: (Wrong.CONFIG_UNKNOWN, Wrong.CONFIG_FLAWED, Wrong.CONFIGS_DISAGREE),
    more_topups: (Wrong.CONFIG_FLAWED,),
    unsigned_config: (Wrong.BAD_SIGNATURE,),
    swap_signer: (Wrong.KEYS_DIFFER,),
    file_of_another: ANY_FOREIGN,
}
