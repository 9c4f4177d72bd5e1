"""What a format is told: the choices of the request and the deployment, and whose the file is."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.jobs.output import OutputParameters
from shared.rendering import Brand, RenderOptions
from shared.settings import VERSION, RenderSettings, SettingsError

ROOT = Path(__file__).parents[2]


def _nothing(names: Sequence[str]) -> Sequence[bytes | None]:
    return [None for _ in names]


def _settings(**chosen: str) -> RenderSettings:
    return RenderSettings.load({"DATABASE_URL": "sqlite://", **chosen})


def _options(output: dict[str, Any], **chosen: str) -> RenderOptions:
    return OutputParameters.model_validate({"format": "xlsx", **output}).options(_settings(**chosen), _nothing)


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("how", ["embed", "link"])
def test_photos_are_embedded_where_both_wishes_say_so(included: bool, how: str) -> None:  # noqa: FBT001 pytest gives it
    """A format can ask for photos only where they are to be included, and embedded."""
    options = _options({"includePhotos": included, "photoFormat": how})
    assert (options.pictures is not None) == (included and how == "embed")


@pytest.mark.parametrize(
    ("chosen", "all_sheets"), [({}, False), ({"csvSheets": "main"}, False), ({"csvSheets": "all"}, True)]
)
def test_sheets_of_a_csv(chosen: dict[str, str], all_sheets: bool) -> None:  # noqa: FBT001 pytest gives it
    """The main table, unless every sheet is asked for."""
    assert _options(chosen).csv_all == all_sheets


def test_version_is_the_package_s() -> None:
    """Files name the version that the project's own file has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert _options({}).product_version == VERSION == project["version"]


def test_brand() -> None:
    """Without settings the product's own colour and mark; a colour may be written as on web pages."""
    assert _options({}).brand == Brand("0066CC", None)
    assert _options({}, BRAND_COLOUR="#aa00ff").brand == Brand("AA00FF", None)


@pytest.mark.parametrize("kind", ["svg", "png", "PNG"])
def test_logo(tmp_path: Path, kind: str) -> None:
    """A deployment's own logo is taken from its file, as what the file's name says it is."""
    file = tmp_path / f"logo.{kind}"
    file.write_bytes(b"picture")
    assert _options({}, BRAND_LOGO=str(file)).brand == Brand("0066CC", b"picture", "svg" if kind == "svg" else "png")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("BRAND_COLOUR", value) for value in ("red", "0066C", "0066CCFF", "##0066C", "url(x)")),
        *(("BRAND_LOGO", value) for value in ("missing.svg", "pyproject.toml", "tests")),
        *(("PHOTO_MAX_MIB", value) for value in ("0", "101", "x")),
        *(("PDF_MAX_ROWS", value) for value in ("0", "many")),
    ],
)
def test_wrong_settings_are_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colour, logo or limit that cannot be is told at the start, by the setting's name."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(SettingsError, match=name):
        _settings(**{name: value})
