"""A shop's own web site, with the chat on its page."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SHOP_PAGE = """<!doctype html><html lang="en"><title>Kettles</title><style>button {{ font-size: 40px }}</style>
<h1>Kettles</h1><button>Buy</button><script src="{url}/embed.js" async></script></html>"""


@contextmanager
def shop_site(folder: Path, chat: str) -> Iterator[str]:
    """A web server of the shop's own. Browsers let no page from outside call this machine, so it is here too."""
    (folder / "index.html").write_text(SHOP_PAGE.format(url=chat))
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    thread = Thread(target=site.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        thread.join()
        site.server_close()
