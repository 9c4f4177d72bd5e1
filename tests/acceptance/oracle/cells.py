"""What a spreadsheet makes of values: text that XML can hold, dates since March 1900, numbers, names of sheets."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from unicodedata import category

from tests.acceptance.oracle.records import Answer

_LONGEST = 32_767  # UTF-16 units of a cell
_LONGEST_NAME = 31  # of a sheet
_MARK = " … [cut]"
_FIRST = date(1900, 3, 1)  # before it Excel counts a day that never was


@dataclass
class Written:
    """An answer as its cells hold it, and how many texts were cut and values were written as text or left out."""

    answer: Answer
    cut: int = 0
    odd: int = 0

    @classmethod
    def of(cls, answer: Answer) -> "Written":
        """Every cell of every sheet, and the texts along the axes of the charts."""
        made = cls(answer)
        sheets = {name: [[made._cell(cell) for cell in row] for row in rows] for name, rows in answer.sheets.items()}
        charts = {
            title: {cleaned(name): [made._shown(value) for value in values] for name, values in chart.items()}
            for title, chart in answer.charts.items()
        }
        made.answer = replace(answer, sheets=sheets, charts=charts)
        return made

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str):
            text = fitting(cleaned(value))
            self.cut += text != cleaned(value)
            return text or None
        if isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < _FIRST:
            self.odd += 1
            return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()
        if isinstance(value, float) and not abs(value) < float("inf"):
            self.odd += 1
            return None
        return value

    @staticmethod
    def _shown(value: Any) -> Any:
        return cleaned(value) if isinstance(value, str) else value


def cleaned(text: str) -> str:
    """Without control characters and what XML forbids; lines end in LF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if (sign in "\t\n" or category(sign) != "Cc") and sign not in "\ufffe\uffff")


def fitting(text: str) -> str:
    """Cut at a cell's limit, with a mark."""
    if _units(text) <= _LONGEST:
        return text
    kept, room = 0, _LONGEST - _units(_MARK)
    for sign in text:
        room -= _units(sign)
        if room < 0:
            break
        kept += 1
    return text[:kept] + _MARK


def sheet_name(wanted: str, taken: list[str]) -> str:
    """As Excel allows it: no forbidden signs, 31 units, unlike all others whatever their case."""
    bare = " ".join(re.sub(r"[\[\]:*?/\\]", "", cleaned(wanted)).split())
    number, name = 1, _short(bare, "")
    while name.casefold() in {"history", *(each.casefold() for each in taken)}:
        number += 1
        name = _short(bare, f" ({number})")
    return name


def _short(bare: str, ending: str) -> str:
    while _units(bare + ending) > _LONGEST_NAME:
        bare = bare[:-1]
    return (bare.strip("' ") or "Sheet") + ending


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
