"""No clean label or true matrix can reach a method, the training loop or a list: not by name, not by import."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
import tiny
import tiny_study

import labelnoise
from labelnoise.runs import estimates, execute
from labelnoise.runs.data import Data, TrainingData
from labelnoise.runs.plan import Plan
from labelnoise.train.program import Place

ROOT = Path(labelnoise.__file__).parent
FILES = sorted([*(ROOT / "methods").glob("*.py"), *(ROOT / "train").glob("*.py")])
FILES += [ROOT / "runs" / f"{name}.py" for name in ("run", "examples")]  # others hold the truth, too
JUDGED = ("__init__", "study", "tables", "run_tables", "tiers", "metrics")  # of detect: they judge lists
LISTS = [path for path in sorted((ROOT / "detect").glob("*.py")) if path.stem not in JUDGED]
LISTS += [*sorted((ROOT / "features").glob("*.py")), ROOT / "suspects.py"]
LISTS += [path for path in sorted((ROOT / "classifier").glob("*.py")) if path.stem not in ("check", *JUDGED)]
WORDS = {"clean", "truth", "true", "oracle", "oracles"}
JUDGES = ("labelnoise.truth", "labelnoise.data", "labelnoise.noise", "labelnoise.runs", "labelnoise.studies")
BLIND = ("labelnoise.runs.run.", "labelnoise.runs.data.TrainingData")  # of those, what holds no truth
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
    told = {"oracle"}  # a method that is given the truth says so, with this one word
    return {name for name in names(ast.parse(source)) if words(name) & WORDS and name not in told}


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
    assert [name for name in found if not name.startswith(BLIND)] == []


def test_training_data_has_no_place_for_the_truth():
    assert not [name for name in TrainingData._fields if words(name) & WORDS]
    assert {name for name in Data._fields if words(name) & WORDS} == {"clean_labels"}


def with_other_truth(data: Data) -> Data:
    clean = np.roll(data.clean_labels, 1)
    reference = data.reference._replace(labels=clean)
    return data._replace(clean_labels=clean, reference=reference, designed=data.designed[:, ::-1])


@pytest.mark.parametrize("kind", ["split", "folds", "bags", "planted"])
def test_another_truth_is_another_monitor_and_the_same_training(kind):
    """What a program trains on, and what it is told to do: not a byte of it comes from the truth."""
    run, of = tiny_study.runs()[0], tiny_study.data()
    stack = {
        "split": tiny_study.runs()[:3], "folds": tiny_study.folds(run, 4), "bags": tiny_study.bags(run),
        "planted": tiny_study.planted(run),
    }[kind]  # fmt: skip
    made, others = (tiny_study.programs_of(stack, each) for each in (of, with_other_truth(of)))
    assert list(made) == list(others) and len(made) == len(stack)
    for one, other in zip(made.values(), others.values(), strict=True):
        differ = {name for name in one.spec if one.spec[name] != other.spec[name]}
        assert differ == ({"monitor"} if kind == "split" else set())
        assert one.arrays.keys() == other.arrays.keys()
        assert all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)


def test_estimates_are_the_same_with_another_truth(tmp_path):
    """Those of first runs and folds; an oracle's are the truth."""
    of, run = tiny_study.data(), tiny_study.runs(method="forward_estimated")[0]._replace(source=estimates.FOLDS)
    plan = Plan(tiny.PARAMS, [run], {"study": of}, estimates.SOURCES, {})
    done = execute.train(plan._replace(runs=plan.requires(run)), Place(tmp_path, 1e9), 1, "test")
    other = plan._replace(data={"study": with_other_truth(of)})
    for asked in (run, run._replace(source=estimates.ORACLE)):
        one, two = (each.estimates(asked, done, tmp_path)["transition"] for each in (plan, other))
        assert np.array_equal(one, two) == (asked is run)


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
        "given.oracle_transition",
    ],
)
def test_the_rule_finds_what_it_looks_for(source):
    assert forbidden(source)


@pytest.mark.parametrize("source", ["method.oracle", "x == 'oracle'", "unclean = True"])
def test_the_rule_lets_pass_what_an_oracle_says_of_itself(source):
    assert not forbidden(source)


def test_hooks_get_what_the_pipeline_estimates_and_nothing_else():
    tree = ast.parse(METHOD_HOOKS.read_text(encoding="utf-8"))
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} - {"self"}
    told = {
        "estimates",
        "labels",
        "classes",
        "logits",
        "batch",
        "state",
        "epoch",
        "probs",
        "steps",
        "weights",
        "multiple",
    }
    assert arguments <= told
