"""Which images, labels and test parts: `datasets.<name>.data`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections.kinds import Count, Name, Section, unique


class CsvColumns(Section):
    """Names of the columns of a CSV of images; null: it has no such column."""

    file: str = "file"
    label: str = "label"
    clean: str | None = None
    split: str | None = None
    annotator: str | None = None
    group: str | None = None
    human: dict[Name, str] = Field({})  # further labels by people: the noise human_<name> -> the column


MISSING = ["", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "None", "null", "NULL", "?"]  # words that files hold
Words = Annotated[list[str], AfterValidator(unique)]


class Folder(Section):
    """Own data: a folder of images."""

    root: str
    csv: str | None = None
    columns: CsvColumns = CsvColumns()
    missing: Words = MISSING
    size: Annotated[int, Field(ge=1, le=1024)]
    mode: Literal["rgb", "grey"]
    unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: Annotated[int, Field(ge=1, le=89_478_485)]  # the most that Pillow opens without a warning
    white: Annotated[int, Field(ge=1, le=65535)] | None = None  # of 16-bit images; null: 65535
    trusted: bool = False
    similar: dict[str, str] = Field({})  # class -> the one that it is taken for, of asymmetric noise

    @model_validator(mode="after")
    def _one_truth(self) -> "Folder":
        if self.trusted and self.columns.clean is not None:
            raise ValueError("trusted: true takes the labels for the truth; allowed: columns.clean: null")
        other = [key for key in ("clean", "split", "annotator", "group", "human") if getattr(self.columns, key)]
        if self.csv is None and other:
            instead = "csv: a file, or null for these" + (" ({} for human)" if "human" in other else "")
            raise ValueError(f"columns: {', '.join(other)}: of a CSV; allowed: {instead}")
        if "given" in self.columns.human:
            raise ValueError("columns.human: 'given' is the name of the labels in columns.label; allowed: others")
        return self


class Arrays(Section):
    """Own data: an npz file."""

    file: str
    holds: Literal["images", "features", "pred_probs"]
    root: str | None = None  # folder below which the `files` that it names are; null: not at hand
    missing: Words = MISSING
    trusted: bool = False


class Data(Section):
    folds: Count
    subset: Annotated[int, Field(ge=10)] | None
    imbalance: Annotated[float, Field(ge=1)]
    crop: Count | None = None  # pixels of a side; None: images as they are
    standardise: Literal["all", "channel", "image"] = "all"
    source: Literal["folder", "arrays"] | None = None  # of own data; None: the section's name is the loader
    folder: Folder | None = None
    arrays: Arrays | None = None
