"""aiogram with a finite state machine in memory: URL TOKEN."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

url, token = sys.argv[1:3]
dispatcher = Dispatcher()


class Refund(StatesGroup):
    asked = State()
    answered = State()


@dispatcher.message(Refund.asked)
async def answer(message: Message, state: FSMContext) -> None:
    await state.update_data(story=message.text)
    await state.set_state(Refund.answered)
    await message.answer(message.text or "")


@dispatcher.message()
async def ask(message: Message, state: FSMContext) -> None:
    await state.update_data(order=message.text)
    await state.set_state(Refund.asked)
    await message.answer(message.text or "")


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    await dispatcher.start_polling(Bot(token, session=session), handle_signals=False)


asyncio.run(main())
