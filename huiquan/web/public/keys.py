"""What anyone needs to check a draw: the public keys, and each published config.  公钥与摇号配置"""

from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter

from huiquan.domain.refusals import Refusal
from huiquan.views.campaigns import config_body, config_signatures
from huiquan.views.epochs import changes
from huiquan.web.answers import RefusedError
from huiquan.web.callers import House
from huiquan.web.wire import Wire, shanghai

ConfigHash = Annotated[str, Parameter(pattern=r"^[0-9a-f]{64}(?!\n)$")]
FOREVER = ResponseHeader(name="Cache-Control", value="public, max-age=31536000, immutable")


class LostKey(Wire):
    """A signer's key that was declared lost, and the one that follows it."""

    campaign: str
    role: str
    key: str
    new_key: str
    declared_at: datetime


class Keys(Wire):
    """The Ed25519 public keys of everyone whose word counts, in hex.

    witness is that of the log's third witness, null while this process has not heard from it.
    """

    platform: str
    approver: str
    notary: str
    auditor: str
    witness: str | None
    lost: list[LostKey]


class ShownSignatures(Wire):
    """The signatures of platform and approver over a config's hash, in hex."""

    platform: str
    approver: str


@get("/api/v1/public/keys", operation_id="getKeys", summary="Public keys", tags=["public"])
async def get_keys(house: House) -> Keys:
    """The keys as this house uses them; the published configs name the same.

    A key that was declared lost is named beside them: what it signed before stays signed.
    """
    changed = await changes(house)
    now = {one.role: one.new_key for one in changed if one.campaign == house.settings.campaign}
    return Keys(
        platform=house.signer.key.hex(),
        approver=house.approver.key.hex(),
        notary=now.get("notary", house.notary.key.hex()),
        auditor=now.get("auditor", house.auditor.key.hex()),
        witness=house.witness.key.hex() or None,
        lost=[
            LostKey(
                campaign=one.campaign,
                role=one.role,
                key=one.old_key,
                new_key=one.new_key,
                declared_at=shanghai(one.declared_at),
            )
            for one in changed
        ],
    )


@get(
    "/api/v1/public/configs/{cfg_hash:str}",
    operation_id="getConfig",
    summary="A published config",
    tags=["public"],
    response_headers=[FOREVER],
)
async def get_config(house: House, cfg_hash: ConfigHash) -> Response[bytes]:
    """The canonical bytes behind a hash, exactly as they were signed."""
    body = await config_body(house, bytes.fromhex(cfg_hash))
    if body is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return Response(body, media_type="application/json")


@get(
    "/api/v1/public/configs/{cfg_hash:str}/signatures",
    operation_id="getConfigSignatures",
    summary="The two signatures of a config",
    tags=["public"],
    response_headers=[FOREVER],
)
async def get_config_signatures(house: House, cfg_hash: ConfigHash) -> ShownSignatures:
    """What the platform and the approver signed over the config's hash, without which none acts."""
    found = await config_signatures(house, bytes.fromhex(cfg_hash))
    if found is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return ShownSignatures(platform=found.platform.hex(), approver=found.approver.hex())


ROUTES = (get_keys, get_config, get_config_signatures)
