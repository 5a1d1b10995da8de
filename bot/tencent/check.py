"""What an operator can have checked: each finding is a sentence and whether it is well."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.tencent.api import ApiError, NoAnswerError
from bot.tencent.callbacks import LOCKED, READ, REFUSED, TROUBLE
from bot.tencent.codec import signature

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    sentence: str


class NotWellError(Exception):
    """The platform answers, and something is to be done; the text says what."""


async def ask(what: str, call: Callable[[], Awaitable[str]]) -> Finding:
    """A call that says what it found, or raises why it is not well."""
    try:
        return Finding(what, True, await call())
    except ApiError as error:
        return Finding(what, False, f"the platform answers {error}")
    except NotWellError as error:
        return Finding(what, False, str(error))
    except NoAnswerError as error:
        return Finding(what, False, f"the platform's API cannot be reached ({error}): look at the network and at `api`")


async def callback(url: str, token: str, echo: str, expected: str, *, encrypted: bool) -> Finding:
    """As the platform verifies an address, from here; `echo` is what it sends, `expected` what must come back."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(4)
    signed = signature(token, stamp, nonce, echo) if encrypted else signature(token, stamp, nonce)
    name = "msg_signature" if encrypted else "signature"
    query = {"timestamp": stamp, "nonce": nonce, "echostr": echo, name: signed}
    try:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as http,
            http.get(url, params=query, allow_redirects=False) as answer,
        ):
            status, said = answer.status, await answer.text()
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
        return Finding("callback", False, f"{url} cannot be reached from here ({type(error).__name__})")
    if status == 200 and said == expected:
        return Finding("callback", True, f"{url} is answered by this account's settings")
    if status == 403:
        return Finding(
            "callback", False, f"{url} refuses: the server runs with another token or key, or its clock is wrong"
        )
    return Finding(
        "callback", False, f"{url} answers {status}, but not as the platform needs it: something else answers there"
    )


def running(platforms: Mapping[str, Any], name: str) -> list[Finding]:
    """Return what the running server has met on this platform since it started."""
    what = "running server"
    problems = platforms.get("problems", {}).get(name, [])
    counts: Mapping[str, int] = platforms.get("callbacks", {}).get(name, {})
    read, refused, locked = (counts.get(outcome, 0) for outcome in (READ, REFUSED, LOCKED))
    told = f"{read} callbacks read, {refused} refused for their signature or time, {locked} not to be decrypted"
    if not problems and refused >= TROUBLE and not read:
        problems = [f"{told}: if those are the platform's, its Token is another than `token`"]
    return [Finding(what, False, problem) for problem in problems] or [Finding(what, True, f"{told} since it started")]
