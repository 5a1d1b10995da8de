"""A minimal echo with WeRoBot: `python werobot_echo.py PORT TOKEN AES_KEY APP_ID SERVER`. It keeps nothing."""

import sys

from werobot import WeRoBot

port, token, aes_key, app_id, server = sys.argv[1:]
robot = WeRoBot(token=token, app_id=app_id, encoding_aes_key=aes_key)


@robot.text
def echo(message):  # type: ignore[no-untyped-def]
    return message.content


robot.config["SESSION_STORAGE"] = False
more = {"threads": 8} if server == "waitress" else {}
robot.wsgi.run(server=server, host="127.0.0.1", port=int(port), quiet=True, **more)
