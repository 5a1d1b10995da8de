"""The web chat's API as docs/webchat-api.md promises it, asked of the real program."""

import asyncio
import hashlib
import io
import re
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from bot.app import App
from bot.server import Server as HttpServer
from bot.settings import Settings
from tests.customers import NUMBER, Answer, Customer, arrive, is_from_bot, new_id, positions
from tests.fakes import NOTHING_READ
from tests.pictures import CAMERA, COMMENT, SIZE, heic, jpeg, jpeg_of_home, png
from tests.servers import STOP_SECONDS, Server, free_port, running, shouhou
from tests.waiting import GENEROUS_SECONDS, until

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("webchat") / "data") as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def anna(http: aiohttp.ClientSession, server: Server) -> Customer:
    return await arrive(http, server.url)


@pytest.fixture
async def ben(http: aiohttp.ClientSession, server: Server) -> Customer:
    return await arrive(http, server.url, "en")


@asynccontextmanager
async def nobody_does_errands(data: Path, patience: int = 5) -> AsyncIterator[str]:
    """The web chat in this process, where a photo gets no receipt; closes idle connections after seconds. Its URL."""
    app = App(Settings(data=data, evidence=NOTHING_READ))
    await app.database.migrate()
    web = app.web_chat()
    app.add([web])
    port = free_port()
    pages = Starlette(routes=web.routes(app.dispatcher.accept))
    http = HttpServer(uvicorn.Config(pages, port=port, log_config=None, lifespan="off", timeout_keep_alive=patience))
    working = [asyncio.create_task(one) for one in (app.dispatcher.run(), web.run(app.dispatcher.accept))]
    serving = asyncio.create_task(http.serve())
    try:
        await until(lambda: http.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        http.should_exit = True
        await serving
        await app.stop()


# Sessions


async def test_session_asked_for_again_is_the_same(http: aiohttp.ClientSession, server: Server) -> None:
    asked = {"client_id": new_id(), "language": "en"}

    answers = [await (await http.post(f"{server.url}/api/sessions", json=asked)).json() for _ in range(2)]

    assert answers[0] == answers[1]


async def test_session_stores_nothing(anna: Customer) -> None:
    assert await anna.history() == []


async def test_session_needs_a_long_client_id(anna: Customer) -> None:
    answer = await anna.ask("POST", "/api/sessions", json={"client_id": "fifteen-letters"})

    assert answer.status == 400
    assert "client_id" in answer.error
    assert "16" in answer.error


@pytest.mark.parametrize("wrong", ["", "x", "z" * 45, "cut", "longer", "other letter", "other key", "全角"])
async def test_wrong_token_opens_nothing(anna: Customer, wrong: str) -> None:
    right = anna.token
    forged = {
        "cut": right[:-1],
        "longer": right + "A",
        "other letter": "e" + right[1:],
        "other key": right[:5] + ("A" if right[5] != "A" else "B") + right[6:],
        "全角": "全角".encode().decode("latin-1"),
    }
    anna.token = forged.get(wrong, wrong)

    asked = [
        await anna.ask("POST", "/api/messages", json={"client_id": "a", "text": "hi"}),
        await anna.ask("GET", "/api/messages?after=0"),
        await anna.ask("GET", "/api/stream?after=0"),
        await anna.ask("GET", "/api/photos/x"),
        await anna.ask("POST", "/api/files?client_id=a&name=b.jpg", data=b"x"),
    ]

    assert [answer.status for answer in asked] == [401] * 5
    assert all(answer.error for answer in asked)


async def test_first_words_go_with_the_request_for_a_session(http: aiohttp.ClientSession, server: Server) -> None:
    asked = {"client_id": new_id(), "language": "en", "first": {"client_id": "1", "text": "/start"}}

    answers = [await (await http.post(f"{server.url}/api/sessions", json=asked)).json() for _ in range(2)]

    assert answers[0] == answers[1]
    carla = Customer(http, server.url, answers[0]["token"])
    assert await carla.history() == answers[0]["messages"]
    assert answers[0]["messages"][1]["author"] == "bot"
    assert answers[0]["cursor"] == answers[0]["messages"][-1]["position"]


@pytest.mark.parametrize("first", ["hello", {"text": "hello"}, {"client_id": "1"}, {"client_id": "1", "text": " "}])
async def test_first_words_that_are_none_make_no_session(
    http: aiohttp.ClientSession, server: Server, first: object
) -> None:
    async with http.post(f"{server.url}/api/sessions", json={"client_id": new_id(), "first": first}) as response:
        assert response.status == 400
        assert "token" not in await response.json()


async def test_shop_is_told_without_a_token(http: aiohttp.ClientSession, server: Server) -> None:
    async with http.get(f"{server.url}/api/shop") as response:
        told = await response.json()

    assert told["name"]
    assert set(told["languages"]) >= {"zh-CN", "en"}


# Messages


async def test_message_is_answered_with_the_customers_line_first(anna: Customer) -> None:
    told = await anna.say("/start")

    assert (told[0]["author"], told[0]["text"]) == ("customer", "/start")
    assert {message["author"] for message in told[1:]} == {"bot"}
    assert CHINESE.search(told[1]["text"])
    assert {"refund", "status"} <= {button["id"] for button in told[-1]["buttons"]}
    assert positions(told) == sorted(set(positions(told)))


async def test_message_has_the_fields_that_the_page_says(anna: Customer) -> None:
    message = (await anna.say("/start"))[0]

    assert set(message) == {"position", "author", "at", "text", "buttons", "photo", "files"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", message["at"])
    assert message["photo"] is None


@pytest.mark.parametrize(
    "what", [{"text": "/start"}, {"text": "水壶收到就是裂的"}, {"button": "status"}, {"button": "no such"}]
)
async def test_repeat_changes_nothing_and_answers_the_same(anna: Customer, what: dict[str, str]) -> None:
    id_ = new_id()

    first = await anna.post(client_id=id_, **what)
    told = await anna.history()
    again = await anna.post(client_id=id_, **what)

    assert first.status == 200
    assert again.body == first.body
    assert await anna.history() == told == first.messages


async def test_repeat_with_other_words_answers_the_first(anna: Customer) -> None:
    id_ = new_id()

    first = await anna.post(client_id=id_, text="/start")
    again = await anna.post(client_id=id_, text="/status")

    assert again.body == first.body


async def test_repeat_after_more_was_said_answers_the_same(anna: Customer) -> None:
    id_ = new_id()
    first = await anna.post(client_id=id_, text="我要退款")
    await anna.say("2100000000001")
    await anna.press("language.en")

    assert (await anna.post(client_id=id_, text="我要退款")).body == first.body


async def test_ten_repeats_at_once_have_one_effect(anna: Customer) -> None:
    id_ = new_id()

    answers = await asyncio.gather(*(anna.post(client_id=id_, text="你好") for _ in range(10)))

    assert {answer.body for answer in answers} == {answers[0].body}
    assert await anna.history() == answers[0].messages


async def test_same_client_id_of_two_customers_is_two_messages(anna: Customer, ben: Customer) -> None:
    await anna.post(client_id="same", text="你好")

    told = (await ben.post(client_id="same", text="hello")).messages

    assert told[0]["text"] == "hello"
    assert await ben.history() == told


async def test_pressed_button_is_heard_as_its_label(anna: Customer) -> None:
    offered = {button["id"]: button["label"] for button in (await anna.say("/start"))[-1]["buttons"]}

    told = await anna.press("status")

    assert told[0]["text"] == offered["status"]
    assert told[1]["author"] == "bot"


async def test_button_of_an_older_message_may_still_be_pressed(anna: Customer) -> None:
    await anna.say("/start")
    await anna.press("ask")

    told = await anna.press("language.en")

    assert "English" in told[1]["text"]


async def test_messages_after_a_cursor(anna: Customer) -> None:
    first = await anna.post(text="/start")
    second = await anna.post(text="/status")

    assert await anna.after(0) == first.messages + second.messages
    assert await anna.after(first.json["cursor"]) == second.messages
    assert await anna.after(first.messages[0]["position"]) == first.messages[1:] + second.messages
    assert await anna.after(second.json["cursor"]) == []


async def test_empty_page_keeps_the_cursor(anna: Customer) -> None:
    answer = await anna.ask("GET", "/api/messages?after=77")

    assert answer.json == {"messages": [], "cursor": 77}


async def test_long_history_comes_in_pages_of_two_hundred(anna: Customer) -> None:
    for _ in range(11):
        await asyncio.gather(*(anna.say("/status") for _ in range(20)))

    first = await anna.after(0)

    assert len(first) == 200
    told = await anna.history()
    assert len(told) > 400
    assert positions(told) == sorted(set(positions(told)))


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 30, "１"])
async def test_wrong_cursor_is_named(anna: Customer, after: str) -> None:
    for path in ("/api/messages", "/api/stream"):
        answer = await anna.ask("GET", path, params={"after": after})
        assert (answer.status, "after" in answer.error) == (400, True)


