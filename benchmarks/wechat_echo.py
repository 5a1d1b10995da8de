"""The whole bot on WeChat with a handler that says a text back: `python -m benchmarks.wechat_echo FOLDER PORT`."""

import asyncio
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette

from benchmarks.events import echo
from bot.app import App
from bot.log import set_up
from bot.router import Routes
from tests.wechat_apps import wechat_settings


async def main(folder: Path, port: int) -> None:
    app = App(wechat_settings(folder, "http://127.0.0.1:9", buttons="list"), routes=Routes([echo]))
    await app.database.migrate()
    adapter = app.wechat()
    app.add([adapter])
    app.start(reminders=False)
    routes = Starlette(routes=list(adapter.routes(app.dispatcher.accept)))
    config = uvicorn.Config(routes, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    await uvicorn.Server(config).serve()
    await app.stop()


if __name__ == "__main__":
    set_up("critical")
    uvloop.install()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
