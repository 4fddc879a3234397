"""Have a sealed round signed by the notary, then by the auditor.  双方签发"""

from dataclasses import replace

from huiquan.app import App
from huiquan.db import entries, rounds
from huiquan.db.rounds import RoundRow
from huiquan.domain.campaigns import Campaign
from huiquan.domain.rounds import encode_entries
from huiquan.domain.sealing import Proofs
from huiquan.domain.signing import Purpose
from huiquan.gateways.notary import SealToSign


async def sign_round(app: App, campaign: Campaign, sealed: RoundRow) -> Proofs:
    """Ask both signers for their proof over a committed seal; the auditor sees the notary's.

    Raises OutsiderFault when one is away, refuses, or gives a proof that does not verify. Then
    nothing has changed: the same seal is asked for again, and gets the same proofs. (R5.1)
    """
    seal = sealed.seal
    async with app.db.reading() as tx:
        rows = await entries.between(
            tx, campaign.campaign_id, seal.lane, seal.first_idx, seal.count
        )
        previous = await rounds.final_before(tx, campaign.campaign_id, seal.lane, seal.seq)
    question = SealToSign(
        seal=sealed.raw_seal,
        seal_hash=sealed.seal_hash,
        signature=app.signer.sign(Purpose.SEAL, sealed.raw_seal),
        entries=encode_entries(row.entry for row in rows),
        previous_final=previous,
    )
    pi_notary = await app.notary.sign(question)
    pi_auditor = await app.auditor.sign(replace(question, pi_notary=pi_notary))
    return Proofs(notary=pi_notary, auditor=pi_auditor)
