"""The formats: one file each, found by listing this folder; a format knows no report, no job and no database.

A format's file declares `FORMAT`; its name is the format's id and the file name's extension.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from shared.rendering._model import PICTURES_AT_ONCE, Brand, Format, Pictures, RenderOptions

__all__ = ["PICTURES_AT_ONCE", "Brand", "Format", "Pictures", "RenderOptions", "find_format", "format_ids"]


@cache
def format_ids() -> tuple[str, ...]:
    """The ids of all formats; imports none of them, for each may need a heavy library."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def find_format(format_id: str) -> Format:
    """The format of this id.

    Raises:
        KeyError: there is none.

    """
    if format_id not in format_ids():
        raise KeyError(format_id)
    found: Format = import_module(f"{__name__}.{format_id}").FORMAT
    return found
