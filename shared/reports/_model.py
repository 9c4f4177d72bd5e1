"""What a report is: its catalogue entry, its parameters, how many rows to expect, and the function that builds it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from shared.access.scope import BankScope, ScopedReader
from shared.document import Document
from shared.ports import Database
from shared.reports._parameters import ReportParameters
from shared.settings import RenderSettings

P = TypeVar("P", bound=ReportParameters)


@dataclass(frozen=True)
class PhotoRef:
    """A photo: its id, and the name of its blob as the database has it."""

    id: str
    blob_name: str


PhotoLinks = Callable[[Sequence[PhotoRef]], Sequence[str | None]]  # None: no blob can have this photo's name


@dataclass(frozen=True)
class ReportData:
    """Where a report's numbers come from. `photo_links` turns photos into addresses, which expire, or never (None).

    `own_data` is what the report's `Entry.own_data` found before.
    """

    reader: ScopedReader
    scope: BankScope
    settings: RenderSettings
    generated_at: datetime
    generated_by: str
    photo_links: PhotoLinks
    links_expire_at: datetime | None
    own_data: Mapping[str, Any] = field(default_factory=dict)


def _nothing(_parameters: Any, _scope: BankScope, _reporting: Database) -> Mapping[str, Any]:
    return {}


def _never(_parameters: Any, _scope: BankScope) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[P]):
    """What a report's module declares; id, name and description come from the module itself.

    `own_data` reads, as JSON, what the report needs of the product's own tables: no statement spans two databases, and
    a render child knows only CoSTAR's. It is asked at each attempt, before the work is ordered.
    `is_split` says whether the main table comes as several, which a format of one table cannot hold.
    """

    category: str
    icon: str
    estimated_time: str
    async_threshold: int
    parameters: type[P]
    build: Callable[[P, ReportData], Document]
    estimate: Callable[[P, ReportData], int]
    domain: Literal["costar", "qbr"] = "costar"
    formats: tuple[str, ...] | None = None  # None: every format there is
    photo_link_hours: int | None = None  # where the caller chooses none; None: the setting's
    own_data: Callable[[P, BankScope, Database], Mapping[str, Any]] = _nothing
    is_split: Callable[[P, BankScope], bool] = _never

    def as_report(self, module_name: str, docstring: str) -> "Report[Any]":
        """The catalogue entry: `call_details` is `call-details`; the docstring is "Name: description."."""
        name, _, description = docstring.strip().partition(": ")
        identity = module_name.rpartition(".")[2].replace("_", "-")
        return Report(id=identity, name=name, description=_sentence(description), **vars(self))


@dataclass(frozen=True, kw_only=True)
class Report(Entry[P]):
    """One report of the catalogue: what its module declares, and what its name and docstring tell."""

    id: str
    name: str
    description: str


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words[:1].upper() + words[1:]
