"""The small world behind the golden files: a few dozen calls that stand still, with hard texts; compares nothing.

`python -m tests.golden.world` makes every file in a process of its own and prints their digests as JSON.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from dev.sample_data._remarks import LONG_NOTE, ODD_TEXTS
from dev.sample_files import UNTIL, SampleFiles, sample_services
from shared.ports import Services
from shared.rendering import format_ids
from shared.tables import call_events, calls, customer_surveys
from tests.any_report import REPORT_IDS

_CALLS, _FIRST = 200, date(2026, 6, 1)
_EVERY = 2  # calls, of which one gets hard texts
_NAMES = (
    "টার্মিনাল স্টোর্স",
    "ಅಂಗಡಿ ಮಳಿಗೆ",
    "ടെർമിനൽ കട",
    "ટર્મિનલ સ્ટોર્સ",
    "ਟਰਮੀਨਲ ਸਟੋਰ",
    "టెర్మినల్ దుకాణం",
    "ଟର୍ମିନାଲ ଦୋକାନ",
    "نصب ہو گیا (12:30)",
    "חנות הדקל 24",
    "東京カフェ 한국상점",
    "ร้านติดตั้งแล้ว",
    "Łódź – Ärger “naïve” €5 ≤ ½ Việt",
    "Αθήνα & Москва <b>x</b> {{token}}",
    "😡👍🏽👨‍👩‍👧 🇮🇳 Store",
    "=SUM(A1:A9)",
    "A-very-long-name-without-a-single-space-" + "0123456789" * 6,
)
_TEXTS = (LONG_NOTE, "\n".join(_NAMES), "%s %(x)s \\ | ` ~ ^ [x]", *ODD_TEXTS)


@dataclass(frozen=True)
class Case:
    """One golden file: a report, a format, and what else the request's output says."""

    report: str
    format: str
    variant: str = ""
    output: Mapping[str, Any] = field(default_factory=dict)
    extension: str = ""  # where it is not the format's id

    @property
    def name(self) -> str:
        """How its reference is called."""
        return ".".join(filter(None, (self.report, self.variant, self.extension or self.format)))


_EMBEDDED = {"includePhotos": True, "photoFormat": "embed"}
CASES = (
    *(Case(report, each) for report in REPORT_IDS for each in format_ids()),
    *(Case("call-details-fsp", each, "photos", _EMBEDDED) for each in ("pdf", "xlsx")),
    Case("call-details-fsp", "csv", "all", {"csvSheets": "all"}, "zip"),
)


@contextmanager
def golden_files() -> Iterator[SampleFiles]:
    """What makes the files."""
    with sample_services(_CALLS) as services:
        _write_hard_texts(services)
        yield SampleFiles(services, _FIRST, UNTIL)


def make(files: SampleFiles, case: Case, folder: Path) -> Path:
    """Writes the file of a case, under its name."""
    return files.make(case.report, case.format, folder / case.name, **case.output).path


def _write_hard_texts(services: Services) -> None:
    """Gives every second call a name and notes, and every survey a comment, that are hard on some format."""
    found = select(calls.c.id).where(calls.c.scheduled_date.between(_FIRST, UNTIL)).order_by(calls.c.call_number)
    surveyed = select(customer_surveys.c.id).order_by(customer_surveys.c.survey_date.desc(), customer_surveys.c.id)
    with services.costar.transaction() as connection:
        chosen, surveys = connection.scalars(found).all()[::_EVERY], connection.scalars(surveyed).all()
        for identity, name, text in zip(chosen, cycle(_NAMES), cycle(_TEXTS), strict=False):
            hard = {"client_name": name, "resolution_notes": text}
            connection.execute(update(calls).where(calls.c.id == identity).values(hard))
            connection.execute(update(call_events).where(call_events.c.call_id == identity).values(notes=name))
        for identity, text in zip(surveys, cycle(_NAMES), strict=False):
            connection.execute(update(customer_surveys).where(customer_surveys.c.id == identity).values(comments=text))


def _digests(folder: Path) -> dict[str, str]:
    with golden_files() as files:
        return {case.name: hashlib.sha256(make(files, case, folder).read_bytes()).hexdigest() for case in CASES}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as _folder:
        json.dump(_digests(Path(_folder)), sys.stdout)
