"""Plants a word in every text of a call and of all that hangs on it, so that whatever shows the call shows the word.

Two banks are planted so that each text tells whose it is, and everything that a person is shown is read as one text.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

from pypdf import PdfReader
from sqlalchemy import String, Table, insert

from shared.jobs.catalogue import options_answer, reports_answer
from shared.jobs.status import find_job, generated_answer
from shared.jobs.submit import accept
from shared.ports import Services
from shared.tables import call_devices, call_events, calls, customer_surveys, devices, fsp_formats, user_profiles
from tests.jobs import files, run, submitted
from tests.world import MORNING, World

OURS, THEIRS, NOBODYS = "canary-ours", "canary-theirs", "canary-nobodys"

_METADATA = (
    *("pre_installation_checklist", "post_installation_verification", "delay_reason", "fault_description"),
    *("swap_reason", "issues_found", "deinstallation_reason"),
)
_CHOSEN = {"calls": ("type", "status", "priority"), "call_events": ("event_type", "from_status", "to_status")}


def telltales(table: Table, word: str, *but: str) -> dict[str, str]:
    """A value with the word, and the column's name behind it, for every text column that takes any text.

    The word is cut where the column is too short for both.
    """
    texts = ((column.name, column.type) for column in table.columns if column.name not in but)
    return {name: _fitting(word, name, kind.length) for name, kind in texts if isinstance(kind, String)}


def _fitting(word: str, name: str, length: int | None) -> str:
    return f"{word if length is None else word[: length - len(name) - 1]} {name}"


def plant(services: Services, world: World, bank: str | None, word: str, **values: Any) -> str | None:
    """An engineer of the bank, and a completed installation of his with all that can hang on a call; his id.

    The call was assigned to him, moved to another day, and given to him again; the customer is not content. Without a
    bank there is no engineer either: everybody may see those who belong to none.
    """
    engineer = world.engineer(bank, **telltales(user_profiles, word, "role", "subject")) if bank else None
    texts = telltales(calls, word, *_CHOSEN["calls"], *values)
    hours = [MORNING + timedelta(hours=number) for number in range(4)]
    times = {"assigned_at": hours[0], "started_at": hours[2], "completed_at": hours[3], "status": "completed"}
    metadata = {key: f"{word} {key}" for key in _METADATA}
    call = world.call(bank, **(texts | times | {"assigned_engineer": engineer, "metadata": metadata} | values))
    _plant_events(world, call, engineer, word)
    world.photo(call, f"{blob_word(word)}/photo.jpg", content_type=word[:200], kind="installation")
    _plant_rest(services, call, bank, word)
    return engineer


def blob_word(word: str) -> str:
    """The letters of the word that the name of a blob may have."""
    return "".join(each for each in word if each.isascii() and (each.isalnum() or each == "-")) or "photo"


def _plant_events(world: World, call: str, engineer: str | None, word: str) -> None:
    texts = telltales(call_events, word, *_CHOSEN["call_events"])
    for hours, kind in enumerate(("ASSIGNED", "RESCHEDULED", "REASSIGNED", "NOTE")):
        at = MORNING + timedelta(hours=hours / 2)
        world.event(call, kind, at=at, actor_id=engineer, from_engineer=engineer, to_engineer=engineer, **texts)


def _plant_rest(services: Services, call: str, bank: str | None, word: str) -> None:
    device = {"id": str(uuid4()), "bank_id": bank, **telltales(devices, word)}
    survey = {"id": str(uuid4()), "call_id": call, "survey_date": MORNING, "created_at": MORNING, "overall_rating": 1}
    comments = telltales(customer_surveys, word)
    with services.costar.transaction() as connection:
        connection.execute(insert(devices).values(device))
        connection.execute(insert(call_devices).values(call_id=call, device_id=device["id"], role="installed"))
        connection.execute(insert(customer_surveys).values(survey | comments))


@dataclass
class Banks:
    """Two banks whose every text tells whose it is, a call of no bank, and the engineers of each."""

    ours: str
    theirs: str
    our_engineer: str
    their_engineer: str


def two_banks(services: Services, world: World) -> Banks:
    """Two banks with a call, an engineer and an FSP format each, and a call of no bank."""
    ours, theirs = world.bank(f"{OURS} name", code=f"{OURS} code"), world.bank(f"{THEIRS} name", code=f"{THEIRS} code")
    engineers = [str(plant(services, world, bank, word)) for bank, word in ((ours, OURS), (theirs, THEIRS))]
    plant(services, world, None, NOBODYS)
    for bank, word in ((ours, OURS), (theirs, THEIRS)):
        columns = [{"key": "callReference", "heading": f"{word} heading"}, {"key": "city", "heading": "City"}]
        with services.reporting.transaction() as connection:
            connection.execute(insert(fsp_formats).values(bank_id=bank, columns=columns))
    return Banks(ours, theirs, *engineers)


def everything_shown(services: Services, world: World, subject: str, body: Mapping[str, Any]) -> str:
    """All that a person gets to see on the way from the form to the file, as one text."""
    caller = world.caller(subject)
    preview = accept(services, caller, {**body, "output": {"isPreview": True}})
    job_id = submitted(services, world, subject, body)
    row = run(services, job_id)
    assert (row.status, row.error) == ("completed", None)
    told = [
        preview,
        reports_answer(caller.principal),
        options_answer(services, caller.principal),
        find_job(services, caller.principal, job_id).answer(services, caller),
        generated_answer(services, caller, job_id),
        row.summary,
        row.message,
        row.file_name,
    ]
    content = _unpacked(files(services).read(row.blob_name, 10**7))
    return json.dumps(told, default=str, ensure_ascii=False) + content


def _unpacked(content: bytes) -> str:
    """The bytes of a file as text; of a package, those of each part and their names; of a PDF, pages without spaces."""
    if content.startswith(b"%PDF"):
        file = PdfReader(io.BytesIO(content))
        return "".join("".join([str(file.metadata), *(page.extract_text() for page in file.pages)]).split())
    if not content.startswith(b"PK"):
        return content.decode("utf-8-sig")
    with ZipFile(io.BytesIO(content)) as package:
        return "\n".join(f"{name}\n{package.read(name).decode('utf-8', 'replace')}" for name in package.namelist())
