"""Files on the web chat: those that our messages bring, and the copies of photos; each customer's own."""

import hashlib
import io
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.adapters.webchat.render import attachment
from bot.store.objects import key_of
from tests.customers import Answer, Customer, arrive
from tests.pictures import jpeg
from tests.servers import Server
from tests.shop_with_files import PDF, PDF_NAME, PICTURE, running_with_files
from tests.waiting import until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_with_files(tmp_path_factory.mktemp("files") / "data") as server:
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


async def brought(customer: Customer) -> list[dict[str, Any]]:
    """The files of what the bot says to /files, message by message."""
    said = await customer.say("/files")
    return [file for message in said for file in message["files"]]


# In messages


async def test_message_tells_its_files(anna: Customer) -> None:
    said = {message["text"]: message for message in await anna.say("/files")}

    assert said["/files"]["files"] == []
    assert said["One example."]["files"] == [
        {
            "name": "Example: a kettle, whole in the picture",
            "kind": "image/png",
            "url": "/page/examples/whole_item.png",
        }
    ]
    pack = said["Your pack, and a picture of it."]
    assert [(file["kind"], file["url"]) for file in pack["files"]] == [
        ("image/jpeg", f"/api/files/{pack['position']}/0"),
        ("application/pdf", f"/api/files/{pack['position']}/1"),
    ]
    assert (await anna.history())[-len(said) :] == list(said.values()), "the same when it is read again"


async def test_example_is_everybodys_and_may_be_kept_for_a_day(http: aiohttp.ClientSession, server: Server) -> None:
    async with http.get(f"{server.url}/page/examples/whole_item.png") as response:
        assert response.status == 200
        assert response.content_type == "image/png"
        assert response.headers["Cache-Control"] == "public, max-age=86400"
        with Image.open(io.BytesIO(await response.read())) as image:
            assert image.size == (480, 360)


@pytest.mark.parametrize("shot", ["nothing", "README", "svg", "..%2fapp", "x" * 500, "%00", "全", "svg%2fwhole_item"])
async def test_no_other_file_is_an_example(anna: Customer, shot: str) -> None:
    answer = await anna.ask("GET", f"/page/examples/{shot}.png")

    assert answer.status == 404


async def test_file_is_for_saving_and_does_nothing_in_a_browser(anna: Customer) -> None:
    picture, pack = [file for file in await brought(anna) if file["url"].startswith("/api/")][:2]

    got = await anna.ask("GET", pack["url"])

    assert (got.status, got.body) == (200, PDF)
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"] == attachment(PDF_NAME)
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "no-store"
    assert got.headers["Content-Security-Policy"].endswith("; sandbox")
    assert (await anna.ask("GET", picture["url"])).body == PICTURE


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("pack.pdf", "attachment; filename=\"pack.pdf\"; filename*=UTF-8''pack.pdf"),
        (PDF_NAME, "attachment; filename=\"_KS_.pdf\"; filename*=UTF-8''%E5%87%AD%E8%AF%81%20%22KS%22.pdf"),
        ("a\r\nb/c.pdf", "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%0D%0Ab%2Fc.pdf"),
    ],
)
def test_name_of_a_file_goes_into_one_header(name: str, header: str) -> None:
    assert attachment(name) == header


async def test_file_is_its_conversations_own(anna: Customer, ben: Customer, http: aiohttp.ClientSession) -> None:
    [*_, pack, gone] = await brought(anna)
    assert (await anna.ask("GET", pack["url"])).status == 200
    await ben.say("hello")  # his messages have these positions too, and no files

    nothing = await ben.ask("GET", "/api/nothing")
    for url in (pack["url"], gone["url"]):
        answer = await ben.ask("GET", url)
        assert (answer.status, answer.body) == (404, nothing.body)
    async with http.get(anna.url + pack["url"]) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    "place",
    ["0/0", "1/0", "{}/2", "{}/-1", "-{}/1", "{}/x", "{}/１", "{}/" + "9" * 30, "9" * 30 + "/0", "{}/1/1", "{}"],
)
async def test_no_other_place_has_a_file(anna: Customer, place: str) -> None:
    [*_, pack, _] = await brought(anna)
    position = pack["url"].split("/")[3]

    answer = await anna.ask("GET", f"/api/files/{place.format(position)}")

    assert answer.status == 404
    assert answer.error


async def test_file_whose_bytes_are_gone_is_not_there(anna: Customer) -> None:
    [*_, gone] = await brought(anna)

    answer = await anna.ask("GET", gone["url"])

    assert answer.status == 404
    assert answer.error


# Photos


async def kept(customer: Customer, name: str) -> str:
    """The id of a photo whose copy is there."""
    sent = await customer.upload(jpeg(name, (1200, 900)), f"{name}.jpg")
    id_ = str(sent.messages[0]["photo"]["id"])
    assert (await copy_of(customer, id_)).status == 200
    return id_


async def copy_of(customer: Customer, id_: str) -> Answer:
    """Asks until it is known."""

    async def is_known() -> bool:
        return (await customer.ask("GET", f"/api/photos/{id_}")).status != 404

    await until(is_known)
    return await customer.ask("GET", f"/api/photos/{id_}")


def change(server: Server, id_: str, **columns: str) -> None:
    """As if its evidence had become so."""
    named = ", ".join(f"{name} = :{name}" for name in columns)
    with closing(sqlite3.connect(server.data / "shouhou.db")) as database, database:
        database.execute(f"UPDATE evidence SET {named} WHERE id = :id", columns | {"id": id_})


def stored(server: Server, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    file = server.data / "evidence" / key_of(digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return digest


async def test_small_photo_is_the_thumbnail_where_there_is_one(anna: Customer, server: Server) -> None:
    id_ = await kept(anna, "small")
    change(server, id_, thumb_sha256="")
    view = await anna.ask("GET", f"/api/photos/{id_}")
    assert (await anna.ask("GET", f"/api/photos/{id_}?size=small")).body == view.body

    thumb = jpeg("thumb")
    change(server, id_, thumb_sha256=stored(server, thumb))

    assert (await anna.ask("GET", f"/api/photos/{id_}?size=small")).body == thumb
    assert (await anna.ask("GET", f"/api/photos/{id_}")).body == view.body


async def test_document_has_no_copy(anna: Customer) -> None:
    sent = await anna.upload(PDF, "receipt.pdf")

    answer = await copy_of(anna, sent.messages[0]["photo"]["id"])

    assert (answer.status, answer.body) == (204, b"")
    assert (answer.headers["evidence-sort"], answer.headers["evidence-state"]) == ("file", "kept")


async def test_thumbnail_is_its_customers_own(anna: Customer, ben: Customer) -> None:
    id_ = await kept(anna, "private")

    assert (await ben.ask("GET", f"/api/photos/{id_}?size=small")).status == 404


@pytest.mark.parametrize(
    ("columns", "sort", "state"),
    [
        ({}, "photo", "kept"),
        ({"kind": "MP4", "width": "0"}, "video", "kept"),
        ({"state": "removed"}, "photo", "removed"),
    ],
)
async def test_photo_tells_what_it_is_and_where_it_stands(
    anna: Customer, server: Server, columns: dict[str, str], sort: str, state: str
) -> None:
    id_ = await kept(anna, f"told {sort} {state}")
    if columns:
        change(server, id_, **columns)

    answer: Answer = await anna.ask("GET", f"/api/photos/{id_}?size=small")

    assert answer.status == 200
    assert (answer.headers["evidence-sort"], answer.headers["evidence-state"]) == (sort, state)
