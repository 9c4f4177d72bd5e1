"""What tests of all reports share: its file and its preview; knows no report."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.sample_files import file_of
from shared.access.principal import Principal
from shared.jobs.submit import Caller, accept
from shared.ports import Services
from shared.reports import catalogue

REPORT_IDS = tuple(report.id for report in catalogue().values() if report.domain == "costar")


@dataclass(frozen=True)
class Desk:
    """Where an administrator of all banks gets previews and files without a request and a job."""

    services: Services

    def file(self, report_id: str, params: Mapping[str, Any], file_format: str, **output: Any) -> bytes:
        """The file as a job makes it."""
        with tempfile.TemporaryDirectory() as folder:
            output = {"format": file_format, **output}
            return file_of(self.services, report_id, params, output, Path(folder) / "file").path.read_bytes()

    def preview(self, report_id: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The preview of at most 200 rows a sheet."""
        admin = Principal("admin", "00000000-0000-4000-8000-000000000000", "Test", "admin", None)
        body = {"reportId": report_id, "params": dict(params), "output": {"isPreview": True}}
        shown = accept(self.services, Caller(admin, None), body)
        assert isinstance(shown, dict)
        return shown
