"""The bytes of the files that our messages bring along."""

from pathlib import Path

from bot.model.messages import File
from bot.store.objects import Objects

EXAMPLE = "example/"
OBJECT = "object/"


class Files:
    """`examples` is the folder of the drawings of good shots, SHOT.png each."""

    def __init__(self, objects: Objects, examples: Path) -> None:
        self._objects = objects
        self._examples = examples

    async def read(self, file: File) -> bytes:
        """Raises FileNotFoundError."""
        if file.key.startswith(EXAMPLE):
            return self.example(file.key.removeprefix(EXAMPLE))
        return await self._objects.read(file.key.removeprefix(OBJECT))

    def example(self, shot: str) -> bytes:
        """Raises FileNotFoundError; `shot` may come from outside."""
        path = self._examples / f"{shot}.png"
        if not shot.isidentifier() or not path.is_file():
            raise FileNotFoundError(shot)
        return path.read_bytes()
