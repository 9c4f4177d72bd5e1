"""The cell styles of a workbook, by the numbers that rows refer to; looks are fixed by reports.md §4."""

from itertools import count
from typing import TYPE_CHECKING

from shared.document import Column, Kind, Tone
from shared.rendering._chart_style import BRAND, RULE, TONES
from shared.rendering._xlsx_number_formats import TEXT, number_format

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Border
    from openpyxl.styles.differential import DifferentialStyle

BLUE, WHITE, GREY = BRAND, "FFFFFF", RULE
FONT = "Calibri"  # without a name, programs choose one with serifs
_RIGHT = {Kind.INTEGER, Kind.DECIMAL, Kind.MINUTES, Kind.PERCENT, Kind.MONEY, Kind.DURATION}


class Styles:
    """Style numbers of one workbook in one locale."""

    def __init__(self, workbook: "Workbook", locale: str) -> None:
        """Uses cells of the workbook's first sheet as probes; the sheet may go when all numbers are known."""
        from openpyxl.styles import Font

        self._sheet, self._locale = workbook.worksheets[0], locale
        self._probes = count(1)  # a cell each: a style that was numbered must not change
        self._link_font = Font(name=FONT, size=11, color=BLUE, underline="single")
        self._body_font = Font(name=FONT, size=11)

    def heading(self) -> int:
        """A column's heading: bold, white on blue, centred."""
        from openpyxl.styles import Alignment, Font, PatternFill

        cell = self._sheet.cell(next(self._probes), 1)
        cell.font, cell.fill = Font(name=FONT, size=12, bold=True, color=WHITE), PatternFill("solid", fgColor=BLUE)
        cell.alignment, cell.border = Alignment("center", "center"), _rules("000000")
        cell.number_format = TEXT
        return int(cell.style_id)

    def body(self, column: Column, *, is_link: bool = False) -> int:
        """A column's cells; with `is_link` those that lead somewhere."""
        from openpyxl.styles import Alignment

        cell = self._sheet.cell(next(self._probes), 1)
        cell.font = self._link_font if is_link else self._body_font
        side = "right" if column.kind in _RIGHT else "left"
        cell.alignment, cell.border = Alignment(side, "center", wrap_text=column.long_text or None), _rules(GREY)
        cell.number_format = number_format(column, self._locale)
        return int(cell.style_id)


def tone_style(tone: Tone) -> "DifferentialStyle":
    """How a state's cell is coloured; contrast of text on ground at least 4.5 : 1 (WCAG 2.2, 1.4.3)."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.styles.differential import DifferentialStyle

    ink, ground = TONES[tone]
    return DifferentialStyle(font=Font(color=ink), fill=PatternFill(bgColor=ground))


def _rules(colour: str) -> "Border":
    from openpyxl.styles import Border, Side

    side = Side("thin", colour)
    return Border(side, side, side, side)
