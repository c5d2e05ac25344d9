"""The table of families and the parameters name the same methods."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from labelnoise import families, params
from labelnoise.methods import METHODS

ROOT = Path(__file__).parents[1]
PARAMS = params.load(ROOT / "params.yaml")
ALL = [name for family in families.FAMILIES.values() for name in family.methods]


def test_families_hold_the_methods_of_the_full_grid():
    assert sorted(ALL) == sorted(PARAMS.methods)
    only_claims = {params.resolved(PARAMS, name)[0] for name in PARAMS.variants} - set(PARAMS.methods)
    assert sorted(ALL) == sorted(set(METHODS) - only_claims)


def test_a_method_is_in_one_family():
    assert len(ALL) == len(set(ALL))


def test_grouped_keeps_the_order_of_the_table_and_puts_the_unknown_last():
    found = families.grouped(["new", "sop", "mae", "elr"])
    assert [(family.title, names) for family, names in found] == [
        ("Robust losses", ["mae"]),
        ("Changed labels", ["elr", "sop"]),
        ("Other methods", ["new"]),
    ]
    assert families.ordered(["new", "sop", "mae", "elr"]) == ["mae", "elr", "sop", "new"]
    assert families.title("new") == "Other methods"


@pytest.mark.parametrize("family", families.FAMILIES.values(), ids=lambda family: family.title)
def test_oracles_stand_last(family):
    told = [name.endswith("_oracle") for name in family.methods]
    assert told == sorted(told)


def test_no_torch_is_imported():
    code = "import sys; from labelnoise import families; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_figure_names_methods_that_there_are():
    for name, section in yaml.safe_load((ROOT / "params.yaml").read_text())["figures"].items():
        assert set(section.get("methods", [])) <= set(ALL), name
