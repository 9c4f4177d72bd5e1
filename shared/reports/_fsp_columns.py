"""The columns of the FSP report, standard and as a bank wants them; reads no database and makes no row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shared.document import Column, Kind, Row

_DATE = "%d-%m-%Y"

STANDARD = (
    Column("callReference", "Call Reference"),
    Column("bankCode", "Bank Code", few_values=True),
    Column("merchantName", "Merchant Name"),
    Column("merchantId", "Merchant ID"),
    Column("address", "Address", long_text=True),
    Column("city", "City", few_values=True),
    Column("state", "State", few_values=True),
    Column("pinCode", "PIN Code"),
    Column("contactPerson", "Contact Person"),
    Column("contactNumber", "Contact Number"),
    Column("callType", "Call Type", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("scheduledDate", "Scheduled Date", Kind.DATE, date_format=_DATE),
    Column("engineerName", "Assigned Engineer Name", few_values=True),
    Column("engineerPhone", "Engineer Phone", few_values=True),
    Column("attendedDate", "Attended Date", Kind.DATE, date_format=_DATE),
    Column("completionDate", "Completion Date", Kind.DATE, date_format=_DATE),
    Column("status", "Status", few_values=True),
    Column("tatHours", "TAT (Hours)", Kind.DECIMAL, decimals=2),
    Column("deviceSerial", "Device Serial"),
    Column("remarks", "Remarks", long_text=True),
    Column("photoEvidence", "Photo Evidence", Kind.LINK),
)
_ON_PAGES = (
    *("callReference", "merchantName", "city", "callType", "scheduledDate", "engineerName", "attendedDate"),
    *("completionDate", "status", "tatHours", "photoEvidence"),
)
_PLACES = {column.key: place for place, column in enumerate(STANDARD)}


@dataclass(frozen=True)
class Layout:
    """Columns of a sheet, and where each stands among the standard ones."""

    columns: tuple[Column, ...]
    places: tuple[int, ...]

    @classmethod
    def standard(cls) -> "Layout":
        """All columns, in order of reports.md §3.3."""
        return cls(STANDARD, tuple(range(len(STANDARD))))

    @classmethod
    def of(cls, chosen: Iterable[Mapping[str, str]]) -> "Layout":
        """The `key`s that a row of `fsp_formats` has, in its order, under its `heading`s."""
        held = list(chosen)
        places = tuple(_PLACES[each["key"]] for each in held)
        columns = (replace(STANDARD[place], label=each["heading"]) for place, each in zip(places, held, strict=True))
        return cls(tuple(columns), places)

    @property
    def page_columns(self) -> tuple[str, ...]:
        """Those of the columns for pages that are there; all, where none of them is."""
        there = {column.key for column in self.columns}
        return tuple(key for key in _ON_PAGES if key in there)

    def arranged(self, row: Row) -> Row:
        """A row of the standard columns in this order."""
        return tuple(row[place] for place in self.places)
