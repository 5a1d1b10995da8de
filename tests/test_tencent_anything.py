"""Any body with any query at the addresses that Tencent's platforms call: an answer as foreseen, never an error of ours."""

import asyncio
import json
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from starlette.applications import Starlette
from starlette.types import Message

from bot.app import App
from bot.event_loop import new_event_loop
from tests.fake_wechat import AES_KEY, APP_ID, TOKEN, US, Crypto, xml_of
from tests.fake_wecom import ACCOUNT, CORP_ID
from tests.fakes import Clock
from tests.waiting import until
from tests.wechat_apps import mini_settings, wechat_settings, wecom_settings

NOWHERE = "http://127.0.0.1:9"
PLATFORMS = ("wechat", "wechat, plain", "miniprogram", "wecom")
PLAIN = {"": {}, "plain": {"mode": "plain", "aes_key": ""}}
FORESEEN = (200, 400, 403, 413)
ENCODINGS = ("gb2312", "gbk", "big5", "utf-16", "UTF-32", "latin-1", "hex", "rot13", "idna", "", "x" * 300, "utf-8")
STAMP = str(int(Clock()().timestamp()))
HEAD = {"ToUserName": US, "FromUserName": "o-anna", "CreateTime": int(STAMP), "MsgType": "text"}


def with_head(fields: dict[str, str]) -> some.SearchStrategy[bytes]:
    """A message with these fields, or with one field that it needs left out; in XML or in JSON."""
    messages = some.sampled_from(("", *HEAD, "MsgId")).map(
        lambda lacking: {name: value for name, value in (HEAD | {"MsgId": "1"} | fields).items() if name != lacking}
    )
    return messages.flatmap(
        lambda message: some.sampled_from((json.dumps(message).encode(), xml_of(message).encode("utf-8", "replace")))
    )


declarations = some.sampled_from(ENCODINGS).map(lambda name: f'<?xml version="1.0" encoding="{name}"?>'.encode())
documents = some.one_of(
    some.binary(max_size=300),
    some.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    some.sampled_from(
        (
            b"", b"\xff\xfe<\x00x\x00>\x00", b"<xml/>", b"<xml>", b"<xml></xml>", b"{}", b"[]", b"null", b'{"Encrypt": 1}',
            b"<a>" * 8000 + b"</a>" * 8000, b"<xml>" + b"a" * 65_000 + b"</xml>", b"x" * 70_000, b"[" * 30_000,
            b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', b"<xml><Encrypt>&#0;</Encrypt></xml>",
            "<xml><Encrypt>密文</Encrypt></xml>".encode("gbk"), b"<xml><Encrypt>=</Encrypt></xml>", b"\xef\xbb\xbf<xml/>",
        )
    ),
    some.fixed_dictionaries(
        {},
        optional={
            name: some.one_of(some.text(max_size=40), some.sampled_from(("text", "event", "image", STAMP, "a b")))
            for name in ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "MsgId", "Content",
                         "MediaId", "PicUrl", "Title", "OpenKfId", "Token", "Encrypt", "SubscribeMsgPopupEvent")
        },
    ).flatmap(with_head),
    some.recursive(
        some.one_of(some.none(), some.booleans(), some.floats(), some.text(max_size=20)),
        lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    ).map(lambda value: json.dumps(HEAD | {"MsgId": value, "Content": value}).encode()),
)  # fmt: skip
bodies = some.one_of(documents, some.builds(bytes.__add__, declarations, documents))
texts = some.one_of(some.text(max_size=60), some.sampled_from(("", "0" * 40, STAMP, "９", "9" * 5000, "\x00", "%ff")))
queries = some.dictionaries(
    some.sampled_from(("timestamp", "nonce", "signature", "msg_signature", "echostr", "encrypt_type", "x")), texts
)
raw_queries = some.one_of(
    queries.map(lambda query: urlencode(query, errors="surrogatepass").encode()), some.binary(max_size=60).map(
        lambda raw: quote_from_bytes(raw, safe="&=;%").encode()
    )
)  # fmt: skip


def sealed(crypto: Crypto, inner: bytes, *, as_json: bool) -> tuple[bytes, bytes]:
    """Signed and encrypted as the platform would; `inner` need not be text."""
    envelope = crypto.encrypt(inner)
    outer = {"ToUserName": US, "Encrypt": envelope}
    query = signed(crypto, envelope)
    return urlencode(query).encode(), (json.dumps(outer) if as_json else xml_of(outer)).encode()


def signed(crypto: Crypto, *covered: str) -> dict[str, str]:
    signature = {"signature": crypto.sign(STAMP, "1"), "msg_signature": crypto.sign(STAMP, "1", *covered)}
    return {"timestamp": STAMP, "nonce": "1", **signature}


