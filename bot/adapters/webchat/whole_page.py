"""The page in one answer: style and modules inside it, as each file of its own would cost a slow phone a round trip."""

import base64
import gzip
import hashlib
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[^}]+\})) from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
STYLE = '<link rel="stylesheet" href="/page/chat.css">'
SCRIPT = '<script type="module" src="/page/chat.js"></script>'
SHOP = '<meta name="shop" content="">'


@dataclass(frozen=True, slots=True)
class WholePage:
    plain: bytes
    zipped: bytes
    etag: str
    script_source: str
    style_source: str
    """What a Content-Security-Policy has to allow."""


def whole_page(folder: Path, shop: dict[str, Any], colors: dict[str, str]) -> WholePage:
    named = " ".join(f"--shop-{name}: {color};" for name, color in colors.items())
    style = f":root {{ {named} }}\n{(folder / 'chat.css').read_text('utf-8')}"
    script = joined(folder, "chat")
    page = (folder / "index.html").read_text("utf-8")
    for mark, content in (
        (STYLE, f"<style>{style}</style>"),
        (SCRIPT, f'<script type="module">{script}</script>'),
        (SHOP, f'<meta name="shop" content="{html.escape(json.dumps(shop, ensure_ascii=False))}">'),
    ):
        assert page.count(mark) == 1, f"index.html must have {mark} once"
        page = page.replace(mark, content)
    plain = page.encode()
    etag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
    return WholePage(plain, gzip.compress(plain, 9, mtime=0), etag, source_of(script), source_of(style))


def joined(folder: Path, entry: str) -> str:
    """The module and all that it imports as one: each in a function of its own, after those that it needs."""
    done: dict[str, str] = {}

    def add(name: str, importers: tuple[str, ...]) -> None:
        assert name not in importers, f"{name}.js imports itself: {' > '.join(importers)}"
        if name in done:
            return
        code = (folder / f"{name}.js").read_text("utf-8")
        for _, _, needed in IMPORT.findall(code):
            add(needed, (*importers, name))
        exports = EXPORT.findall(code)
        code = EXPORT.sub("", IMPORT.sub(lambda found: f"const {found[1] or found[2]} = ${found[3]};", code))
        strange = LEFT_OVER.search(code)
        assert strange is None, f"{name}.js cannot be joined: {strange and strange[0]}"
        assert "</script" not in code, f"{name}.js would end the page's script"
        done[name] = f"const ${name} = (() => {{\n{code}\nreturn {{ {', '.join(exports)} }};\n}})();\n"

    add(entry, ())
    return "".join(done.values())


def source_of(inline: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
