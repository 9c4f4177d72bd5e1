"""The one bank of the sample world that wants its FSP report in a form of its own."""

from dev.bulk_load import Row
from dev.sample_data._people import BANKS

_BANK = BANKS[1]
_COLUMNS = (
    ("callReference", "Ticket No."),
    ("merchantId", "MID"),
    ("merchantName", "Merchant"),
    ("city", "City"),
    ("pinCode", "PIN"),
    ("callType", "Activity"),
    ("deviceSerial", "Terminal Serial"),
    ("scheduledDate", "Planned On"),
    ("completionDate", "Closed On"),
    ("tatHours", "TAT (Hours)"),
    ("status", "Status"),
    ("remarks", "Remarks, as written by the engineer"),
    ("photoEvidence", "Proof"),
)


def fsp_format_row() -> Row:
    """The row of `fsp_formats`."""
    return {"bank_id": _BANK.id, "columns": [{"key": key, "heading": heading} for key, heading in _COLUMNS]}
