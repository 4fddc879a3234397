"""What a signer is asked: a seal, and all it needs to check it, as bytes on the wire.  签发请求

    0x01 ‖ u16 length ‖ seal ‖ signature(64) ‖ u16 length ‖ previous final ‖ u8 length ‖ the
    notary's proof ‖ entries, 80 bytes each, to the end

A length of zero stands for nothing. Entries travel as they are hashed, so neither side writes them
down in another form.
"""

from dataclasses import dataclass

from huiquan.domain.rounds import BadRecordError

VERSION = 1
SIGNATURE_BYTES = 64


@dataclass(frozen=True, kw_only=True)
class SealRequest:
    """A seal that the platform asks to be signed, with the final of the lane's round before.

    pi_notary is for the auditor, who signs only what the notary has proved.
    """

    seal: bytes
    signature: bytes
    entries: bytes
    previous_final: bytes | None = None
    pi_notary: bytes | None = None


def encode_request(request: SealRequest) -> bytes:
    """The request as it travels. Refuses (BadRecordError) a signature of another length."""
    if len(request.signature) != SIGNATURE_BYTES:
        raise BadRecordError("a signature has 64 bytes")
    final, proof = request.previous_final or b"", request.pi_notary or b""
    return b"".join(
        (
            bytes((VERSION,)),
            len(request.seal).to_bytes(2, "big"),
            request.seal,
            request.signature,
            len(final).to_bytes(2, "big"),
            final,
            len(proof).to_bytes(1, "big"),
            proof,
            request.entries,
        )
    )


def decode_request(raw: bytes) -> SealRequest:
    """The request behind these bytes. Refuses (BadRecordError) another version or a short one.

    What the parts hold is for the signer to judge.
    """
    if raw[:1] != bytes((VERSION,)):
        raise BadRecordError("a request begins with version 1")
    seal, at = _part(raw, 1, 2)
    signature, at = raw[at : at + SIGNATURE_BYTES], at + SIGNATURE_BYTES
    final, at = _part(raw, at, 2)
    proof, at = _part(raw, at, 1)
    return SealRequest(
        seal=seal,
        signature=signature,
        entries=raw[at:],
        previous_final=final or None,
        pi_notary=proof or None,
    )


def _part(raw: bytes, at: int, length_bytes: int) -> tuple[bytes, int]:
    """A part that stands behind its length, and where the next one begins."""
    start = at + length_bytes
    end = start + int.from_bytes(raw[at:start], "big")
    if end > len(raw) or start > len(raw):
        raise BadRecordError("the request ends too early")
    return raw[start:end], end
