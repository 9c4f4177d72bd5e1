"""The hyperlinks of one sheet, written beside its rows: cells refer to them by place; nothing is held in memory."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from shared.document import Link
from shared.rendering._xlsx_text import attribute
from shared.rendering._zip import Deflated

MOST = 65_530  # hyperlinks that Excel takes on one sheet
_LONGEST_URL = 2_079
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_TARGET = f'<Relationship Id="link%d" Type="{_TYPE}" Target="%s" TargetMode="External"/>'
_NO_URI = re.compile("[^!#-;=?-Z_a-z~]|%(?![0-9A-Fa-f]{2})")  # by RFC 3986; brackets belong to hosts only
_SAFE = "%:/?#@!$&'()*+,;=~"
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


class Links:
    """The links of one sheet, up to `most`; the rest stay text and are counted."""

    def __init__(self, most: int = MOST) -> None:
        self.places, self.targets = Deflated(), Deflated()
        self.count = self.dropped = 0
        self._most = most

    def add(self, letter: str, first_row: int, cells: Sequence[Link | str | None]) -> list[bool]:
        """Links cells of the column `letter` from `first_row` down; whether each one leads somewhere now."""
        places, targets, is_linked = [], [], [False] * len(cells)
        wanted = [(offset, cell) for offset, cell in enumerate(cells) if isinstance(cell, Link) and cell.url]
        for (offset, cell), url in zip(wanted, legal_urls([str(cell.url) for _, cell in wanted]), strict=True):
            if url is None or not cell.text or self.count >= self._most:
                self.dropped += 1
                continue
            self.count += 1
            tooltip = f" tooltip={attribute(cell.tooltip)}" if cell.tooltip else ""
            places.append(f'<hyperlink ref="{letter}{first_row + offset}" r:id="link{self.count}"{tooltip}/>')
            targets.append(_TARGET % (self.count, url.replace("&", "&amp;")))
            is_linked[offset] = True
        self.places.write("".join(places).encode())
        self.targets.write("".join(targets).encode())
        return is_linked

    def close(self) -> None:
        """Drops the temporary files."""
        self.places.close()
        self.targets.close()


def legal_urls(urls: Sequence[str]) -> list[str | None]:
    """The addresses as URIs, all looked at at once, for most are; None for one that is longer than Excel takes."""
    spaceless = [url.replace(" ", "%20") for url in urls]  # what most of the others have too many
    if _NO_URI.search("/".join(spaceless)):
        spaceless = [_quoted(url) if _NO_URI.search(url) else url for url in spaceless]
    return [url if len(url) <= _LONGEST_URL else None for url in spaceless]


def _quoted(url: str) -> str:
    return _BARE_PERCENT.sub("%25", quote(url, safe=_SAFE))
