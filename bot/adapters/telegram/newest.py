"""The newest message of each chat, or thread in it, as far as seen since we started: only that one is changed in place."""

from collections import OrderedDict

MOST_REMEMBERED = 5000


class Newest:
    """Ids of messages grow within a chat, whoever sends them."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._asked: dict[str, tuple[str, int]] = {}

    def seen(self, chat: str, message: int) -> None:
        self._ids[chat] = max(message, self._ids.pop(chat, 0))
        self._asked.pop(chat, None)
        if len(self._ids) > MOST_REMEMBERED:
            self._ids.popitem(last=False)

    def ask(self, chat: str, button: str, message: int) -> None:
        """This button was pressed under this message, to see the same anew."""
        if self._ids.get(chat) == message:
            self._asked[chat] = (button, message)

    def replaceable(self, chat: str, button: str) -> int | None:
        """The message that what this button asks for may take the place of. Once: if that fails, it becomes a new message."""
        asked = self._asked.pop(chat, None)
        return asked[1] if asked and asked[0] == button else None