async def test_errors_are_in_the_customers_language(anna: Customer, ben: Customer) -> None:
    assert CHINESE.search((await anna.post(text="")).error)
    assert not CHINESE.search((await ben.post(text="")).error)


@pytest.mark.parametrize("how", [{"button": "language.en"}, {"text": "My kettle arrived with a crack"}], ids=str)
async def test_errors_follow_the_conversations_language(anna: Customer, how: dict[str, str]) -> None:
    """Her session began in Chinese; then she chose English, or wrote it."""
    sent = await anna.post(**how)
    assert not CHINESE.search(sent.messages[-1]["text"])

    refused = [
        await anna.post(text="long " * 5000),
        await anna.post(text=""),
        await anna.upload(bytes(20 * (1 << 20) + 1), "large.jpg"),
        await anna.ask("GET", "/api/photos/nothing"),
    ]

    assert [answer.status for answer in refused] == [413, 400, 413, 404]
    assert not any(CHINESE.search(answer.error) for answer in refused)


async def test_error_without_a_session_is_in_the_browsers_language(anna: Customer) -> None:
    anna.token = "gone"

    zh = await anna.ask("GET", "/api/messages", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    en = await anna.ask("GET", "/api/messages", headers={"Accept-Language": "en-US"})

    assert CHINESE.search(zh.error)
    assert not CHINESE.search(en.error)


# The stream


async def test_stream_begins_after_the_cursor(anna: Customer) -> None:
    told = await anna.say("/start")

    message = await anna.hears(lambda _: True, after=told[0]["position"])

    assert message == told[1]


async def test_stream_rings_for_what_is_said_meanwhile(anna: Customer) -> None:
    async with asyncio.timeout(GENEROUS_SECONDS), anna.stream() as stream:
        told = await anna.say("/start")
        heard = [await anext(stream) for _ in told]

    assert heard == told


async def test_stream_rings_for_a_photo_before_its_receipt(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Another tab of the same customer sees it at once, not with the receipt or the next heartbeat."""
    async with nobody_does_errands(tmp_path / "data") as url:
        anna = await arrive(http, url)
        told = await anna.say("/start")
        async with asyncio.timeout(GENEROUS_SECONDS), anna.stream() as stream:
            assert [await anext(stream) for _ in told] == told
            sent = await anna.upload(jpeg("other tab"))

            assert await anext(stream) == sent.messages[0]


async def test_stream_goes_on_with_last_event_id(anna: Customer) -> None:
    told = await anna.say("/start")
    last = str(told[1]["position"])
    headers = {"Authorization": f"Bearer {anna.token}", "Last-Event-ID": last}

    async with asyncio.timeout(GENEROUS_SECONDS), anna.http.get(f"{anna.url}/api/stream", headers=headers) as response:
        line = await response.content.readline()

    assert line.decode().strip() == f"id: {told[2]['position']}"


async def test_stream_cut_again_and_again_loses_and_doubles_nothing(anna: Customer) -> None:
    async def talk() -> None:
        for number in range(60):
            await anna.say("/status" if number % 3 else "/start")

    talking = asyncio.create_task(talk())
    heard: list[int] = []
    cuts = 0
    async with asyncio.timeout(GENEROUS_SECONDS):
        while not talking.done() or heard != positions(await anna.history()):
            async with anna.stream(heard[-1] if heard else 0) as stream:
                for _ in range(1 + cuts % 5):
                    if talking.done() and heard == positions(await anna.history()):
                        break
                    heard.append((await anext(stream))["position"])
            cuts += 1
    await talking

    assert cuts > 20
    assert heard == positions(await anna.history())


async def test_two_streams_of_one_customer_hear_the_same(anna: Customer) -> None:
    async with asyncio.timeout(GENEROUS_SECONDS), anna.stream() as one, anna.stream() as other:
        told = await anna.say("/start")

        assert [await anext(one) for _ in told] == [await anext(other) for _ in told] == told


async def test_stream_is_one_customers_own(anna: Customer, ben: Customer) -> None:
    await anna.say("我的秘密")
    told = await ben.say("/start")

    async with asyncio.timeout(GENEROUS_SECONDS), ben.stream() as stream:
        assert [await anext(stream) for _ in told] == told


# Photos


async def photo_copy(customer: Customer, id_: str) -> Answer:
    """Asks until it is there."""

    async def is_there() -> bool:
        return (await customer.ask("GET", f"/api/photos/{id_}")).status != 404

    await until(is_there)
    return await customer.ask("GET", f"/api/photos/{id_}")


async def test_file_is_stored_and_its_receipt_comes_through_the_stream(anna: Customer) -> None:
    sent = await anna.upload(jpeg("dent"), "dent.jpg", caption="看这里")

    assert sent.messages[0]["photo"]["name"] == "dent.jpg"
    assert sent.messages[0]["text"] == "看这里"
    receipt = await anna.hears(lambda message: "✓" in message["text"], after=sent.json["cursor"])
    assert receipt["author"] == "bot"


async def test_file_sent_again_is_one_file(anna: Customer) -> None:
    id_ = new_id()

    answers = await asyncio.gather(*(anna.upload(jpeg("twice"), client_id=id_) for _ in range(5)))

    assert {answer.body for answer in answers} == {answers[0].body}
    await anna.hears(lambda message: "✓" in message["text"])
    assert sum(message["photo"] is not None for message in await anna.history()) == 1


@pytest.mark.parametrize(("name", "make"), [("a.png", png), ("IMG_0001.HEIC", heic), ("a.jpg", jpeg)])
async def test_photo_is_shown_as_a_jpeg_whatever_it_was(anna: Customer, name: str, make: Callable[[], bytes]) -> None:
    sent = await anna.upload(make(), name)

    answer = await photo_copy(anna, sent.messages[0]["photo"]["id"])

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.body)) as image:
        assert (image.format, image.size) == ("JPEG", SIZE)


async def test_photo_is_kept_as_it_came_and_shown_without_the_place(anna: Customer, server: Server) -> None:
    original = jpeg_of_home()
    with Image.open(io.BytesIO(original)) as image:
        assert image.getexif().get_ifd(0x8825), "the picture of this test has no place in it"

    sent = await anna.upload(original, "home.jpg")
    answer = await photo_copy(anna, sent.messages[0]["photo"]["id"])

    digest = hashlib.sha256(original).hexdigest()
    assert [file.read_bytes() for file in (server.data / "evidence").rglob(digest)] == [original]
    with Image.open(io.BytesIO(answer.body)) as image:
        image.load()
        assert dict(image.getexif()) == {}
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(image.info)
        assert image.size == SIZE[::-1], "shown upright"
    for trace in (b"Exif", b"GPS", CAMERA, COMMENT, b"xmpmeta"):
        assert trace not in answer.body


async def test_photo_is_its_customers_own(anna: Customer, ben: Customer) -> None:
    sent = await anna.upload(jpeg("private"))
    id_ = sent.messages[0]["photo"]["id"]
    assert (await photo_copy(anna, id_)).status == 200

    answer = await ben.ask("GET", f"/api/photos/{id_}")

    assert answer.status == 404
    assert answer.error
    assert answer.body == (await ben.ask("GET", "/api/photos/nothing")).body


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.jpg", "a\x00b\u202e.jpg", "x" * 500 + ".jpg", "", "<img src=x>.jpg"]
)
async def test_file_name_is_only_shown(anna: Customer, name: str) -> None:
    sent = await anna.upload(jpeg("named"), name)

    shown = sent.messages[0]["photo"]["name"]
    assert 0 < len(shown) <= 100
    assert not set(shown) & set("/\\\x00\u202e")


# Bodies that are too large


async def test_too_large_file_is_read_to_its_end_before_the_answer(tmp_path: Path) -> None:
    """A browser looks at the answer only after it has sent everything, and a phone's network pauses."""
    size = 21 << 20
    no_reuse = aiohttp.TCPConnector(force_close=True)
    async with (
        nobody_does_errands(tmp_path / "data", patience=0) as url,
        aiohttp.ClientSession(connector=no_reuse) as http,
    ):
        anna = await arrive(http, url)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(head("/api/files?client_id=a", anna.token, size))
        for _ in range(5):
            await anna.ask("GET", "/api/shop")  # time enough to answer too soon, and to close
        writer.write(bytes(size))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), GENEROUS_SECONDS)
        writer.close()

    assert b" 413 " in answer


