"""The paper of PDF files: sizes in points, colours and fonts of designed and drawn pages alike; draws nothing."""

from dataclasses import dataclass

from shared.rendering._chart_style import HOTTEST, TONES

MM = 72 / 25.4  # points

WIDTH, HEIGHT = 297 * MM, 210 * MM  # A4, landscape
LEFT, RIGHT = 15 * MM, WIDTH - 15 * MM
TOP, BOTTOM = 20 * MM, HEIGHT - 20 * MM
ROOM = RIGHT - LEFT

# Named one by one, for what a system prefers for a script of its own may not be of the family.
FAMILIES = (
    "Noto Sans",
    "Noto Sans Symbols2",  # before the largest of them, which has many of its signs too
    "Noto Sans Devanagari",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans CJK SC",
)

Colour = tuple[float, float, float]  # red, green, blue from 0 to 1


def colour(code: str) -> Colour:
    """The colour of six hexadecimal digits."""
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


INK, SOFT, RULE, STRIPE, LINK = map(colour, ("1F2933", "616E7C", "E0E0E0", "F7F9FB", "0066CC"))
WHITE: Colour = (1, 1, 1)


@dataclass(frozen=True)
class Chip:
    """How a state is shown: letters of one colour on a ground of another; the text says it too."""

    letters: Colour
    ground: Colour


CHIPS = {tone: Chip(colour(ink), colour(ground)) for tone, (ink, ground) in TONES.items()}


def heat(share: float) -> Colour:
    """The ground of a number of a heat map that is so much of the largest, from 0 to 1."""
    red, green, blue = (1 - min(max(share, 0), 1) * (1 - part) for part in colour(HOTTEST))
    return red, green, blue
