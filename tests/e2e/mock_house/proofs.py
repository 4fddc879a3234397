"""The mock house's doors for whoever checks a draw: receipts, configs and keys.  核对所需

A test puts a real proof file into the world; the doors hand out its parts, as the house would.
"""

from huiquan.domain.refusals import Refusal
from tests.domain.draw_days import KEYS
from tests.e2e.mock_house.consumer import Json, World


def receipt(world: World) -> Json | Refusal:
    """The outcome receipt, once the round is drawn."""
    if world.proof is None:
        return Refusal.NO_DRAW_THAT_DAY
    outcome: Json | None = world.proof["outcome_receipt"]
    return Refusal.NOT_YET_DRAWN if outcome is None else outcome


def config(world: World) -> str | Refusal:
    """The config's own bytes."""
    return world.proof["configs"][0]["text"] if world.proof else Refusal.NOT_FOUND


def signatures(world: World) -> Json | Refusal:
    """Who signed the config."""
    if world.proof is None:
        return Refusal.NOT_FOUND
    signed = world.proof["configs"][0]
    return {party: signed[party] for party in ("platform", "approver")}


def keys() -> Json:
    """The published keys of all four parties."""
    return {party: getattr(KEYS, party) for party in ("platform", "approver", "notary", "auditor")}
