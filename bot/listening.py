"""The sockets that the web page is served at, or a sentence for the operator that says why they cannot be had."""

import errno
import socket
from typing import Any

from bot.settings import Web
from bot.start_error import StartError

BACKLOG = 2048
WHAT_TO_DO = {
    errno.EADDRINUSE: "another program listens there: choose another port with --port or web.port (SHOUHOU_WEB__PORT)",
    errno.EADDRNOTAVAIL: "this machine has no such address: set web.host (SHOUHOU_WEB__HOST) to one of its own, or to "
    "127.0.0.1 for this machine alone",
    errno.EACCES: "this user may not listen there; ports below 1024 are for root: choose another with --port or web.port "
    "(SHOUHOU_WEB__PORT), and let a web server pass on what comes to 80 and 443",
}


def listening_sockets(web: Web) -> list[socket.socket]:
    """Return a socket for each address of the host. Raises StartError."""
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for family, address in addresses_of(web):
        try:
            sockets.append(listening_socket(family, address))
        except OSError as error:
            failure = error
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # such as ::1 where there is no IPv6
                break
    else:
        if sockets:
            return sockets
    for opened in sockets:
        opened.close()
    assert failure
    reason = WHAT_TO_DO.get(failure.errno or 0, f"{failure.strerror}: see web.host and web.port")
    raise StartError(f"nothing can be served at {web.host} port {web.port}: {reason}")


def addresses_of(web: Web) -> list[tuple[int, Any]]:
    """Return family and address of each, without repeats. Raises StartError."""
    try:
        answers = socket.getaddrinfo(web.host or None, web.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError) as error:  # a UnicodeError is a ValueError
        raise StartError(
            f"web.host (SHOUHOU_WEB__HOST) is {web.host!r}, and nobody knows where that is ({error}): set it to an address of "
            "this machine, such as 127.0.0.1 or 0.0.0.0"
        ) from None
    return list(dict.fromkeys((int(family), address) for family, _, _, _, address in answers))


def listening_socket(family: int, address: Any) -> socket.socket:
    """Raises OSError."""
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(BACKLOG)  # only here a second listener is refused
    except BaseException:
        opened.close()
        raise
    return opened