async def test_body_without_end_is_cut_off(anna: Customer, server: Server) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head("/api/messages", anna.token, 1 << 40))

    async def pour() -> None:
        while True:
            writer.write(bytes(1 << 20))
            await writer.drain()

    async with asyncio.timeout(GENEROUS_SECONDS):
        with pytest.raises(ConnectionError):
            await pour()


def head(path: str, token: str, size: int) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", f"Content-Length: {size}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


# What a browser is told


async def test_security_headers(anna: Customer) -> None:
    sent = await anna.upload(jpeg("headers"))
    copy = await photo_copy(anna, sent.messages[0]["photo"]["id"])
    answers = [
        await anna.ask("GET", "/"),
        await anna.ask("GET", "/page/icon.svg"),
        await anna.ask("GET", "/page/examples/whole_item.png"),
        await anna.ask("GET", "/embed.js"),
        await anna.ask("GET", "/api/shop"),
        await anna.ask("GET", "/api/messages"),
        await anna.post(text="/start"),
        await anna.post(text=""),
        await anna.ask("GET", "/api/photos/none"),
        copy,
    ]

    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert "Server" not in answer.headers
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    for answer in answers[4:]:
        assert answer.headers["Cache-Control"] == "no-store"


async def test_page_is_sent_once_and_small(anna: Customer) -> None:
    first = await anna.ask("GET", "/")
    plain = await anna.ask("GET", "/", headers={"Accept-Encoding": "identity"})
    again = await anna.ask("GET", "/", headers={"If-None-Match": first.headers["Etag"]})

    assert int(first.headers["Content-Length"]) < 50_000
    assert first.body == plain.body
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


