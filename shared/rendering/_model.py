"""What a format is: its extension, its content type, and the function that draws a document into a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from shared.document import Document, Facts

PICTURES_AT_ONCE = 16  # the most photos to be asked for in one go: each may be some MiB
Pictures = Callable[[Sequence[str]], Sequence[bytes | None]]


@dataclass(frozen=True)
class Brand:
    """How pages and slides say whose they are: a colour, as six hexadecimal digits, and a logo.

    Without a logo they carry the product's own mark.
    """

    colour: str = "0066CC"
    logo: bytes | None = None
    logo_type: Literal["svg", "png"] = "svg"


@dataclass(frozen=True)
class RenderOptions:
    """What the person and the deployment chose about a file; a format ignores what means nothing to it.

    `pictures` gives the bytes of photos by their blobs' names, at most `PICTURES_AT_ONCE` in a call, and None for each
    that is missing or too large. Its answer may read a photo each time that it is looked at, and holds until the next
    call. Where `pictures` is None itself, no photo is embedded.
    """

    include_charts: bool = True
    include_metadata: bool = True
    locale: str = "en-IN"
    csv_bom: bool = True
    csv_all: bool = False
    product_name: str = "CoSTAR Reports"
    product_version: str = ""
    brand: Brand = Brand()
    pictures: Pictures | None = None


@dataclass(frozen=True)
class Format:
    """One format. `render` drains the document's tables in order into the open file and says what it drew.

    `bundle` is the format to use instead where every table is wanted of a format whose file holds one.
    """

    content_type: str
    render: Callable[[Document, RenderOptions, BinaryIO], Facts]
    extension: str = ""  # of the file's name; "": the format's id
    bundle: "Format | None" = None
    is_paged: bool = False  # drawn row by row on pages, so that there is a limit to rows
