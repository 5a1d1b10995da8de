"""Time stamps: an authority signs that a manifest existed at a time (RFC 3161). It sees the hash and nothing else."""

import hashlib
import secrets
from collections.abc import Mapping

import structlog

SECONDS = 15
MOST_BYTES = 256 * 1024
GRANTED = ("granted", "granted_with_mods")
HEADERS: Mapping[str, str] = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
logger = structlog.get_logger()


async def stamp(url: str, manifest: bytes) -> bytes | None:
    """The authority's whole answer, as `openssl ts` reads it; None when there is none, or none about this."""
    import aiohttp  # only where a time stamp is asked for

    nonce = secrets.randbits(64)
    answered = bytearray()
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), trust_env=True) as session,
            session.post(url, data=question(manifest, nonce), headers=HEADERS) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.content.iter_chunked(MOST_BYTES):
                answered += chunk
                if len(answered) > MOST_BYTES:
                    raise ValueError("far too long for a time stamp")
        check(bytes(answered), manifest, nonce)
    except (aiohttp.ClientError, OSError, ValueError, TypeError, LookupError) as error:
        logger.warning("time_stamp_failed", error=type(error).__name__)
        return None
    return bytes(answered)


def question(manifest: bytes, nonce: int) -> bytes:
    from asn1crypto.tsp import TimeStampReq

    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(manifest).digest()}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return bytes(TimeStampReq(asked).dump())


def check(answered: bytes, manifest: bytes, nonce: int) -> None:
    """That it is granted, about this manifest, and the answer to this question. Raises ValueError, TypeError or LookupError."""
    from asn1crypto.tsp import TimeStampResp

    response = TimeStampResp.load(answered, strict=True)
    if response["status"]["status"].native not in GRANTED:
        raise ValueError("it was not granted")
    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]["hashed_message"].native
    if imprint != hashlib.sha256(manifest).digest() or info["nonce"].native != nonce:
        raise ValueError("it is a time stamp of something else")
