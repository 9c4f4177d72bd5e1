"""Names of sheets as Excel allows them, no two alike in one workbook; knows nothing else of a sheet."""

import re

from shared.document import clean_text

_LONGEST = 31  # UTF-16 units
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_RESERVED = "history"  # Excel keeps it for itself


class SheetNames:
    """The names taken so far."""

    def __init__(self) -> None:
        self._taken = {_RESERVED}

    def take(self, wanted: str) -> str:
        """The wanted name, made legal, with " (2)", " (3)" … where it is taken; so that parts of a table count up."""
        bare = " ".join(_FORBIDDEN.sub("", clean_text(wanted)).split())
        number, name = 1, _fitting(bare, "")
        while name.casefold() in self._taken:
            number += 1
            name = _fitting(bare, f" ({number})")
        self._taken.add(name.casefold())
        return name


def _fitting(bare: str, ending: str) -> str:
    units = bare.encode("utf-16-le")[: 2 * (_LONGEST - len(ending))]
    return (units.decode("utf-16-le", "ignore").strip("' ") or "Sheet") + ending
