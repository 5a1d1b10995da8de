"""Callbacks that are not from WeChat, or not for us: none is accepted, none leaves a row, none is an error of ours."""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.app import App
from tests.fake_wechat import AES_KEY, TOKEN, US, Crypto, FakeWeChat, xml_of
from tests.fakes import Clock
from tests.wechat_apps import bot_on_wechat

ANNA = "o-anna"
Forgery = tuple[str, Mapping[str, str] | list[tuple[str, str]], bytes]


def genuine(fake: FakeWeChat, words: str = "我要退款") -> tuple[bytes, dict[str, str]]:
    body, query = fake.sealed(fake.message(ANNA, "text", Content=words))
    return body.encode(), query


def forgeries(fake: FakeWeChat) -> Iterator[Forgery]:
    """More than 500 of them, each with a name."""
    luck = random.Random(5)
    body, query = genuine(fake)
    right = query["msg_signature"]
    for name in ("timestamp", "nonce", "msg_signature"):
        yield f"without {name}", {one: value for one, value in query.items() if one != name}, body
        yield f"empty {name}", query | {name: ""}, body
        yield f"{name} twice", [*query.items(), (name, "1")], body
        yield f"{name} twice the same", [*query.items(), (name, query[name])], body
    yield "no query", {}, body
    yield "no body", query, b""
    for length in range(40):
        yield f"signature cut to {length}", query | {"msg_signature": right[:length]}, body
        wrong = "f" if right[length] != "f" else "0"
        changed = right[:length] + wrong + right[length + 1 :]
        yield f"signature changed at {length}", query | {"msg_signature": changed}, body
    for changed in (
        right.upper(),
        f" {right}",
        f"{right} ",
        f"{right}\n",
        f"{right}\x00",
        right + right,
        "0" * 40,
        "true",
    ):
        yield f"signature {changed[:45]!r}", query | {"msg_signature": changed}, body
    yield "full-width digits", query | {"msg_signature": "".join(chr(ord(c) + 0xFEE0) for c in right)}, body
    yield "the plain signature", query | {"msg_signature": query["signature"]}, body
    for seconds in range(1, 301, 10):
        moved = str(int(query["timestamp"]) + seconds)
        yield f"timestamp moved by {seconds}", query | {"timestamp": moved}, body
    for stamp in ("0", "-1", "1e10", "9" * 400, "１２３", "now", f"{query['timestamp']}.0", "0x6b0"):
        yield f"timestamp {stamp[:12]}", query | {"timestamp": stamp}, body
    for number in range(60):
        yield f"nonce {number}", query | {"nonce": str(luck.randrange(10**9))}, body
    start = body.index(b"<Encrypt>") + 20
    for number in range(120):
        place = luck.randrange(start, len(body) - 30)
        other = b"A" if body[place : place + 1] != b"A" else b"B"
        yield f"envelope changed {number}", query, body[:place] + other + body[place + 1 :]
    for number in range(70):
        yield f"envelope cut {number}", query, body[: -1 - luck.randrange(len(body) - 1)]
    for number in range(40):
        yield f"garbage {number}", query, luck.randbytes(luck.randrange(1, 3000))
    for token in ("", "A", TOKEN.upper(), f"{TOKEN} ", "weixin", *(f"guess{number}" for number in range(40))):
        yield f"token {token!r}", *signed_by(fake, Crypto(token=token))
    for number in range(20):
        stranger = Crypto(app_id=f"wx{number}", token=f"theirs{number}", aes_key=AES_KEY[::-1])
        yield f"another app {number}", *signed_by(fake, stranger)
    yield from downgrades(fake)


def signed_by(fake: FakeWeChat, crypto: Crypto) -> tuple[dict[str, str], bytes]:
    stamp, nonce = str(int(fake.clock())), "77"
    envelope = crypto.encrypt(xml_of(fake.message(ANNA, "text", Content="我要退款")))
    query = {"timestamp": stamp, "nonce": nonce, "signature": crypto.sign(stamp, nonce), "encrypt_type": "aes"}
    body = xml_of({"ToUserName": US, "Encrypt": envelope}).encode()
    return query | {"msg_signature": crypto.sign(stamp, nonce, envelope)}, body


def downgrades(fake: FakeWeChat) -> Iterator[Forgery]:
    """With a captured address, whose plain signature is right, anybody could put anything into a plain body."""
    _, query = genuine(fake)
    plain = xml_of(fake.message(ANNA, "text", Content="我要退款")).encode()
    captured = {name: query[name] for name in ("timestamp", "nonce", "signature")}
    for more in ({}, {"encrypt_type": "raw"}, {"encrypt_type": "aes"}, {"msg_signature": query["signature"]}, query):
        yield f"plain body with {sorted(more.items())}", captured | more, plain
        yield (
            f"plain and empty envelope with {sorted(more.items())}",
            captured | more,
            plain.replace(b"</xml>", b"<Encrypt/></xml>"),
        )
    twice = plain.replace(b"</xml>", b"<Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>")
    yield "two envelopes", query, twice
    for name, head in (("dtd", "<!DOCTYPE xml>"), ("entity", '<!DOCTYPE xml [<!ENTITY e "x">]>'), ("pi", "<?x y?>")):
        body, fresh = genuine(fake)
        yield f"{name} before the envelope", fresh, head.encode() + body


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> FakeWeChat:
    return FakeWeChat(lambda: clock().timestamp())


