"""The real program with one more command: /files brings messages with files. Run it with `python -m`, as one runs bot."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bot.app
from bot.__main__ import main
from bot.model.messages import File
from bot.router import Router
from bot.store.objects import key_of
from bot.turn import Turn
from handlers import ROUTERS
from tests.pictures import jpeg
from tests.servers import Server

PDF = b"%PDF-1.4 an evidence pack"
PICTURE = jpeg("of a case", (900, 1200))
PDF_NAME = '凭证 "KS".pdf'
EXAMPLES = (
    File("example/whole_item", "Example: a kettle, whole in the picture", "image/png"),
    File("example/defect_close_up", "Example: its crack, close and sharp", "image/png"),
)

router = Router("files")


def object_of(content: bytes, name: str, kind: str) -> File:
    return File(f"object/{hashlib.sha256(content).hexdigest()}", name, kind)


@router.command("files")
def show_files(turn: Turn) -> None:
    turn.say_text("One example.", files=EXAMPLES[:1])
    turn.say_text("Two examples.\nPlease send one like each.", options=("human",), files=EXAMPLES)
    pack = object_of(PDF, PDF_NAME, "application/pdf")
    turn.say_text("Your pack, and a picture of it.", files=(object_of(PICTURE, "A picture", "image/jpeg"), pack))
    turn.say_text("Gone.", files=(object_of(b"never stored", "gone.pdf", "application/pdf"),))


class ServerWithFiles(Server):
    module = "tests.shop_with_files"


@contextmanager
def running_with_files(data: Path) -> Iterator[Server]:
    server = ServerWithFiles(data)
    try:
        server.start()
        for content in (PDF, PICTURE):
            file = data / "evidence" / key_of(hashlib.sha256(content).hexdigest())
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    bot.app.ROUTERS = (router, *ROUTERS)
    main()
