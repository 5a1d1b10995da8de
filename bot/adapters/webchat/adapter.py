"""The web chat's adapter: HTTP in, stored messages out; a stream rings when there is something new."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.adapter import Accept, Limits, MediaGoneError, Outcome, Sent
from bot.adapters.webchat import parse, render
from bot.adapters.webchat.bodies import body_of, drained
from bot.adapters.webchat.colors import readable_on, shades
from bot.adapters.webchat.parse import Wrong
from bot.adapters.webchat.sessions import Session, Sessions
from bot.adapters.webchat.streams import PAGE_OF_MESSAGES, RETRY_SECONDS, Streams
from bot.adapters.webchat.uploads import Uploads, announced_bytes
from bot.adapters.webchat.whole_page import whole_page
from bot.language import language_for
from bot.model.events import Event, MediaRef
from bot.model.evidence import SORTS, EvidenceState
from bot.model.messages import Outgoing
from bot.settings import Settings
from bot.store import conversations, evidence, messages
from bot.store.database import Database, StoreUnavailableError
from bot.store.files import Files
from bot.store.objects import Objects
from bot.wording import DEFAULT_LANGUAGE, Wording

PAGE = Path(__file__).with_name("page")
MOST_AT_ONCE = 40
"""Requests of one session that may be under way; the page has a message, a stream and a few photos at a time."""
NOBODY = "'none'"
LANGUAGE_SECONDS = 0.3
"""How long to look for the language of a conversation, only to say sorry in it: the store may be what is wrong."""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
Answer = Callable[[Request], Coroutine[Any, Any, Response]]
logger = structlog.get_logger()

FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}
EMBEDDED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


class WebChatAdapter:
    name = parse.PLATFORM
    limits = Limits(text_chars=20_000, collects=True)

    def __init__(
        self,
        sessions: Sessions,
        database: Database,
        objects: Objects,
        files: Files,
        wording: Wording,
        settings: Settings,
        uploads: Path,
    ) -> None:
        self._sessions = sessions
        self._database = database
        self._objects = objects
        self._files = files
        self._wording = wording
        self._shop = {
            "name": settings.shop.name,
            "color": settings.shop.color,
            "on_color": readable_on(settings.shop.color),
            "languages": list(wording.languages),
        }
        self._page = whole_page(PAGE, self._shop, shades(settings.shop.color))
        self._embed_on = settings.web.embed_on
        self._uploads = Uploads(database, objects, uploads, settings.web.most_bytes_a_day)
        self._streams = Streams(database, settings.web.most_streams)
        self._under_way: Counter[str] = Counter()
        self._looking: set[asyncio.Task[str | None]] = set()

    async def run(self, accept: Accept) -> None:
        """Customers call us; until cancelled there is nothing to poll. Then open streams end."""
        try:
            await asyncio.Event().wait()
        finally:
            self._streams.stop()

    async def send(self, outgoing: Outgoing) -> Outcome:
        """The message is stored, which is where clients read it: ring for those that listen."""
        self._streams.ring(outgoing.address.chat)
        return Sent()

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._objects.open(media.id):
                yield chunk
        except FileNotFoundError as error:
            raise MediaGoneError("no such upload") from error

    def kept(self, media: MediaRef) -> str:
        return media.id

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        async def create_session(request: Request) -> Response:
            asked = parse.request(await body_of(request), shortest_id=16)
            tag = str(asked.fields.get("language") or request.headers.get("accept-language") or DEFAULT_LANGUAGE)
            token = self._sessions.create(asked.client_id, language_for(tag))
            first = parse.first_words(asked)
            session = self._sessions.open(token)
            if first is None or session is None:
                return answer({"token": token}, 201)
            said = await accept(parse.message(first, session, datetime.now(UTC)))
            return answer({"token": token} | render.several(said, 0), 201)

        async def take_message(request: Request) -> Response:
            with self._session(request) as session:
                asked = parse.request(await body_of(request), shortest_id=1)
                return await take(parse.message(asked, session, datetime.now(UTC)))

        async def take_file(request: Request) -> Response:
            with self._session(request) as session:
                event, upload = parse.upload(request.query_params, session, datetime.now(UTC))
                address = address_of(session)
                async with self._uploads.alone(event.id) as is_repeat:
                    if is_repeat:
                        return await self._unread(request, await take(event))
                    with self._uploads.counted(address, announced_bytes(request)):
                        sha256, size = await self._uploads.keep(request, address)
                        media = replace(upload.media, id=sha256, size=size)
                        return await take(replace(event, body=replace(upload, media=media)))

        async def take(event: Event) -> Response:
            said = await accept(event)
            self._streams.ring(event.address.chat)  # the customer's own words, for their other tabs
            return answer(render.several(said, 0))

        async def read_messages(request: Request) -> Response:
            with self._session(request) as session:
                after = position(request)
                async with self._database.reading() as connection:
                    found = await messages.after(connection, address_of(session), after, PAGE_OF_MESSAGES)
                return answer(render.several(found, after))

        async def stream(request: Request) -> Response:
            with self._session(request) as session:
                return await self._streams.open(session.chat, position(request), HEADERS)

        async def show_photo(request: Request) -> Response:
            with self._session(request) as session:
                async with self._database.reading() as connection:
                    one = await evidence.one(connection, request.path_params["id"])
                if one is None or one.address != address_of(session) or one.state is EvidenceState.FETCHING:
                    raise Wrong(404, "web.not_here")
                sort = SORTS.get(one.kind, "photo" if one.view_sha256 else "file")
                headers = HEADERS | {"Evidence-Sort": sort, "Evidence-State": one.state.value}
                if not one.view_sha256:
                    return Response(status_code=204, headers=headers)
                is_small = request.query_params.get("size") == "small"
                image = await self._objects.read((is_small and one.thumb_sha256) or one.view_sha256)
                return Response(image, media_type="image/jpeg", headers=headers)

        async def show_file(request: Request) -> Response:
            with self._session(request) as session:
                position, index = (as_number(request.path_params[name]) for name in ("position", "index"))
                if position is None or index is None:
                    raise Wrong(404, "web.not_here")
                async with self._database.reading() as connection:
                    found = await messages.after(connection, address_of(session), position - 1, 1)
                files = found[0].files if found and found[0].position == position else ()
                if index >= len(files):
                    raise Wrong(404, "web.not_here")
                try:
                    content = await self._files.read(files[index])
                except FileNotFoundError as error:
                    raise Wrong(404, "web.not_here") from error
                alone = {
                    "Content-Disposition": render.attachment(files[index].name),
                    "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; sandbox",
                }
                return Response(content, media_type=files[index].kind, headers=HEADERS | alone)

        async def show_example(request: Request) -> Response:
            try:
                picture = self._files.example(request.path_params["shot"])
            except OSError as error:  # no such file, or no file can have this name
                raise Wrong(404, "web.not_here") from error
            return Response(picture, media_type="image/png", headers=HEADERS | FOR_A_DAY)

        async def tell_shop(_request: Request) -> Response:
            return answer(self._shop, headers=self._for_embedders())

        async def find_nothing(_request: Request) -> Response:
            raise Wrong(404, "web.not_here")

        async def show_page(request: Request) -> Response:
            if request.headers.get("if-none-match") == self._page.etag:
                return Response(status_code=304, headers=self._page_headers())
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers = self._page_headers() | {"Content-Encoding": "gzip"}
                return Response(self._page.zipped, media_type="text/html", headers=headers)
            return Response(self._page.plain, media_type="text/html", headers=self._page_headers())

        async def show_icon(_request: Request) -> Response:
            return FileResponse(PAGE / "icon.svg", headers=HEADERS | FOR_A_DAY)

        async def show_embed(_request: Request) -> Response:
            return FileResponse(PAGE / "embed.js", headers={**HEADERS, **EMBEDDED, "Cache-Control": "no-cache"})

        return (
            Route("/", show_page),
            Route("/page/icon.svg", show_icon),
            Route("/page/examples/{shot}.png", self._kindly(show_example)),
            Route("/embed.js", show_embed),
            Route("/api/sessions", self._kindly(create_session), methods=["POST"]),
            Route("/api/messages", self._kindly(take_message), methods=["POST"]),
            Route("/api/messages", self._kindly(read_messages), methods=["GET"]),
            Route("/api/files", self._kindly(take_file), methods=["POST"]),
            Route("/api/files/{position}/{index}", self._kindly(show_file), methods=["GET"]),
            Route("/api/stream", self._kindly(stream), methods=["GET"]),
            Route("/api/photos/{id}", self._kindly(show_photo), methods=["GET"]),
            Route("/api/shop", self._kindly(tell_shop), methods=["GET"]),
            Route("/api/{unknown:path}", self._kindly(find_nothing), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        )

    def _page_headers(self) -> dict[str, str]:
        allowed = (
            ("script-src 'self'", f"script-src {self._page.script_source}"),
            ("style-src 'self'", f"style-src {self._page.style_source}"),
            ("frame-ancestors 'none'", f"frame-ancestors {self._embed_on or NOBODY}"),
        )
        policy = HEADERS["Content-Security-Policy"]
        for general, own in allowed:
            policy = policy.replace(general, own)
        cached = {"Cache-Control": "no-cache", "ETag": self._page.etag, "Vary": "Accept-Encoding"}
        return HEADERS | cached | {"Content-Security-Policy": policy}

    def _for_embedders(self) -> dict[str, str]:
        """The shop's name and colour are public: its own pages read them."""
        return EMBEDDED if self._embed_on else {}

    def _kindly(self, handle: Answer) -> Answer:
        """Whatever goes wrong is a sentence in the customer's language, and they get to read it."""

        async def kind(request: Request) -> Response:
            try:
                return await handle(request)
            except Wrong as wrong:
                return await self._sorry(request, wrong)
            except (StoreUnavailableError, ObjectStoreError, OSError) as error:
                logger.error("request_not_stored", path=request.url.path, error=type(error).__name__)
                return await self._sorry(request, Wrong(503, "web.unavailable", seconds=str(RETRY_SECONDS)))
            except ClientDisconnect:
                return Response(status_code=400)

        return kind

    async def _sorry(self, request: Request, wrong: Wrong) -> Response:
        headers = {"Retry-After": wrong.values["seconds"]} if "seconds" in wrong.values else {}
        sentence = self._wording.text(await self._language(request), wrong.key, **wrong.values)
        return await self._unread(request, answer({"error": sentence}, wrong.status, headers))

    async def _unread(self, request: Request, response: Response) -> Response:
        """The answer to a request whose body is not wanted."""
        if not await drained(request):
            response.headers["Connection"] = "close"
        return response

    async def _language(self, request: Request) -> str:
        """That of the conversation; before there is one the session's, and without a session the browser's."""
        session = self._sessions.open(request.headers.get("authorization", "").removeprefix("Bearer "))
        if session is None:
            return language_for(request.headers.get("accept-language", DEFAULT_LANGUAGE))
        looking = asyncio.create_task(self._language_spoken(address_of(session)))
        self._looking.add(looking)
        looking.add_done_callback(self._looking.discard)
        await asyncio.wait({looking}, timeout=LANGUAGE_SECONDS)
        return (looking.result() if looking.done() else None) or session.language

    async def _language_spoken(self, address: str) -> str | None:
        try:
            async with self._database.reading() as connection:
                conversation = (await conversations.load(connection, [address])).get(address)
        except (StoreUnavailableError, OSError):
            return None
        return conversation.language if conversation else None

    @contextmanager
    def _session(self, request: Request) -> Any:
        session = self._sessions.open(request.headers.get("authorization", "").removeprefix("Bearer "))
        if session is None:
            raise Wrong(401, "web.no_session")
        if self._under_way[session.chat] >= MOST_AT_ONCE:
            raise Wrong(429, "web.too_fast", seconds=str(RETRY_SECONDS))
        self._under_way[session.chat] += 1
        try:
            yield session
        finally:
            self._under_way[session.chat] -= 1
            if not self._under_way[session.chat]:
                del self._under_way[session.chat]


def answer(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(content, status, headers=HEADERS | (headers or {}))


def address_of(session: Session) -> str:
    return f"{parse.PLATFORM}:{session.chat}"


def position(request: Request) -> int:
    given = as_number(request.query_params.get("after") or request.headers.get("last-event-id") or "0")
    if given is None:
        raise Wrong(400, "web.bad_after")
    return given


def as_number(given: str) -> int | None:
    """None for what is none, or none that the database takes."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 15 else None
