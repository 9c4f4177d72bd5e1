"""What a format is: its extension, its content type, and the function that draws a document into a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from shared.document import Document, Facts


@dataclass(frozen=True)
class RenderOptions:
    """What the person and the deployment chose about a file; a format ignores what means nothing to it."""

    include_charts: bool = True
    include_metadata: bool = True
    locale: str = "en-IN"
    csv_bom: bool = True
    product_name: str = "CoSTAR Reports"


@dataclass(frozen=True)
class Format:
    """One format. `render` drains the document's tables in order into the open file and says what it drew."""

    content_type: str
    render: Callable[[Document, RenderOptions, BinaryIO], Facts]
