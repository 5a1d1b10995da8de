"""What only looks nice on Telegram: answered presses, marked buttons, "typing". Tried once, and never waited for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.adapters.telegram import render
from bot.adapters.telegram.api import Api
from bot.supervisor import begin

MOST_AT_ONCE = 20
"""More are dropped."""
TYPING_SECONDS = 4.5
"""Telegram shows it for 5."""
LONGEST_TYPING = 6
"""Times in a row."""
logger = structlog.get_logger()


class Beside:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._doing: set[asyncio.Task[None]] = set()
        self._typing: dict[str, asyncio.Task[None]] = {}

    def answer_press(self, query: dict[str, Any]) -> None:
        """At once, as the button is shown as busy until then and the answer is refused after some seconds."""
        self._do(self._api.answer_press(query["id"]))

    def show_pressed(self, query: dict[str, Any]) -> None:
        self._do(self._show_pressed(query))

    async def _show_pressed(self, query: dict[str, Any]) -> None:
        message = query["message"]
        markup = render.pressed(message["reply_markup"], query["data"])
        if markup != message["reply_markup"]:
            await self._api.change_buttons(message["chat"]["id"], message["message_id"], markup)

    def show_typing(self, chat: str, thread: str) -> None:
        """While a file is fetched and looked at: until the next message, and not for ever."""
        if chat not in self._typing:
            self._typing[chat] = begin(self._go_on_typing(chat, thread), "typing")

    async def _go_on_typing(self, chat: str, thread: str) -> None:
        try:
            for _ in range(LONGEST_TYPING):
                await attempt(self._api.show_typing(int(chat), int(thread or 0)))
                await asyncio.sleep(TYPING_SECONDS)
        finally:
            if self._typing.get(chat) is asyncio.current_task():
                del self._typing[chat]

    def stop_typing(self, chat: str) -> None:
        if task := self._typing.pop(chat, None):
            task.cancel()

    def stop(self) -> None:
        for task in (*self._doing, *self._typing.values()):
            task.cancel()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._doing) >= MOST_AT_ONCE:
            work.close()
            return
        task = begin(attempt(work), "beside")
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)


async def attempt(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except Exception as error:  # such as a message that is too old to be shown to us whole
        logger.debug("telegram_not_done", error=type(error).__name__)
