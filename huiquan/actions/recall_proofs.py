"""Ask whether a sealed round was proven by both, when the first answer was lost.  找回证明"""

from huiquan.app import App
from huiquan.domain import vrf
from huiquan.domain.campaigns import Campaign
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.sealing import Proofs, SealedRound
from huiquan.domain.signing import Purpose
from huiquan.gateways.faults import OutsiderFault


async def recall_proofs(app: App, campaign: Campaign, sealed: SealedRound) -> Proofs | None:
    """Both proofs of a round that the auditor proved before, under the keys of its config.

    None when the auditor has not proven it: then nobody knows its outcome. Asked before a lost
    notary's key is declared, for a round that both proved is drawn, never voided. Raises
    OutsiderFault when the auditor is away or a proof does not hold. (R5.1)
    """
    question = SealRequest(
        seal=sealed.raw_seal,
        signature=app.signer.sign(Purpose.SEAL, sealed.raw_seal),
        entries=b"",
    )
    proofs = await app.auditor.recall(question)
    if proofs is None:
        return None
    keys = campaign.days[sealed.seal.day].config.keys
    notary = vrf.verify(
        bytes.fromhex(keys.notary), vrf.seal_alpha("N", sealed.seal_hash), proofs[0]
    )
    auditor = vrf.verify(
        bytes.fromhex(keys.auditor), vrf.seal_alpha("W", sealed.seal_hash), proofs[1]
    )
    if notary is None or auditor is None:
        raise OutsiderFault("auditor", "a proof is not valid")
    return Proofs(notary=proofs[0], auditor=proofs[1], beta_notary=notary, beta_auditor=auditor)
