"""Have a sealed round signed by the notary, then by the auditor.  双方签发"""

from dataclasses import replace

from huiquan.app import App
from huiquan.domain import vrf
from huiquan.domain.campaigns import Campaign
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.sealing import Proofs, SealedRound
from huiquan.domain.signing import Purpose
from huiquan.gateways.faults import OutsiderFault


async def sign_round(app: App, campaign: Campaign, sealed: SealedRound) -> Proofs:
    """Ask both signers for their proof over a committed seal; the auditor sees the notary's.

    A proof counts under the key that the signed config names, whatever key a signer shows. Raises
    OutsiderFault when a signer is away, refuses, or gives a proof that does not verify. Then
    nothing has changed: the same seal is asked for again, and gets the same proofs. (R5.1)
    """
    question = SealRequest(
        seal=sealed.raw_seal,
        signature=app.signer.sign(Purpose.SEAL, sealed.raw_seal),
        entries=sealed.run,
        previous_final=sealed.previous_final,
    )
    keys = campaign.days[sealed.seal.day].config.keys
    pi_notary = await app.notary.sign(question)
    beta_notary = _verified("notary", keys.notary, "N", sealed.seal_hash, pi_notary)
    pi_auditor = await app.auditor.sign(replace(question, pi_notary=pi_notary))
    beta_auditor = _verified("auditor", keys.auditor, "W", sealed.seal_hash, pi_auditor)
    return Proofs(
        notary=pi_notary,
        auditor=pi_auditor,
        beta_notary=beta_notary,
        beta_auditor=beta_auditor,
    )


def _verified(name: str, key: str, letter: str, seal_hash: bytes, proof: bytes) -> bytes:
    beta = vrf.verify(bytes.fromhex(key), vrf.seal_alpha(letter, seal_hash), proof)
    if beta is None:
        raise OutsiderFault(name, "the proof is not valid")
    return beta
