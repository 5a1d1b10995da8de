"""A minimal echo with WeRoBot: `python werobot_echo.py PORT TOKEN AES_KEY APP_ID`. It keeps nothing."""

import sys

from werobot import WeRoBot

port, token, aes_key, app_id = sys.argv[1:]
robot = WeRoBot(token=token, app_id=app_id, encoding_aes_key=aes_key)


@robot.text
def echo(message):  # type: ignore[no-untyped-def]
    return message.content


robot.config["SESSION_STORAGE"] = False
robot.wsgi.run(server="waitress", host="127.0.0.1", port=int(port), threads=8, quiet=True)