async def test_unknown_paths_and_methods_answer_with_a_sentence(anna: Customer) -> None:
    nothing = await anna.ask("GET", "/api/nothing")
    wrong_method = await anna.ask("DELETE", "/api/messages")

    assert (nothing.status, wrong_method.status) == (404, 404)
    assert nothing.error
    assert wrong_method.error


async def test_nothing_outside_the_page_is_served(anna: Customer) -> None:
    for path in (
        "/page/../adapter.py",
        "/page/%2e%2e/adapter.py",
        "/page/..%2fadapter.py",
        "/page/chat.js",
        "/control/case.list",
        "/data/shouhou.db",
    ):
        answer = await anna.ask("GET", path)
        assert answer.status in (404, 405), path
        assert b"import" not in answer.body
    assert (await anna.ask("POST", "/control/case.list", json={})).status == 404


# Agents, through the running server


async def test_decision_and_refund_reach_the_customer(anna: Customer, server: Server) -> None:
    number = await anna.claims()
    cursor = (await anna.history())[-1]["position"]
    assert number in server.case("list")
    assert number in server.case_shown(number)["number"]

    async with asyncio.timeout(GENEROUS_SECONDS), anna.stream(cursor) as stream:
        await asyncio.to_thread(server.case, "approve", number, "--amount", "59.00")
        approved = await anext(stream)
        await asyncio.to_thread(server.case, "refunded", number)
        refunded = await anext(stream)

    for told in (approved, refunded):
        assert number in told["text"]
        assert "59.00" in told["text"]
    status = await anna.say("/status")
    assert "59.00" in status[1]["text"]
    assert "审核通过" in status[1]["text"]
    assert "已退款" in status[1]["text"]
    assert number not in server.case("list")
    assert number in server.case("list", "--all")