Ask = Callable[[str, bytes, bytes], int]


def database_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name}


@contextmanager
def asking(platform: str) -> Iterator[tuple[Ask, Crypto]]:
    """The platform's route of a whole bot: a call with method, query and body returns the status."""
    name, _, mode = platform.partition(", ")
    loop, threads = new_event_loop(), database_threads()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ours = {
            "wechat": lambda: wechat_settings(data, NOWHERE, buttons="list", **PLAIN[mode]),
            "miniprogram": lambda: mini_settings(data, NOWHERE),
            "wecom": lambda: wecom_settings(data, NOWHERE),
        }[name]()

        async def begin() -> tuple[App, Starlette, asyncio.Task[None]]:
            app = App(ours, clock=Clock())
            adapter = {"wechat": app.wechat, "miniprogram": app.mini_program, "wecom": app.wecom}[name]()
            app.add([adapter])
            await app.database.migrate()
            dispatching = asyncio.create_task(app.dispatcher.run())
            return app, Starlette(routes=list(adapter.routes(app.dispatcher.accept))), dispatching

        app, routes, dispatching = loop.run_until_complete(begin())
        try:
            yield (
                lambda method, query, body: loop.run_until_complete(status_of(routes, name, method, query, body)),
                Crypto(CORP_ID if name == "wecom" else APP_ID, TOKEN, AES_KEY),
            )
        finally:
            # Before the database is closed: what reads an account would open it again.
            tasks = {dispatching, *asyncio.all_tasks(loop)}
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks))
            loop.run_until_complete(app.stop())
            loop.run_until_complete(until(lambda: not database_threads() - threads))  # what was cut off ends in them
            loop.close()


async def status_of(routes: Starlette, name: str, method: str, query: bytes, body: bytes) -> int:
    """Raises what the application raises."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    def send(message: Message) -> Awaitable[None]:
        sent.append(message)
        return asyncio.sleep(0)

    headers = [(b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": method, "path": f"/{name}", "query_string": query, "headers": headers}
    await routes(scope, receive, send)
    return int(sent[0]["status"])


UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_whatever_is_unsigned_gets_a_plain_refusal(platform: str) -> None:
    with asking(platform) as (ask, _):

        @settings(max_examples=150, derandomize=True, **UNHURRIED)  # type: ignore[arg-type]
        @given(some.sampled_from(("GET", "POST")), raw_queries, bodies)
        def check(method: str, query: bytes, body: bytes) -> None:
            assert ask(method, query, body) in (403, 413)

        check()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_whatever_is_signed_is_answered(platform: str) -> None:
    with asking(platform) as (ask, crypto):

        @settings(max_examples=150, derandomize=True, **UNHURRIED)  # type: ignore[arg-type]
        @given(bodies, some.booleans(), some.booleans())
        def check(body: bytes, is_sealed: bool, as_json: bool) -> None:
            query, content = sealed(crypto, body, as_json=as_json) if is_sealed else (b"", body)
            if not is_sealed:
                query = urlencode(signed(crypto)).encode()
            assert ask("POST", query, content) in FORESEEN

        check()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_document_of_an_encoding_that_nobody_knows_is_refused(platform: str, encoding: str) -> None:
    """It was an error of ours before anybody had looked at the signature."""
    document = f'<?xml version="1.0" encoding="{encoding}"?><xml><Encrypt>AAAA</Encrypt></xml>'.encode()
    with asking(platform) as (ask, _):
        assert (
            ask("POST", urlencode({"timestamp": STAMP, "nonce": "1", "msg_signature": "0"}).encode(), document) == 403
        )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_message_that_lacks_a_field_is_answered(platform: str) -> None:
    message = HEAD | {"MsgId": "1", "Content": "运费谁出？"}
    with asking(platform) as (ask, crypto):
        for lacking in message:
            left = {name: value for name, value in message.items() if name != lacking}
            for body, as_json in ((xml_of(left).encode(), False), (json.dumps(left).encode(), True)):
                for query, content in (
                    (urlencode(signed(crypto)).encode(), body),
                    sealed(crypto, body, as_json=as_json),
                ):
                    assert ask("POST", query, content) in FORESEEN


ACCOUNTS = (ACCOUNT, "", "\ud800", "a/b", "wk" * 200)


def test_ring_of_a_strange_account_is_not_heard() -> None:
    with asking("wecom") as (ask, crypto):
        for account in ACCOUNTS:
            fields = {"Event": "kf_msg_or_event", "Token": "\x7f", "OpenKfId": account, "CreateTime": int(STAMP)}
            query, body = sealed(crypto, xml_of(fields).encode("utf-8", "replace"), as_json=False)
            assert ask("POST", query, body) == 200
