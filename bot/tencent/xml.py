"""XML of Tencent's callbacks into a flat mapping, and nothing else: no DTD, no deep nesting, no field twice."""

import re
from collections.abc import Mapping
from xml.parsers import expat

DEEPEST = 5
"""`SendPicsInfo` of the menu that takes photos has five levels; everything that we read has two."""
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold. A customer's message with such a character in it would be lost otherwise."""


class XmlRefusedError(ValueError):
    """Not a document that a platform of Tencent's sends."""


def read(text: str) -> Mapping[str, str]:
    """The fields directly under the root; of those that have fields in them, these as `name value name value`.

    Raises XmlRefusedError.
    """
    fields: dict[str, str] = {}
    depth = 0
    field = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, field
        depth += 1
        if depth > DEEPEST or attributes:
            raise XmlRefusedError("too deep, or with attributes")
        if depth == 2:
            if name in fields:
                raise XmlRefusedError("a field comes twice")
            fields[name], field = "", name
        elif depth > 2:
            fields[field] += f" {name} "
        elif name != "xml":
            raise XmlRefusedError("no fields under <xml>")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def text_of(data: str) -> None:
        if depth >= 2:
            fields[field] += data

    def refuse(*_given: object) -> None:
        raise XmlRefusedError("a DOCTYPE")

    def check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() != "UTF-8":
            raise XmlRefusedError("not UTF-8")

    parser = expat.ParserCreate(
        "UTF-8"
    )  # or expat looks for the encoding that the document names, and fails in its own ways
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text_of
    parser.XmlDeclHandler = check_declaration
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(NOT_XML.sub("", text).encode(), True)
    except (expat.ExpatError, UnicodeError) as error:
        raise XmlRefusedError("not XML") from error
    if not fields:
        raise XmlRefusedError("no fields under <xml>")
    return fields
