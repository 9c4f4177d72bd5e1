"""The arrows of the house: no import points where `architecture.md` allows none, and the check can tell."""

import pytest

from tests.architecture.house import circles, forbidden_arrows
from tests.architecture.sources import Source, repository

FORBIDDEN = [
    ("shared/errors.py", "from shared.clock import Clock", "errors may not see clock"),
    ("shared/clock.py", "import shared.tables", "clock may not see tables"),
    ("shared/document.py", "from shared import ports", "document may not see ports"),
    ("shared/ports.py", "from shared.access.scope import BankScope", "ports may not see access"),
    ("shared/access/token.py", "from shared.jobs.submit import Caller", "access may not see jobs"),
    ("shared/qbr/quarter.py", "from shared.jobs import store", "qbr may not see jobs"),
    ("shared/reports/call_details.py", "from shared.rendering import Format", "reports may not see rendering"),
    ("shared/rendering/csv.py", "from shared.reports import Report", "rendering may not see reports"),
    ("shared/rendering/csv.py", "from ..reports import Report", "rendering may not see reports"),
    ("shared/rows.py", "from shared.jobs.pulse import Pulse", "rows may not see jobs"),
    ("shared/jobs/run.py", "from shared.schedules import fire", "jobs may not see schedules"),
    ("shared/jobs/run.py", "def f():\n    from shared.adapters import database", "jobs may not see adapters"),
    ("shared/health.py", "import importlib\nimportlib.import_module('shared.wiring')", "health may not see wiring"),
    ("shared/schedules/fire.py", "from shared.wiring import connect", "schedules may not see wiring"),
    ("shared/adapters/smtp.py", "from shared.access.scope import BankScope", "adapters may not see access"),
    ("shared/adapters/smtp.py", "from shared.jobs.states import Status", "adapters may not see jobs"),
    ("shared/child.py", "from shared.wiring import connect", "child may not see wiring"),
    ("shared/wiring.py", "import shared.child", "wiring may not see child"),
    ("functions/_http.py", "from shared.adapters.jwks import JwksKeys", "functions may not see adapters"),
    ("functions/health/__init__.py", "from shared.wiring import connect", "functions may not see wiring"),
    ("function_app.py", "from shared.adapters.database import SqlDatabase", "function_app may not see adapters"),
    ("shared/settings.py", "import ops.migrate", "settings may not see ops"),
    ("shared/jobs/run.py", "if TYPE_CHECKING:\n    from dev.host import errors", "jobs may not see dev"),
    ("ops/migrate.py", "from dev.sample_data import load_sample_data", "ops may not see dev"),
    ("ops/migrate.py", "import function_app", "ops may not see function_app"),
    ("dev/run.py", "from tests.world import World", "dev may not see tests"),
    ("tests/unit/test_child.py", "import shared.child", "tests may not see child"),
    ("shared/helping.py", "", "helping has no place in the house"),
    ("shared/errors.py", "import shared.helping", "errors may not see helping"),
    ("shared/rendering/xlsx.py", "from shared.rendering._model import Format", ""),
    ("shared/jobs/run.py", "from shared.reports._calls import totals", "shared.reports._calls.totals is private"),
    ("shared/jobs/run.py", "from shared.reports import _calls", "shared.reports._calls is private"),
    ("shared/wiring.py", "from shared.settings import _json", "shared.settings._json is private"),
    ("ops/preflight.py", "from shared.tables._types import Guid", "shared.tables._types.Guid is private"),
    ("functions/health/__init__.py", "from functions._http import respond", ""),
    ("tests/unit/test_metrics.py", "from shared.reports._metrics import share", ""),
    ("shared/wiring.py", "from azure.storage.blob import BlobServiceClient", "wiring may not know azure.storage"),
    ("shared/jobs/run.py", "def f():\n    import azure.servicebus.aio", "jobs may not know azure.servicebus"),
    ("functions/_http.py", "import azure.identity", "functions may not know azure.identity"),
    ("shared/jobs/store.py", "from sqlalchemy import create_engine", "jobs may not know sqlalchemy.create_engine"),
    ("ops/migrate.py", "import psycopg", "ops may not know psycopg"),
    ("shared/mail/send.py", "import smtplib", "mail may not know smtplib"),
    ("shared/jobs/submit.py", "import azure.functions as func", "jobs may not know azure.functions"),
    ("shared/adapters/smtp.py", "import smtplib", ""),
]


def test_imports_follow_the_house() -> None:
    """No module imports what its floor may not see, what is private, or a library that is another's."""
    assert forbidden_arrows(repository()) == []


def test_no_import_circle() -> None:
    """No module reaches itself through what it imports, lazily or not."""
    assert circles(repository()) == []


@pytest.mark.parametrize(("path", "text", "problem"), FORBIDDEN)
def test_check_sees_a_wrong_arrow(path: str, text: str, problem: str) -> None:
    """A planted import is reported where the house forbids it, and passes where it does not."""
    found = forbidden_arrows([Source(path, text)])
    assert [line.partition(": ")[2].partition(" (")[0] for line in found] == ([problem] if problem else [])


def test_check_sees_a_circle() -> None:
    """Two neighbours that import each other are reported, though one does so inside a function."""
    one = Source("shared/jobs/one.py", "from shared.jobs import two")
    two = Source("shared/jobs/two.py", "def f():\n    from shared.jobs.one import g")
    assert set(circles([one, two])) == {"shared.jobs.one", "shared.jobs.two"}
    assert circles([one, Source("shared/jobs/two.py", "import shared.errors")]) == []


def test_check_reads_the_whole_repository() -> None:
    """The modules that the rules are about are among those that are read."""
    read = {source.path for source in repository()}
    assert {"function_app.py", "shared/errors.py", "functions/_http.py", "ops/__main__.py", "dev/run.py"} <= read
