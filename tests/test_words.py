"""Every name stands once: what words name is what parameters, tables and functions have."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from labelnoise import results, words
from labelnoise.words import kinds
from labelnoise.words.columns import NUMBERS, TEXT
from labelnoise.words.methods import ARXIV, ELSEWHERE

PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text())
GRID = [name for name, method in words.METHODS.items() if method.family]


def test_methods_of_the_full_grid_have_a_family():
    assert set(GRID) <= set(PARAMS["methods"])


def test_grouped_keeps_the_order_of_the_table_and_puts_the_unknown_last():
    found = words.grouped(["new", "sop", "mae", "elr", "warp_sampled"])
    assert [(family.title, names) for family, names in found] == [
        ("Robust losses", ["mae"]),
        ("Changed labels", ["elr", "sop"]),
        ("Other methods", ["new", "warp_sampled"]),
    ]
    assert words.ordered(["new", "sop", "mae", "elr"]) == ["mae", "elr", "sop", "new"]


@pytest.mark.parametrize("family", words.FAMILIES)
def test_oracles_stand_last(family):
    oracles = [name.endswith("_oracle") for name in GRID if words.METHODS[name].family == family]
    assert oracles and oracles == sorted(oracles)


def test_a_method_is_described_with_its_paper():
    linked = "[Ghosh et al. 2017](https://arxiv.org/abs/1712.09482)"
    assert words.about("mae") == f"A symmetric, bounded loss ({linked})."
    assert words.about("forward_transposed").endswith(
        "(after [Patrini et al. 2017](https://arxiv.org/abs/1609.03683))."
    )
    assert words.about("ramp").endswith("([Brooks 2011](https://doi.org/10.1287/opre.1100.0854)).")
    assert words.about("warp").endswith("(Weston et al. 2011).") and words.about("new") == ""
    assert words.told("is it so?", "") == "Is it so?"
    assert words.about("second_form") == "The logarithm inside the sum: a soft label per class."


def test_every_linked_paper_is_cited():
    entries = [*words.METHODS.values(), *words.SCORES.values(), *words.TERMS]
    entries += [*words.NOISE_KINDS.values(), *words.NETWORKS.values()]
    assert {*ARXIV, *ELSEWHERE} <= {entry.paper.removeprefix("after ") for entry in entries}
    assert not ARXIV.keys() & ELSEWHERE.keys()


def test_every_column_is_described_once():
    columns = {column for table in results.SCHEMA for column in results.columns(table)}
    assert columns == TEXT.keys() | NUMBERS.keys() and not TEXT.keys() & NUMBERS.keys()


def test_every_number_has_a_kind_and_every_exception_is_of_a_column():
    named = [name for names in kinds.GROUPS.values() for name in names.split()]
    assert sorted(named) == sorted(NUMBERS)
    assert all(column in results.columns(table) for table, column in kinds.EXCEPTIONS)
    texts = {(table, name) for table, names in results.CLASSES.items() for name in names}
    assert all(kinds.kind(*place).base == kinds.STRING for place in texts - {("noise_matrix", "truth")})


def test_every_title_is_of_a_method_and_no_two_are_called_alike():
    assert set(words.TITLES) <= set(words.METHODS)
    assert len({words.name(name) for name in words.METHODS}) == len(words.METHODS)


def test_names():
    assert words.name("nce_rce") == "NCE+RCE"
    assert [words.name(text) for text in ("aum", "pair_flip", "disagreement", "random")] == [
        "area under the margin", "pair flip", "disagreement with labels", "random"
    ]  # fmt: skip
    assert len({score.name for score in words.SCORES.values()}) == len(words.SCORES)


def test_no_torch_is_imported():
    code = "import sys; from labelnoise.figures import table; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_figure_names_methods_that_there_are():
    for name, section in PARAMS["figures"].items():
        assert set(section.get("methods", [])) <= set(words.METHODS), name
