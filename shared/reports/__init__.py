"""The reports: one file each, found by listing this folder; a report knows no format and no job.

A report's file declares `ENTRY`; files with an underscore before their name are the parts that reports share.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from shared.reports._export_info import parameters_hash
from shared.reports._fsp_columns import STANDARD as FSP_COLUMNS
from shared.reports._model import PhotoLinks, PhotoRef, Report, ReportData
from shared.reports._names import visible_engineers

__all__ = [
    "FSP_COLUMNS",
    "PhotoLinks",
    "PhotoRef",
    "Report",
    "ReportData",
    "catalogue",
    "parameters_hash",
    "visible_engineers",
]


@cache
def catalogue() -> MappingProxyType[str, Report[Any]]:
    """All reports by id, in order of their ids."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    modules = (import_module(f"{__name__}.{name}") for name in names)
    reports = (module.ENTRY.as_report(module.__name__, module.__doc__ or "") for module in modules)
    return MappingProxyType({report.id: report for report in reports})
