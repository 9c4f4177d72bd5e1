"""The output part of a request: which file is wanted and how it should look."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.rendering import Brand, Pictures, RenderOptions
from shared.settings import VERSION, RenderSettings

MAX_PREVIEW_ROWS = 200
MAX_PHOTO_LINK_HOURS = 167  # a user delegation key lives 7 days

_PREVIEW: dict[str, Any] = {"properties": {"isPreview": {"const": True}}, "required": ["isPreview"]}
_FILE: dict[str, Any] = {
    "properties": {"format": {"type": "string"}, "maxRows": {"type": "null"}},
    "required": ["format"],
}


class OutputParameters(BaseModel):
    """What the caller chose about the file. An option that means nothing for the format is accepted and ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_extra={"if": _PREVIEW, "else": _FILE},
    )

    format: str | None = Field(None, description="Kind of file; needed unless isPreview is set.")
    include_charts: bool = Field(True, description="Draw the report's charts.")
    include_metadata: bool = Field(True, description="Add the Export Info sheet.")
    include_photos: bool = Field(
        False, description="Put pictures into the file, where the photo format is Embed; links are always there."
    )
    photo_format: Literal["link", "embed"] = Field(
        "link", description="Link: photos open from the file; Embed: small pictures stand in it too, but not in CSV."
    )
    photo_links: Literal["signed", "app"] = Field(
        "signed", description="Signed links open for anybody until they expire; app links ask the reader to sign in."
    )
    photo_link_hours: int | None = Field(None, ge=1, le=MAX_PHOTO_LINK_HOURS, description="Hours signed links work.")
    csv_sheets: Literal["main", "all"] = Field(
        "main", description="For CSV: the main table only, or all sheets, a file each, in a zip with a manifest."
    )
    notify: Annotated[bool, WithJsonSchema({"const": False, "type": "boolean"})] = Field(
        False, description="Send me a mail when the file is ready."
    )
    locale: Literal["en-IN", "en-GB", "en-US"] = Field("en-IN", description="Digit grouping and date order on pages.")
    is_preview: bool = Field(False, description="Answer with the first rows as JSON instead of making a file.")
    max_rows: int | None = Field(None, ge=1, le=MAX_PREVIEW_ROWS, description="Rows per sheet of a preview.")

    @field_validator("notify")
    @classmethod
    def _sends_no_mail(cls, value: bool) -> bool:  # noqa: FBT001 pydantic calls it
        if value:
            kind, message = "not_yet", "this version sends no mail: follow the job's status instead"
            raise PydanticCustomError(kind, message)
        return value

    @model_validator(mode="after")
    def _rows_are_of_a_preview(self) -> Self:
        if self.max_rows is not None and not self.is_preview:
            kind, message = "preview_only", "maxRows is for previews only: set isPreview, or leave it out"
            raise PydanticCustomError(kind, message)
        return self

    def options(self, settings: RenderSettings, pictures: Pictures) -> RenderOptions:
        """What a format is told; `pictures` only where photos are to be embedded."""
        return RenderOptions(
            include_charts=self.include_charts,
            include_metadata=self.include_metadata,
            locale=self.locale,
            csv_bom=settings.csv_bom,
            csv_all=self.csv_sheets == "all",
            product_name=settings.product_name,
            product_version=VERSION,
            brand=_brand(settings),
            pictures=pictures if self.embeds_photos else None,
        )

    @property
    def embeds_photos(self) -> bool:
        """Whether the file is to hold the pictures themselves."""
        return self.include_photos and self.photo_format == "embed"


def _brand(settings: RenderSettings) -> Brand:
    logo = settings.brand_logo
    if logo is None:
        return Brand(settings.brand_colour)
    return Brand(settings.brand_colour, logo.read_bytes(), "png" if logo.suffix.lower() == ".png" else "svg")