async def test_questions_replies_and_rejections_reach_the_customer(anna: Customer, server: Server) -> None:
    number = await anna.claims()
    cursor = (await anna.history())[-1]["position"]

    server.case("ask", number, "请拍一下壶底的型号")
    asked = await anna.hears(is_from_bot, after=cursor)
    assert "请拍一下壶底的型号" in asked["text"]
    assert "请拍一下壶底的型号" in (await anna.say("/status"))[1]["text"]

    await anna.say("型号是 KX-200，贴纸在壶底")
    assert "KX-200" in (await anna.say("/status"))[1]["text"]

    server.case("reply", number, "谢谢，收到了", "--agent", "mei")
    replied = await anna.hears(lambda message: message["author"] == "agent")
    assert replied["text"] == "谢谢，收到了"

    server.case("show", number, "--agent", "mei")
    server.case("reject", number, "--reason", "划痕不影响使用", "--next", "可以申请换货", "--agent", "mei")
    rejected = await anna.hears(lambda message: "划痕不影响使用" in message["text"])
    assert "可以申请换货" in rejected["text"]
    assert "划痕不影响使用" in (await anna.say("/status"))[1]["text"]


async def test_decision_after_new_evidence_needs_another_look(anna: Customer, server: Server) -> None:
    number = await anna.claims()
    before = server.case_shown(number, "--agent", "mei")["evidence_count"]
    sent = await anna.upload(jpeg("late"), "late.jpg")
    await anna.hears(is_from_bot, after=sent.json["cursor"])

    refused = server.shouhou("case", "approve", number, "--amount", "59", "--agent", "mei")

    assert refused.returncode == 1
    assert f"shouhou case show {number}" in refused.stderr
    assert "审核通过" not in (await anna.say("/status"))[1]["text"]
    assert server.case_shown(number, "--agent", "mei")["evidence_count"] == before + 1
    assert "59.00" in server.case("approve", number, "--amount", "59", "--agent", "mei")