@pytest.fixture
async def app(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> AsyncIterator[App]:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        yield app


async def count(app: App, table: str = "inbox") -> int:
    async with app.database.reading() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() or 0)


async def test_no_forgery_is_accepted(fake: FakeWeChat, app: App) -> None:
    several = list(forgeries(fake))
    assert len({name for name, _, _ in several}) == len(several) >= 500
    statuses: dict[int, list[str]] = {}
    bodies = set()
    async with aiohttp.ClientSession() as http:
        for name, query, body in several:
            async with http.post(fake.callback, params=query, data=body) as answer:
                statuses.setdefault(answer.status, []).append(name)
                bodies.add(await answer.text())

    assert set(statuses) == {403}, {status: names[:5] for status, names in statuses.items()}
    assert bodies == {"no\n"}, "nothing is told about why"
    assert [await count(app, table) for table in ("inbox", "outbox", "conversations", "windows")] == [0, 0, 0, 0]
    assert await fake.says(ANNA, "我要退款"), "what is genuine still is"


async def test_address_is_verified_for_wechat_alone(fake: FakeWeChat, app: App) -> None:
    stamp = str(int(fake.clock()))
    right = {
        "timestamp": stamp,
        "nonce": "1",
        "signature": fake.crypto.sign(stamp, "1"),
        "echostr": "4375120948345356249",
    }
    async with aiohttp.ClientSession() as http:
        async with http.get(fake.callback, params=right) as answer:
            assert (answer.status, await answer.text()) == (200, "4375120948345356249")
            assert answer.content_type == "text/plain"
        for wrong in ({"signature": "0" * 40}, {"nonce": "2"}, {"timestamp": "1"}, {"signature": ""}):
            async with http.get(fake.callback, params=right | wrong) as answer:
                assert answer.status == 403


async def test_replay_changes_nothing(fake: FakeWeChat, app: App, clock: Clock) -> None:
    captured = [genuine(fake, f"第{number}句") for number in range(100)]
    async with aiohttp.ClientSession() as http:

        async def replay() -> list[tuple[int, bool]]:
            answers = []
            for body, query in captured:
                async with http.post(fake.callback, params=query, data=body) as answer:
                    answers.append((answer.status, (await answer.text()).startswith("<xml>")))
            return answers

        assert await replay() == [(200, True)] * 100
        assert await replay() == [(200, True)] * 100, "WeChat's own retry is answered the same"
        clock.wait(timedelta(minutes=4))
        app.adapters["wechat"]._under_way.clear()  # type: ignore[attr-defined]  # as after a restart
        assert {status for status, _ in await replay()} == {200}
        clock.wait(timedelta(minutes=2))
        assert {status for status, _ in await replay()} == {403}
    assert await count(app) == 100


async def test_genuine_signature_over_nonsense_is_answered_and_leaves_nothing(fake: FakeWeChat, app: App) -> None:
    """Whoever could sign this is WeChat, or has our keys; WeChat would show customers a fault for any other answer."""
    message = fake.message(ANNA, "text", Content="x")
    inner = [
        "", "hello", "{}", "[]", "<xml/>", "<xml><A>1</A></xml>", "<html/>", "<xml>",
        '<!DOCTYPE xml [<!ENTITY a "x">]><xml><FromUserName>&a;</FromUserName></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x">' + xml_of(message),
        "<xml>" + "<a>" * 2000 + "</a>" * 2000 + "</xml>",
        xml_of(message).replace("</xml>", "<FromUserName>o-ben</FromUserName></xml>"),
        *(xml_of({name: value for name, value in message.items() if name != missing}) for missing in
          ("FromUserName", "MsgType", "CreateTime", "MsgId")),
        *(xml_of(message | {"CreateTime": value}) for value in ("abc", "-5", "9" * 30, "１７")),
        *(xml_of(message | {"FromUserName": value}) for value in ("", " ", "a b", "a\nb", "x" * 5000)),
        *(xml_of(message | {"MsgType": value}) for value in ("", "x" * 300, "event")),
    ]  # fmt: skip
    async with aiohttp.ClientSession() as http:
        for one in inner:
            body, query = fake.sealed_text(one)
            async with http.post(fake.callback, params=query, data=body.encode()) as answer:
                assert (answer.status, await answer.text()) == (200, "success"), one[:80]
        for stranger in (Crypto(app_id="wxanother"), Crypto(aes_key="B" * 43)):
            query, raw = signed_by(fake, stranger)
            async with http.post(fake.callback, params=query, data=raw) as answer:
                assert (answer.status, await answer.text()) == (400, "cannot be read\n"), "it was not stored"
    assert await count(app) == 0


async def test_large_bodies_are_refused_unread(fake: FakeWeChat, app: App) -> None:
    _, query = genuine(fake)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    async with aiohttp.ClientSession() as http:
        for body in (b"<xml>" + b"a" * 70_000, drip()):
            try:
                async with http.post(fake.callback, params=query, data=body) as answer:
                    assert answer.status == 413
            except aiohttp.ClientConnectionError:
                pass  # it was refused before all was sent
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            async with http.request(method, fake.callback, params=query) as answer:
                assert answer.status == 405
    assert await count(app) == 0
