"""The command line's door over HTTP, for who has the token: JSON in, JSON out, a sentence for whatever is wrong."""

import asyncio
import hmac
import json
from collections.abc import Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.control import Control, ControlError
from bot.door import NONCE, PROOF_PATH, proof

LARGEST_BODY = 1 << 20
BODY_SECONDS = 10.0


class BodyError(Exception):
    """The body cannot be read; the text says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def routes(control: Control, token: str) -> Sequence[BaseRoute]:
    if not token:
        raise ValueError("without a token anybody could decide cases")

    async def prove(request: Request) -> Response:
        """The command line sends the token only to who proves to have it."""
        nonce = request.query_params.get("nonce", "")
        if not NONCE.fullmatch(nonce):
            return Response(status_code=404)
        return JSONResponse({"proof": proof(token, nonce)})

    async def act(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return Response(status_code=404)
        try:
            body = await json_of(request)
            return JSONResponse({"result": await control.do(request.path_params["action"], body)})
        except BodyError as error:
            return JSONResponse({"error": str(error)}, error.status, headers={"Connection": "close"})
        except ControlError as error:
            return JSONResponse({"error": str(error)}, error.status)

    return (Route(f"/{PROOF_PATH}", prove, methods=["GET"]), Route("/control/{action}", act, methods=["POST"]))


async def json_of(request: Request) -> object:
    """Return the body's JSON value. Raises BodyError."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise BodyError(413, f"the body is larger than {LARGEST_BODY} bytes")
        value: object = json.loads(body)
    except (TimeoutError, ClientDisconnect) as error:
        raise BodyError(408, "the body did not come to its end") from error
    except (ValueError, RecursionError) as error:
        raise BodyError(400, "the body is no JSON in UTF-8") from error
    return value
