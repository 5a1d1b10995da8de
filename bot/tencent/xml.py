"""XML of Tencent's callbacks into a flat mapping, and nothing else: no DTD, no deep nesting, no field twice."""

from collections.abc import Mapping
from xml.parsers import expat

DEEPEST = 5
"""`SendPicsInfo` of the menu that takes photos has five levels; everything that we read has two."""
NOT_XML = dict.fromkeys([*(code for code in range(32) if chr(code) not in "\t\n\r"), 0xFFFE, 0xFFFF])
"""What XML cannot hold. A customer's message with such a character in it would be lost otherwise."""


class XmlRefusedError(ValueError):
    """Not a document that a platform of Tencent's sends."""


def read(text: str) -> Mapping[str, str]:
    """The fields directly under the root. Raises XmlRefusedError."""
    parser = expat.ParserCreate()
    path: list[str] = []
    seen: set[tuple[str, ...]] = set()
    fields: dict[str, list[str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name)
        if len(path) > DEEPEST or attributes:
            raise XmlRefusedError("too deep, or with attributes")
        if len(path) == 2:
            if name in fields:
                raise XmlRefusedError("a field comes twice")
            fields[name] = []
        seen.add(tuple(path))

    def end(_name: str) -> None:
        path.pop()

    def text_of(data: str) -> None:
        if len(path) == 2:
            fields[path[1]].append(data)

    def refuse(*_given: object) -> None:
        raise XmlRefusedError("a DOCTYPE")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text_of
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(text.translate(NOT_XML).encode(), True)
    except expat.ExpatError as error:
        raise XmlRefusedError("not XML") from error
    if not fields or {one[0] for one in seen} != {"xml"}:
        raise XmlRefusedError("no fields under <xml>")
    return {name: "".join(parts) for name, parts in fields.items()}
