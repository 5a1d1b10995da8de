"""The proxy through which Telegram is reached, as the environment names it: HTTPS_PROXY, else ALL_PROXY, but for NO_PROXY."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.start_error import StartError

OF_HTTP = ("http", "https")
OF_SOCKS = ("socks4", "socks5")


def proxy_for(url: str) -> str | None:
    """Return the proxy's address, or None. aiohttp would look it up for each request, and knows neither ALL_PROXY nor SOCKS.

    Raises StartError when it is of a kind that we do not speak.
    """
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    named = getproxies()
    variable = parts.scheme if named.get(parts.scheme) else "all"
    proxy = named.get(variable)
    if not proxy:
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    address = address.replace("socks5h://", "socks5://", 1)  # names are looked up by the proxy anyway
    if not is_known(address):
        raise StartError(
            f"{variable.upper()}_PROXY is no proxy that Telegram can be reached through: write http://HOST:PORT or "
            "socks5://HOST:PORT, or name Telegram in NO_PROXY to reach it directly."
        )
    return address


def is_known(address: str) -> bool:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme in OF_HTTP or (parts.scheme in OF_SOCKS and port is not None))


def is_socks(address: str) -> bool:
    return urlsplit(address).scheme in OF_SOCKS
