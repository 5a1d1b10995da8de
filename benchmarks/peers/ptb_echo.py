"""python-telegram-bot's echo bot: URL TOKEN CONCURRENT (0: one update after the other)."""

import logging
import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

url, token, concurrent = sys.argv[1], sys.argv[2], int(sys.argv[3])
logging.getLogger("httpx").setLevel(logging.WARNING)


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    await update.message.reply_text(update.message.text or "")


builder = Application.builder().token(token).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
application = builder.concurrent_updates(concurrent or False).build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