async def test_case_cannot_be_approved_twice(anna: Customer, server: Server) -> None:
    number = await anna.claims()
    server.case("approve", number, "--amount", "59")

    again = server.shouhou("case", "approve", number, "--amount", "59")

    assert again.returncode == 1
    assert "approved" in again.stderr
    assert sum("59.00" in message["text"] for message in await anna.history()) == 1


async def test_status_of_anothers_number_finds_nothing(anna: Customer, ben: Customer) -> None:
    number = await anna.claims()

    told = [*await ben.say(f"/status {number}"), *await ben.press(f"status:{number}"), *await ben.say(number)]

    said = [message["text"] for message in told if message["author"] == "bot"]
    assert not any(number in text for text in said)
    assert not any("2100000000001" in text for text in said)
    for button in ("withdraw_now", "add", "photo_for"):
        await ben.press(f"{button}:{number}")
    assert number in (await anna.say("/status"))[1]["text"]
    assert "撤销了" not in (await anna.say("/status"))[1]["text"]


async def test_unknown_case_is_a_sentence(server: Server) -> None:
    done = server.shouhou("case", "show", "KS-AAA-AAA-AAA")

    assert done.returncode == 1
    assert done.stderr.strip() == "Error: there is no case KS-AAA-AAA-AAA"


async def test_waiting_conversation_can_be_answered(anna: Customer, server: Server) -> None:
    await anna.press("human")
    listed = server.case("list")
    address = next(line.split()[0] for line in reversed(listed.splitlines()) if line.startswith("webchat:"))

    server.case("reply", address, "您好，我是小梅")

    assert (await anna.hears(lambda message: message["author"] == "agent"))["text"] == "您好，我是小梅"
    assert address not in server.case("list")


# The process


