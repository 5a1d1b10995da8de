"""Bodies of requests: read whole, or to their end where they are refused."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from bot.adapters.webchat.parse import Wrong
from bot.model.evidence import LARGEST_BYTES

LARGEST_BODY = 1 << 20
MOST_DRAINED = 3 * LARGEST_BYTES
DRAIN_SECONDS = 60.0


async def body_of(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Wrong(413, "web.long")
    return body


async def drained(request: Request) -> bool:
    """Reads what is still coming, as a browser looks at the answer only after it has sent all.

    False when that is too much or takes too long.
    """
    left = MOST_DRAINED
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return False
    except (TimeoutError, ClientDisconnect):
        return False
    except RuntimeError:  # it was read to its end already
        return True
    return True
