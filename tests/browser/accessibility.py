"""What axe-core finds on a page."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Frame, Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """The serious and critical ones, in all frames: rule, where, and what is wrong."""
    return [fault for frame in page.frames for fault in faults_in(frame)]


def faults_in(frame: Frame) -> list[str]:
    frame.evaluate(AXE)
    found: Any = frame.evaluate("() => axe.run(document, { resultTypes: ['violations'], iframes: false })")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
