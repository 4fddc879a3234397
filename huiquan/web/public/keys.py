"""What anyone needs to check a draw: the public keys, and each published config.  公钥与摇号配置"""

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter

from huiquan.domain.refusals import Refusal
from huiquan.views.campaigns import config_body, config_signatures
from huiquan.web.answers import RefusedError
from huiquan.web.callers import House
from huiquan.web.wire import Wire

ConfigHash = Annotated[str, Parameter(pattern="^[0-9a-f]{64}$")]
FOREVER = ResponseHeader(name="Cache-Control", value="public, max-age=31536000, immutable")


class Keys(Wire):
    """The Ed25519 public keys of everyone whose word counts, in hex.

    witness is that of the log's third witness, null while this process has not heard from it.
    """

    platform: str
    approver: str
    notary: str
    auditor: str
    witness: str | None


class ShownSignatures(Wire):
    """The signatures of platform and approver over a config's hash, in hex."""

    platform: str
    approver: str


@get("/api/v1/public/keys", operation_id="getKeys", summary="Public keys", tags=["public"])
async def get_keys(house: House) -> Keys:
    """The keys as this house uses them; the published configs name the same."""
    return Keys(
        platform=house.signer.key.hex(),
        approver=house.approver.key.hex(),
        notary=house.notary.key.hex(),
        auditor=house.auditor.key.hex(),
        witness=house.witness.key.hex() or None,
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
