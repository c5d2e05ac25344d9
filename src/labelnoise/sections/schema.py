"""JSON schemas, for editors."""

from typing import Any

from pydantic import TypeAdapter, create_model

from labelnoise.claims.statements import Statement
from labelnoise.params import Params
from labelnoise.sections.datasets import DatasetSection
from labelnoise.sections.defaults import sections_within
from labelnoise.sections.fit import method_section
from labelnoise.sections.kinds import Name, Section
from labelnoise.sections.networks import NETWORKS


def of_params(table: dict[str, type]) -> dict:
    """JSON schema of params.yaml, for editors: a data set may leave out what it has from `dataset_defaults`."""
    rows = {
        name: create_model(
            method.__name__, __base__=method_section(method), grid=(bool, True), training=(dict[str, Any], {})
        )
        for name, method in table.items()
    }
    methods = create_model("Methods", __base__=Section, **{name: (row | None, None) for name, row in rows.items()})
    types = {name: (of | None, None) for name, of in NETWORKS.items()}
    networks = create_model("Networks", __base__=Section, **types)
    own = {"methods": (methods, ...), "networks": (networks, ...)}
    made = create_model("Parameters", __base__=Params, **own).model_json_schema()
    # and what differs, which load checks
    other = {"required": ["network"], "properties": {"network": {"enum": list(NETWORKS)}}}
    made["$defs"]["Networks"]["additionalProperties"] = other
    named = {"method": {"enum": list(table)}, "grid": {"type": "boolean"}, "training": {"type": "object"}}
    made["$defs"]["Methods"]["additionalProperties"] = {"required": ["method"], "properties": named}
    partial = [DatasetSection]
    for model in partial:
        made["$defs"][model.__name__].pop("required", None)
        partial += sections_within(model).values()
    return made


def of_claims() -> dict:
    """JSON schema of claims.yaml."""
    return TypeAdapter(dict[Name, Statement]).json_schema()
