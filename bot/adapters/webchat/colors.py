"""The shop's colour, made readable wherever the page uses it (contrast as WCAG 2 counts it)."""

import colorsys

LIGHT, DARK = "#f4efe7", "#2a2622"
"""The grounds of chat.css on which words in the shop's colour have the least contrast."""
LEAST_CONTRAST = {LIGHT: 5.0, DARK: 7.0}
"""WCAG asks for 4.5; where the mouse is, the ground is tinted, and on a dark page a colour just above it looks dull."""
TINTS = {"light": 0.88, "dark": 0.21}
MOST_SATURATION = 0.38


def shades(color: str) -> dict[str, str]:
    """The colour; its variants for words and signs on a light page and on a dark one; what is readable on each; and the
    ground of the customer's own messages on both pages.
    """
    found = {"color": color, "light": readable_in(color, LIGHT), "dark": readable_in(color, DARK)}
    on = {f"on-{name}": readable_on(one) for name, one in found.items()}
    hue, _, saturation = colorsys.rgb_to_hls(*parts(color))
    tints = {f"tint-{name}": from_hls(hue, light, min(saturation, MOST_SATURATION)) for name, light in TINTS.items()}
    return found | on | tints


def readable_in(color: str, ground: str) -> str:
    """The colour, just so much lighter or darker as words on that ground need."""
    if contrast(color, ground) >= LEAST_CONTRAST[ground]:
        return color
    hue, lightness, saturation = colorsys.rgb_to_hls(*parts(color))
    steps = range(101) if ground == DARK else range(100, -1, -1)
    lighter_or_darker = (step / 100 for step in steps if (step / 100 > lightness) == (ground == DARK))
    several = (from_hls(hue, one, saturation) for one in lighter_or_darker)
    return next(one for one in several if contrast(one, ground) >= LEAST_CONTRAST[ground])


def from_hls(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))


def readable_on(color: str) -> str:
    """Black or white, whichever has more contrast."""
    return max(("#000000", "#ffffff"), key=lambda one: contrast(one, color))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def parts(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue
