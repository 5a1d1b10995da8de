"""The page's modules as one script; that it works is shown by tests/browser."""

from pathlib import Path

import pytest

from bot.adapters.webchat.whole_page import joined


def written(folder: Path, **modules: str) -> Path:
    for name, code in modules.items():
        (folder / f"{name}.js").write_text(code, "utf-8")
    return folder


def test_needed_modules_come_first_and_once(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        chat='import { one } from "./one.js";\nimport * as two from "./two.js";\n',
        one='import {\n  two,\n} from "./two.js";\nexport const one = two;\n',
        two="export async function two() {}\nexport class Two {}\n",
    )

    script = joined(folder, "chat")

    starts = [script.index(f"const ${name} = (() => {{") for name in ("two", "one", "chat")]
    assert starts == sorted(starts)
    assert script.count("class Two") == 1
    assert "return { two, Two };" in script
    assert "const two = $two;" in script


@pytest.mark.parametrize(
    "code", ["export default 1;", "export let x = 1;", 'import x from "./x.js";', 'export { x } from "./x.js";']
)
def test_what_cannot_be_joined_is_named(tmp_path: Path, code: str) -> None:
    with pytest.raises(AssertionError, match=r"chat\.js cannot be joined"):
        joined(written(tmp_path, chat=code), "chat")


def test_modules_that_need_each_other_are_named(tmp_path: Path) -> None:
    folder = written(tmp_path, chat='import { b } from "./b.js";\n', b='import { c } from "./chat.js";\n')

    with pytest.raises(AssertionError, match="chat > b"):
        joined(folder, "chat")
