"""The rules of the house's text hold, and each is shown a planted breach that it reports."""

import ast
from collections.abc import Sequence

import pytest

from shared.telemetry import _SENTENCES, Event
from tests.architecture.rules import BROAD_EXCEPT_PLACES, RULES, Rule, broad_excepts
from tests.architecture.sources import Source, repository

LINE = "    x = 1\n"
LONG_BODY = LINE * 50
TRIGGER = "def blueprint(services):\n    async def reports(req):\n"
SAID = "  # allow: broad-except because I say so"
DOC = '"""A module: nothing."""\n'

# Rule, path, text, whether it is a breach.
PLANTED = [
    ("broad-except", "shared/jobs/x.py", "try:\n    f()\nexcept Exception:\n    pass", True),
    ("broad-except", "shared/jobs/x.py", "try:\n    f()\nexcept (ValueError, builtins.BaseException):\n    pass", True),
    ("broad-except", "dev/x.py", "try:\n    f()\nexcept:\n    pass", True),
    ("broad-except", "shared/rows.py", "with contextlib.suppress(Exception):\n    f()", True),
    ("broad-except", "shared/rows.py", f"try:\n    f()\nexcept Exception:{SAID}\n    pass", True),
    ("broad-except", "shared/rows.py", "try:\n    f()\nexcept (OSError, ReportingError):\n    pass", False),
    ("environment", "shared/jobs/x.py", "import os\nLIMIT = os.environ.get('LIMIT')", True),
    ("environment", "function_app.py", "import os\nos.getenv('LIMIT')", True),
    ("environment", "ops/x.py", "from os import environ", True),
    ("environment", "dev/x.py", "import os\nos.environ['LIMIT'] = '1'", False),
    ("environment", "shared/settings.py", "import os\nos.environ", False),
    ("global", "dev/x.py", "def f():\n    global _cache\n    _cache = 1", True),
    ("docstring", "ops/x.py", "import os", True),
    ("docstring", "ops/x.py", '"""Does x; never y."""', False),
    ("bank-scope", "shared/reports/x.py", "a = select(call.id).where(call.client_bank == bank)", True),
    ("bank-scope", "shared/reports/x.py", "a = calls.c.client_bank.in_(banks)", True),
    ("bank-scope", "shared/reports/x.py", "a = InJsonList(calls.c['client_bank'], banks)", True),
    ("bank-scope", "shared/reports/x.py", "a = func.lower(person.bank_id) == 'x'", True),
    ("bank-scope", "shared/jobs/x.py", "if principal.bank_id != row.bank_id:\n    f()", True),
    ("bank-scope", "functions/x.py", "a = query.filter_by(client_bank=bank)", True),
    ("bank-scope", "shared/reports/x.py", "a = call.client_bank.is_(None)  # allow: bank-scope because", True),
    ("bank-scope", "shared/reports/x.py", "a = call.client_bank.is_(None)  # allow: bank-scope because x", False),
    ("bank-scope", "shared/reports/x.py", "# allow: bank-scope because x\na = call.client_bank.is_(None)", False),
    ("bank-scope", "shared/reports/x.py", "a = scope.predicate(call.client_bank) & (call.id == x)", False),
    ("bank-scope", "shared/reports/x.py", "a = calls.outerjoin(banks, banks.c.id == call.client_bank)", False),
    ("sql-string", "shared/jobs/x.py", "from sqlalchemy import select, text", True),
    ("sql-string", "shared/jobs/x.py", "from sqlalchemy.sql.expression import literal_column", True),
    ("sql-string", "shared/jobs/x.py", "import sqlalchemy\na = sqlalchemy.text('SELECT 1')", True),
    ("sql-string", "shared/jobs/x.py", "connection.exec_driver_sql(statement)", True),
    ("sql-string", "dev/x.py", "connection.execute(f'DELETE FROM {table}')", True),
    ("sql-string", "shared/jobs/x.py", "connection.execute(statement)", False),
    ("sql-string", "ops/migrations/versions/x.py", "from sqlalchemy import text", False),
    ("clock", "shared/jobs/x.py", "a = datetime.now(UTC)", True),
    ("clock", "shared/jobs/x.py", "a = datetime.datetime.utcnow()", True),
    ("clock", "functions/x.py", "a = date.today()", True),
    ("clock", "ops/x.py", "import time\na = time.time()", True),
    ("clock", "shared/jobs/x.py", "a = services.clock.now()", False),
    ("length", "shared/jobs/x.py", DOC + "\n" * 300, True),
    ("length", "shared/jobs/x.py", DOC + "# allow: length because it is one table\n" + "\n" * 300, False),
    ("length", "shared/jobs/x.py", DOC + "\n" * 299, False),
    ("length", "shared/jobs/x.py", f"def f():\n{LONG_BODY}", True),
    ("length", "shared/jobs/x.py", f"def f(\n    a,\n):  # allow: length because it is a table\n{LONG_BODY}", False),
    ("length", "shared/jobs/x.py", f"def f():\n{LONG_BODY.removesuffix(LINE)}", False),
    ("length", "functions/x/__init__.py", TRIGGER + "        x = 1\n" * 15, True),
    ("length", "functions/x/__init__.py", TRIGGER + "        x = 1\n" * 14, False),
    ("name", "shared/utils.py", "", True),
    ("name", "shared/jobs/_helpers.py", "", True),
    ("name", "dev/manager/x.py", "", True),
    ("name", "tests/date_utils.py", "", True),
    ("name", "shared/jobs/community.py", "", False),
]


def _named(name: str) -> Sequence[Rule]:
    return [rule for rule in RULES if rule.name == name]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.find.__name__}")
def test_rule_holds(rule: Rule) -> None:
    """No module of the repository breaks the rule."""
    assert rule.broken(repository()) == []


@pytest.mark.parametrize(("name", "path", "text", "is_breach"), PLANTED)
def test_rule_sees_a_breach(name: str, path: str, text: str, *, is_breach: bool) -> None:
    """A planted breach is reported once, what is allowed is not."""
    found = [line for rule in _named(name) for line in rule.broken([Source(path, text)])]
    assert len(found) == is_breach, found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.find.__name__}")
def test_every_rule_is_shown_a_breach(rule: Rule) -> None:
    """No rule is kept that never reports anything."""
    texts = [Source(path, text) for name, path, text, is_breach in PLANTED if name == rule.name and is_breach]
    assert rule.broken(texts)


def test_every_exception_is_caught_in_two_places_only() -> None:
    """The HTTP mapper and the worker's boundary each catch everything, once."""
    counts = {each.path: len(list(broad_excepts(each))) for each in repository() if each.path in BROAD_EXCEPT_PLACES}
    assert counts == dict.fromkeys(BROAD_EXCEPT_PLACES, 1)


def test_report_events_are_told() -> None:
    """Each thing that can happen to a report has an event with its sentence, and some module tells of it."""
    told = {
        node.attr
        for source in repository()
        if source.path.startswith("shared/") and source.path != "shared/telemetry.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Event"
    }
    assert set(_SENTENCES) == set(Event)
    assert told >= {"REPORT_REQUESTED", "REPORT_STARTED", "REPORT_COMPLETED", "REPORT_FAILED", "REPORT_RETRIED"}
