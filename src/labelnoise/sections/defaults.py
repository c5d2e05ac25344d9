"""What a data set has from `dataset_defaults`."""

from typing import Any

from labelnoise.sections.datasets import DatasetSection
from labelnoise.sections.kinds import Section


def with_defaults(values: dict) -> dict:
    """A copy of params.yaml's mapping in which every data set has what it leaves out from `dataset_defaults`."""
    defaults, datasets = values.get("dataset_defaults"), values.get("datasets")
    if not isinstance(defaults, dict) or not isinstance(datasets, dict):
        return values  # the models say what is wrong
    return {**values, "datasets": {key: _inherited(DatasetSection, defaults, of) for key, of in datasets.items()}}


def _inherited(model: type[Section], defaults: Any, own: Any) -> Any:
    """`own` with what it leaves out from `defaults`: sections key by key, a table (noises, cells) as a whole."""
    if not isinstance(defaults, dict) or not isinstance(own, dict):
        return own
    shared = {name: of for name, of in sections_within(model).items() if name in defaults and name in own}
    return {**defaults, **own, **{name: _inherited(of, defaults[name], own[name]) for name, of in shared.items()}}


def sections_within(model: type[Section]) -> dict[str, type[Section]]:
    """The keys of a section that are sections themselves, and must be there."""
    kinds = {name: field.annotation for name, field in model.model_fields.items()}
    return {name: of for name, of in kinds.items() if isinstance(of, type) and issubclass(of, Section)}