async def test_sigterm_ends_open_streams_and_the_process(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        customer = await arrive(http, server.url)
        told = await customer.say("/start")
        async with asyncio.timeout(STOP_SECONDS), customer.stream() as stream:
            heard = [await anext(stream) for _ in told]
            server.signal(signal.SIGTERM)
            heard += [message async for message in stream]
            code = await asyncio.to_thread(server.wait, STOP_SECONDS)

        assert code == 0
        assert heard == told
        assert not (server.data / "server.json").exists()


async def test_restart_keeps_the_conversation(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        customer = await arrive(http, server.url)
        id_ = new_id()
        first = await customer.post(client_id=id_, text="我要退款")
        sent = await customer.upload(jpeg("before"))
        await customer.hears(is_from_bot, after=sent.json["cursor"])
        told = await customer.history()

        server.stop()
        server.start()

        assert await customer.history() == told
        assert (await customer.post(client_id=id_, text="我要退款")).body == first.body
        assert (await customer.ask("GET", f"/api/photos/{sent.messages[0]['photo']['id']}")).status == 200
        answer = await customer.say("2100000000001")
        assert any("refund.reason:" in button["id"] for button in answer[-1]["buttons"]), "the form goes on"


async def test_killed_server_has_lost_nothing_it_acknowledged(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        customers = [await arrive(http, server.url) for _ in range(5)]
        acknowledged: list[tuple[Customer, str, bytes]] = []

        async def talk(customer: Customer) -> None:
            while True:
                id_ = new_id()
                answer = await customer.post(client_id=id_, text="/status")
                acknowledged.append((customer, id_, answer.body))

        talking = [asyncio.create_task(talk(customer)) for customer in customers]
        await until(lambda: len(acknowledged) >= 50)
        server.kill()
        ended = await asyncio.gather(*talking, return_exceptions=True)
        assert all(isinstance(error, aiohttp.ClientError) for error in ended)
        assert "KS" not in server.case("list"), "its door is still there, and the command line goes in by itself"
        server.start()

        for customer, id_, body in acknowledged:
            assert (await customer.post(client_id=id_, text="/status")).body == body


def test_second_start_on_the_same_folder_says_where_it_runs(server: Server) -> None:
    second = server.shouhou("start", "--port", str(Server(server.data).port))

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert server.url in second.stderr
    assert "Traceback" not in second.stderr
    assert server.is_up()


async def test_server_whose_part_fails_serves_on_and_says_which_until_it_runs_again(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """A damaged row: nobody is reminded of anything until it is put right, and all else goes on."""
    data = tmp_path / "data"
    with running(data):
        pass
    with closing(sqlite3.connect(data / "shouhou.db")) as database, database:
        database.execute("INSERT INTO reminders VALUES ('1', 'webchat:1', 'case.overdue', '1', 'tomorrow', 'due')")
    with running(data) as server:

        async def down() -> object:
            async with http.get(f"{server.url}/readyz") as response:
                return (await response.json())["checks"]["tasks"].get("down")

        async def is_down() -> bool:
            return await down() == ["reminders"]

        async def is_up() -> bool:
            return not await down()

        await until(is_down)
        anna = await arrive(http, server.url, "en")
        assert any("after-sales bot" in one["text"] for one in await anna.say("hello"))
        with closing(sqlite3.connect(data / "shouhou.db", timeout=10)) as database, database:
            database.execute("UPDATE reminders SET state = 'done'")
        await until(is_up)
    log = server.log.read_text("utf-8")
    assert '"part": "reminders", "where": "ValueError < ' in log
    assert "Traceback" not in log


def test_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = shouhou("start", "--data", str(tmp_path / "data"), "--port", port, cwd=tmp_path)

    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


# Settings


def test_settings_are_listed_with_where_they_came_from(tmp_path: Path) -> None:
    (tmp_path / "shouhou.toml").write_text('[shop]\nname = "小店"\n', "utf-8")

    done = shouhou("settings", cwd=tmp_path, variables={"SHOUHOU_WEB__PORT": "9001"})

    assert done.returncode == 0, done.stderr
    assert "shop.name = 小店\n    from shouhou.toml;" in done.stdout
    assert "web.port = 9001\n    from SHOUHOU_WEB__PORT;" in done.stdout
    assert "web.host = 127.0.0.1\n    from default;" in done.stdout


def test_everything_wrong_in_the_settings_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('language = "fr"\n[web]\nprot = 1\n[promise]\nreview_workdays = 0\n', "utf-8")

    for command in (["settings"], ["start"]):
        done = shouhou(
            "--settings",
            str(file),
            *command,
            cwd=tmp_path,
            variables={"SHOUHOU_WBE__HOST": "x", "SHOUHOU_WEB__PORT": "99999"},
        )

        assert done.returncode == 1
        lines = done.stderr.splitlines()
        for source, key in (
            (str(file), "web.prot"),
            (str(file), "language"),
            (str(file), "promise.review_workdays"),
            ("SHOUHOU_WBE__HOST", "wbe.host"),
            ("SHOUHOU_WEB__PORT", "web.port"),
        ):
            assert any(source in line and f"'{key}'" in line for line in lines), (source, key, lines)
        assert "did you mean 'web.port'" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "content", ["[web\n", "\ufeff[web]\nport=1", "web = 5", "[web.port]\nx = 1", "[[web]]\nport = 1"]
)
def test_broken_settings_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "shouhou.toml").write_text(content, "utf-8")

    done = shouhou("settings", cwd=tmp_path)

    assert done.returncode == 1
    assert "shouhou.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_settings_file_is_named(tmp_path: Path) -> None:
    done = shouhou("--settings", "nowhere.toml", "settings", cwd=tmp_path)

    assert done.returncode == 1
    assert "nowhere.toml" in done.stderr


def test_case_numbers_are_as_we_read_them() -> None:
    from bot.model.case import new_case_number

    assert NUMBER.fullmatch(new_case_number())
