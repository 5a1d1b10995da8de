"""What a bot with menus calls, and nothing more: a token, and messages that always arrive. `python -m benchmarks.wechat_api PORT`."""

import asyncio
import sys

from aiohttp import web


async def main(port: int) -> None:
    sent = 0

    async def give_token(_request: web.Request) -> web.Response:
        return web.json_response({"access_token": "t" * 120, "expires_in": 7200})

    async def take_message(request: web.Request) -> web.Response:
        nonlocal sent
        await request.read()
        sent += 1
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def count(_request: web.Request) -> web.Response:
        return web.json_response(sent)

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", give_token)
    app.router.add_post("/cgi-bin/message/custom/send", take_message)
    app.router.add_get("/count", count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
