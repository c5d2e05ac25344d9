"""Bad parameters end with one line that names the key and what is allowed."""

import json
from pathlib import Path

import pytest
import yaml

from labelnoise import params, planned
from labelnoise.methods import METHODS

ROOT = Path(__file__).parents[1]


def changed(tmp_path: Path, key: str, value) -> Path:
    """params.yaml with one key changed."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    *parents, last = key.split(".")
    section = values
    for parent in parents:
        section = section[parent]
    section[last] = value
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def message(path: Path) -> str:
    with pytest.raises(SystemExit) as stopped:
        params.load(path, METHODS)
    text = str(stopped.value)
    assert text.startswith(f"error: {path}: ") and "\n" not in text
    return text.removeprefix(f"error: {path}: ")


def test_committed_parameters_are_valid():
    assert params.load(ROOT / "params.yaml", METHODS).study.seeds == 5


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("study.sedes", 3, "study: unknown key 'sedes'; allowed: datasets, seeds"),
        ("study.seeds", 0, "study.seeds = 0: must be greater than or equal to 1"),
        (
            "study.datasets",
            ["imagenet"],
            "study.datasets: 'imagenet' has no section in datasets; allowed: arrays, cifar10",
        ),
        ("datasets.digits.noises.symmetric", [1.5], "datasets.digits.noises.symmetric.0 = 1.5: must be less than"),
        ("datasets.digits.training.lr", "0.05", "datasets.digits.training.lr = '0.05': must be a valid number"),
        (
            "datasets.digits.networks",
            ["resnet"],
            "datasets.digits.networks: unknown network 'resnet'; allowed: mlp",
        ),
        ("memorization.probe.corruption", 0.3, "memorization: regularized, probe.corruption: 0.3 is not studied"),
        ("memorization.epochs", {"resnet": 9}, "memorization: epochs: unknown network 'resnet'; allowed: mlp"),
        (
            "memorization.regularizers.none",
            {"lr": 0.1, "dropout": 0.0, "shift": 0},
            "memorization: regularizers.none: missing key 'weight_decay'",
        ),
        (
            "memorization.regularizers.dropout.dropout",
            1.0,
            "memorization.regularizers.dropout.dropout = 1.0: must",
        ),
        ("methods.elrr", {}, "methods.elrr: unknown method; allowed: backward, backward_oracle"),
        ("methods.mae", {"q": 1}, "methods.mae: unknown key 'q'; allowed: none"),
        (
            "methods.joint_optimization.alpha",
            -1.0,
            "methods.joint_optimization: alpha = -1.0: must be greater than",
        ),
        ("run.device", "tpu", "run.device = 'tpu': must be 'auto', 'cpu' or 'cuda'"),
        ("run.workers", 0, "run.workers = 0: must be"),
        ("evaluate.level", 1.0, "evaluate.level = 1.0: must be less than 1"),
        (
            "datasets.digits.training.lr",
            float("inf"),
            "datasets.digits.training.lr = inf: must be a finite number",
        ),
        (
            "datasets.digits.training.lr",
            "1e-3",
            "datasets.digits.training.lr = '1e-3': must be a valid number (YAML",
        ),
        (
            "claims.warp.pairs",
            [["warp", "wrap"]],
            "claims.warp: unknown method or variant 'wrap'; allowed: backward",
        ),
        ("claims.calibration.methods", ["wrap"], "claims.calibration: unknown method or variant 'wrap'; allowed"),
        (
            "claims.warp.cells",
            {"symmetric": [0.3]},
            "claims.warp.cells: 'symmetric' at 0.3 is in the noises of no data set; allowed: asymmetric 0.2",
        ),
        ("claims.warp.pairs", [["warp"]], "claims.warp.pairs.0: List should have at least 2 items"),
        ("claims.warp.pairs", [["mae", "mae"]], "claims.warp.pairs.0: 'mae' stands there twice"),
        (
            "claims.sample_and_class.cells",
            {"symmetric": [0.3]},
            "claims.sample_and_class.cells: 'symmetric' at 0.3 is in the noises of no data set; allowed: ",
        ),
        (
            "claims.training_dynamics.scores",
            ["auum"],
            "claims.training_dynamics.scores.0 = 'auum': must be 'noise_model', 'noise_model_high', ",
        ),
        (
            "claims.training_dynamics.against",
            ["loss_last", "aum"],
            "claims.training_dynamics: against: 'aum' is in scores too",
        ),
        (
            "claims.bootstrap_uncertainty.cells",
            {"symmetric": [0.2]},
            "claims.bootstrap_uncertainty.cells: 'symmetric' at 0.2 is in the bootstrap.cells of no data set; allowed",
        ),
        (
            "claims.sample_and_class.cells",
            {"ambiguous": [0.1]},
            "claims.sample_and_class.cells: 'ambiguous' at 0.1 is in the noises of no data set; allowed: asymmetric",
        ),
        (
            "datasets.digits.bootstrap.cells",
            {"symmetric": [0.3]},
            "datasets.digits.bootstrap.cells: 'symmetric' at 0.3 is not in datasets.digits.noises; allowed: asymmetric",
        ),
        ("claims.bootstrap_uncertainty.scores", [], "claims.bootstrap_uncertainty.scores: List should have at"),
        (
            "claims.obvious_errors.scores",
            ["aum"],
            "claims.obvious_errors: unknown key 'scores'; allowed: threshold",
        ),
        ("claims.warp.treshold", 0.0, "claims.warp: unknown key 'treshold'; allowed: threshold, pairs, cells"),
        ("claims.wrap", {}, "claims: unknown key 'wrap'; allowed: seeds, level, variants, random_labels"),
        ("claims.seeds", 1, "claims.seeds = 1: must be greater than or equal to 2"),
        (
            "claims.calibration.cells",
            {"symmetric": [0.4]},
            "claims.calibration.cells: none is missing; noise is compared with it",
        ),
        (
            "datasets.digits.noises.symmetric",
            [0.2, 0.2],
            "datasets.digits.noises.symmetric: 0.2 stands there twice",
        ),
        ("study.datasets", ["digits", "digits"], "study.datasets: 'digits' stands there twice"),
        (
            "methods.joint_optimization.update_from",
            61,
            "methods.joint_optimization: update_from = 61: must be at most",
        ),
        ("methods.noise_layer.warmup_epochs", 60, "methods.noise_layer: warmup_epochs = 60: must be below the 60"),
        (
            "report.noise_rate",
            0.7,
            "report: 'symmetric' at 0.7 is in the noises of no data set; allowed: asymmetric",
        ),
        (
            "figures.memorization.noise",
            "pair",
            "figures.memorization: 'pair' at 0.4 is in the noises of no data set",
        ),
        (
            "figures.memorization.methods",
            ["cross_entropi"],
            "figures.memorization.methods: 'cross_entropi' is not in",
        ),
        (
            "figures.accuracy.selection",
            "best_test",
            "figures.accuracy.selection = 'best_test'; allowed: best_noisy",
        ),
    ],
)
def test_one_line_names_key_and_what_is_allowed(tmp_path, key, value, expected):
    assert message(changed(tmp_path, key, value)).startswith(expected)


def test_missing_key(tmp_path):
    path = changed(tmp_path, "estimate", {})
    assert message(path) == "estimate.anchor_percentile: missing key"


def test_baseline_must_be_there(tmp_path):
    assert "cross_entropy is missing" in message(changed(tmp_path, "methods", {"mae": {}}))


def test_no_file_and_no_yaml(tmp_path):
    assert "no such file" in message(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("a: [")
    assert message(tmp_path / "params.yaml").startswith("not YAML: ")
    (tmp_path / "params.yaml").write_text("study: {seeds: 1}\nstudy: {seeds: 2}")
    assert "key 'study' stands there twice" in message(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_bytes(b"\xff")
    assert "cannot be read as text" in message(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("")
    assert message(tmp_path / "params.yaml") == "study: missing key"


def test_schema_for_editors_is_up_to_date():
    assert json.loads((ROOT / "params.schema.json").read_text()) == params.schema(METHODS), "run `make schema`"


def test_what_claims_compare_is_run_where_they_compare_it(tmp_path):
    claims = {
        "seeds": 3,
        "level": 0.9,
        "variants": {},
        "warp": {"threshold": 0.0, "pairs": [["warp", "mae"]], "cells": {"symmetric": [0.4, 0.2]}},
        "calibration": {"threshold": 0.0, "methods": ["mae"], "cells": {"none": [0.0], "symmetric": [0.4]}},
    }
    chosen = params.load(changed(tmp_path, "claims", claims), METHODS)
    assert {name: cells for name, cells in planned.contrast_runs(chosen).items() if cells} == {
        "warp": [("symmetric", 0.4), ("symmetric", 0.2)],
        "mae": [("symmetric", 0.4), ("symmetric", 0.2), ("none", 0.0)],
    }
    assert planned.claim_cells(chosen) == {"symmetric": [0.4, 0.2], "none": [0.0]}


def test_claims_about_finding_errors_ask_for_no_run_and_no_further_seed(tmp_path):
    """They read what the runs of the study and of the bootstrap say: no method is trained for them."""
    own = {
        "training_dynamics": {"scores": ["aum"], "against": ["loss_last"]},
        "bootstrap_uncertainty": {"scores": ["oob_entropy"]},
        "sample_and_class": {"scores": ["noise_model"], "against": ["class_only"]},
        "obvious_errors": {},
    }
    cells = {"cells": {"pair_flip": [0.45]}, "threshold": 0.1}
    claims = {"seeds": 9, "level": 0.9, "variants": {}} | {name: of | cells for name, of in own.items()}
    chosen = params.load(changed(tmp_path, "claims", claims), METHODS)
    assert list(planned.claim_sections(chosen)) == list(own)
    assert not any(planned.contrast_runs(chosen).values()) and planned.claim_cells(chosen) == {}


def test_claims_about_finding_errors_may_name_cells_in_which_no_method_is_studied(tmp_path):
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    values["datasets"]["digits"]["detection_noises"] = {"symmetric": [0.35]}
    values["claims"]["obvious_errors"]["cells"] = {"symmetric": [0.35]}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    params.load(path, METHODS)
    values["claims"]["warp"]["cells"] = {"symmetric": [0.35]}
    path.write_text(yaml.safe_dump(values))
    assert message(path).startswith("claims.warp.cells: 'symmetric' at 0.35 is in the noises of no data set")


def test_seeds_of_a_noise_cell(tmp_path):
    """Networks: those of the study, of claims that compare, of the bootstrap. Label errors are looked for in more."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    own = values["datasets"]["digits"]
    own |= {"noises": {"symmetric": [0.2, 0.4], "pair_flip": [0.45]}, "detection_noises": {"ambiguous": [0.1]}}
    own["bootstrap"] |= {"cells": {"pair_flip": [0.45], "symmetric": [0.4]}, "seeds": 6}
    own["detection"] = {"seeds": 7, "checked": 1}
    values["claims"] = {
        "seeds": 8, "level": 0.9, "variants": {},
        "warp": {"threshold": 0.0, "pairs": [["warp", "mae"]], "cells": {"symmetric": [0.4], "asymmetric": [0.4]}},
    }  # fmt: skip
    values["recheck"]["retrain"]["cells"], values["datasets"]["mnist"]["noises"] = {}, {"asymmetric": [0.4]}
    values["datasets"]["mnist"]["bootstrap"]["cells"] = {}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    chosen = params.load(path, METHODS)
    trained = {("symmetric", 0.2): 5, ("symmetric", 0.4): 8, ("pair_flip", 0.45): 6}
    assert planned.trained_cells(chosen, "digits") == trained
    looked_for = {("symmetric", 0.2): 7, ("symmetric", 0.4): 8, ("pair_flip", 0.45): 7, ("ambiguous", 0.1): 7}
    assert planned.noise_cells(chosen, "digits") == looked_for


def test_test_share_is_that_of_the_folds():
    chosen = params.load(ROOT / "params.yaml", METHODS)
    assert planned.test_share(chosen, "digits") == pytest.approx(0.2 / (0.8 * 0.9))
    assert planned.test_share(chosen, "fashion_mnist") == 0
