"""The register as files: what stands in its manifest, and what is signed.  台账文件清单"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from huiquan.domain.draw_config import Hex32, Name, Signature, canonical

FORMAT = "huiquan/register/1"
MANIFEST = "manifest.json"

Count = Annotated[int, Meta(ge=0)]


class BadRegisterError(ValueError):
    """A file of the register does not have its form."""


@dataclass(frozen=True, kw_only=True)
class TableMark:
    """How a file is recognised: SHA-256 in hex, its bytes, and its lines with the head."""

    sha256: Hex32
    bytes: Count
    lines: Count


@dataclass(frozen=True, kw_only=True)
class RegisterManifest:
    """manifest.json without its signature; times are UTC, to the microsecond."""

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")] = FORMAT
    campaign: Name
    campaign_id: Count
    platform: Name
    made_at: str
    files: dict[str, TableMark]


def manifest_body(manifest: RegisterManifest) -> bytes:
    """The bytes that are signed: canonical JSON."""
    return canonical(manifest)


def build_manifest(manifest: RegisterManifest, signature: bytes | None) -> bytes:
    """manifest.json: the body and the platform's signature, null where no key was at hand."""
    body = msgspec.to_builtins(manifest)
    return canonical(body | {"signature": signature.hex() if signature else None})


def parse_manifest(raw: bytes) -> tuple[RegisterManifest, bytes | None]:
    """The manifest and its signature. Refuses (BadRegisterError) any other spelling."""
    try:
        whole = msgspec.json.decode(raw, type=dict)
        signed = msgspec.convert(whole.pop("signature", None), Signature | None)
        manifest = msgspec.convert(whole, RegisterManifest)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadRegisterError(str(error)) from error
    signature = bytes.fromhex(signed) if signed else None
    if build_manifest(manifest, signature) != raw:
        raise BadRegisterError("the manifest is not in canonical form")
    return manifest, signature
