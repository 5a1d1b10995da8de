"""The real program on WeChat and WeCom, to be killed."""

from pathlib import Path

from pydantic import SecretStr

from tests.servers import Server
from tests.wechat_apps import wechat_settings, wecom_settings


def variables_of(group: str, settings: object) -> dict[str, str]:
    names = ("app_id", "corp_id", "secret", "token", "aes_key", "api", "buttons")
    found = {name: getattr(settings, name) for name in names if getattr(settings, name, None)}
    return {
        f"SHOUHOU_{group}__{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in found.items()
    }


def server_on_wechat(data: Path, url: str, kind: type[Server] = Server, **more: str) -> Server:
    settings = wechat_settings(data, url, **more)
    return kind(data, variables=variables_of("WECHAT", settings.wechat))


def server_on_wecom(data: Path, url: str) -> Server:
    return Server(data, variables=variables_of("WECOM", wecom_settings(data, url).wecom))
