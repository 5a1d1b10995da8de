"""python-telegram-bot's ConversationHandler with PicklePersistence, written after every second: URL TOKEN FILE."""

import logging
import sys

from telegram import Update
from telegram.ext import (
    Application,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

url, token, file = sys.argv[1:4]
logging.getLogger("httpx").setLevel(logging.WARNING)
ASKED, ANSWERED = range(2)


async def ask(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    assert context.user_data is not None
    context.user_data["order"] = update.message.text
    await update.message.reply_text(update.message.text or "")
    return ANSWERED


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    assert context.user_data is not None
    context.user_data["story"] = update.message.text
    await update.message.reply_text(update.message.text or "")
    return ASKED


builder = Application.builder().token(token).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
application = builder.persistence(PicklePersistence(file, update_interval=1)).build()
application.add_handler(
    ConversationHandler(
        entry_points=[MessageHandler(filters.TEXT, ask)],
        states={ASKED: [MessageHandler(filters.TEXT, ask)], ANSWERED: [MessageHandler(filters.TEXT, answer)]},
        fallbacks=[],
        persistent=True,
        name="refund",
    )
)
application.run_polling()
