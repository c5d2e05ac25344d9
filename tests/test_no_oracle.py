"""No clean label or true matrix can reach a method, the training loop or a list: not by name, not by import."""

import ast
import re
from pathlib import Path

import pytest

import labelnoise

ROOT = Path(labelnoise.__file__).parent
FILES = sorted([*(ROOT / "methods").glob("*.py"), *(ROOT / "train").glob("*.py")])
JUDGED = ("__init__", "study", "tables", "tiers", "metrics")  # of detect: they judge lists, and make none
LISTS = [path for path in sorted((ROOT / "detect").glob("*.py")) if path.stem not in JUDGED]
LISTS += [*sorted((ROOT / "features").glob("*.py")), ROOT / "suspects.py"]
LISTS += [path for path in sorted((ROOT / "classifier").glob("*.py")) if path.stem not in ("check", *JUDGED)]
WORDS = {"clean", "truth", "true", "oracle", "oracles"}
JUDGES = ("labelnoise.truth", "labelnoise.data", "labelnoise.noise", "labelnoise.evaluate", "labelnoise.columns")
METHOD_HOOKS = ROOT / "methods" / "base.py"


def words(name):
    """clean_labels -> clean, labels; CleanLabels -> clean, labels."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def names(tree):
    """Every identifier, and every string that could be a key of a mapping; docstrings and messages are prose."""
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name", "asname", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield from value.split(".")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def forbidden(source):
    told = re.compile(r".*_oracle$|.*Oracle$")  # a method that is given the truth says so in its name
    return {name for name in names(ast.parse(source)) if words(name) & WORDS and not told.match(name)}


def imports(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES + LISTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_name_speaks_of_the_truth(path):
    assert forbidden(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_that_knows_the_truth_is_imported(path):
    found = [name for name in imports(path.read_text(encoding="utf-8")) if name.startswith(JUDGES)]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "def loss(outputs, clean_labels): ...",
        "data.clean",
        "arrays['clean_labels']",
        "f(truth=1)",
        "true_transition = 1",
        "class TrueLabels: ...",
        "from x import truth",
    ],
)
def test_the_rule_finds_what_it_looks_for(source):
    assert forbidden(source)


@pytest.mark.parametrize("source", ["from x import ForwardOracle", "{'forward_oracle': 1}", "unclean = True"])
def test_the_rule_lets_names_of_oracle_methods_pass(source):
    assert not forbidden(source)


def test_hooks_get_what_the_pipeline_estimates_and_nothing_else():
    tree = ast.parse(METHOD_HOOKS.read_text(encoding="utf-8"))
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} - {"self"}
    allowed = {
        "given",
        "labels",
        "num_classes",
        "generators",
        "outputs",
        "batch",
        "state",
        "epoch",
        "probs",
        "epochs",
    }
    assert arguments <= allowed
