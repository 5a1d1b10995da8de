"""The shop's colour, made readable wherever the page uses it (contrast as WCAG 2 counts it)."""

LIGHT = "#f4efe7"
DARK = "#2a2622"
"""The grounds of chat.css on which words in the shop's colour have the least contrast."""
LEAST_CONTRAST = 5.0
"""WCAG asks for 4.5; where the mouse is, the ground is tinted."""


def shades(color: str) -> dict[str, str]:
    """The colour, its variants for words and signs on a light page and on a dark one, and what is readable on each."""
    found = {"color": color, "light": readable_in(color, LIGHT), "dark": readable_in(color, DARK)}
    return found | {f"on-{name}": readable_on(one) for name, one in found.items()}


def readable_in(color: str, ground: str) -> str:
    """The colour, with just so much black or white in it as words on that ground need."""
    goal = readable_on(ground)
    several = (mixed(color, goal, percent) for percent in range(0, 101, 2))
    return next(one for one in several if contrast(one, ground) >= LEAST_CONTRAST)


def readable_on(color: str) -> str:
    """Black or white, whichever has more contrast."""
    return max(("#000000", "#ffffff"), key=lambda one: contrast(one, color))


def mixed(color: str, other: str, percent: int) -> str:
    parts = ((one * (100 - percent) + two * percent) // 100 for one, two in zip(rgb(color), rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue
