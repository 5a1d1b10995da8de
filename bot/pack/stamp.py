"""Time stamps: an authority signs that a manifest existed at a time (RFC 3161). It sees the hash and nothing else."""

import hashlib
from collections.abc import Mapping

import structlog

SECONDS = 15
MOST_BYTES = 256 * 1024
HEADERS: Mapping[str, str] = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
logger = structlog.get_logger()


async def stamp(url: str, manifest: bytes) -> bytes | None:
    """The authority's whole answer, as `openssl ts` reads it; None when there is none, or none about this."""
    import aiohttp  # both only where a time stamp is asked for
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    request = TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), trust_env=True) as session,
            session.post(url, data=request.as_bytes(), headers=HEADERS) as answer,
        ):
            answer.raise_for_status()
            token = bytearray()
            async for chunk in answer.content.iter_chunked(MOST_BYTES):
                token += chunk
                if len(token) > MOST_BYTES:
                    raise ValueError("far too long for a time stamp")
        check(bytes(token), manifest, request.nonce)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        logger.warning("time_stamp_failed", error=type(error).__name__)
        return None
    return bytes(token)


def check(token: bytes, manifest: bytes, nonce: int | None) -> None:
    """That it is granted, about this manifest, and the answer to this question. Raises ValueError."""
    from rfc3161_client import decode_timestamp_response

    response = decode_timestamp_response(token)
    if response.status not in (0, 1):
        raise ValueError(f"not granted: status {response.status}")
    info = response.tst_info
    if info.message_imprint.message != hashlib.sha256(manifest).digest() or info.nonce != nonce:
        raise ValueError("a time stamp of something else")
