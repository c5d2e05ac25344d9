"""Bad parameters end with one line that names the key and what is allowed."""

import json
import shutil
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from labelnoise import params, planned
from labelnoise.claims.registration import hash_of
from labelnoise.methods import METHODS
from labelnoise.sections import schema

ROOT = Path(__file__).parents[1]
COMMITTED = yaml.safe_load((ROOT / "params.yaml").read_text())


@pytest.fixture(autouse=True)
def claims(tmp_path):
    """claims.yaml stands beside params.yaml."""
    shutil.copy(ROOT / "claims.yaml", tmp_path)


def changed(tmp_path: Path, key: str, value) -> Path:
    """params.yaml with one key changed."""
    values = deepcopy(COMMITTED)
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
    lines = str(stopped.value).splitlines()
    assert all(line.startswith(f"error: {path}: ") for line in lines)
    return "\n".join(line.removeprefix(f"error: {path}: ") for line in lines)


def test_committed_parameters_are_valid():
    found = params.load(ROOT / "params.yaml", METHODS)
    assert found.study.seeds == 10 and list(planned.seeds(found, 2)) == [20, 21]
    assert found.registration.model_dump() == yaml.safe_load((ROOT / "registration.yaml").read_text())


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("study.sedes", 3, "study: unknown key 'sedes'; allowed: datasets, seeds"),
        ("study.seeds", 0, "study.seeds = 0: must be greater than or equal to 1"),
        ("study.first_seed", -1, "study.first_seed = -1: must be greater than or equal to 0"),
        (
            "study.first_seed",
            2,
            "study: development = 3: seeds of development are 0 to 2; allowed: at most first_seed",
        ),
        (
            "study.development",
            21,
            "study: development = 21: seeds of development are 0 to 20; allowed: at most first",
        ),
        (
            "recheck.cell.seed",
            0,
            "recheck.cell.seed = 0: is no checked seed of datasets.digits.detection; allowed: 20",
        ),
        (
            "study.datasets",
            ["imagenet"],
            "study.datasets: 'imagenet' has no section in datasets; allowed: arrays, cifar10",
        ),
        ("datasets.digits.noises.symmetric", [1.5], "datasets.digits.noises.symmetric.0 = 1.5: must be less than"),
        ("datasets.digits.training.lr", "0.05", "datasets.digits.training.lr = '0.05': must be a valid number"),
        (
            "datasets.digits.networks",
            ["vgg"],
            "datasets.digits.networks: 'vgg' is no network; allowed: ",
        ),
        ("memorization.probe.corruption", 0.3, "memorization: regularized, probe.corruption: 0.3 is not studied"),
        ("memorization.epochs", {"vgg": 9}, "memorization.epochs: 'vgg' is no network; allowed: "),
        (
            "networks.wide",
            {"hidden": [9]},
            "networks.wide: unknown network 'wide'; allowed: cnn9, mlp, resnet, small_",
        ),
        (
            "networks.wide",
            {"network": "vgg"},
            "networks.wide: unknown network 'vgg'; allowed: cnn9, mlp, resnet, small_",
        ),
        ("networks.wide", {"network": "mlp", "hiden": [9]}, "networks.wide: unknown key 'hiden'; allowed: hidden"),
        (
            "networks.wide",
            {"network": "mlp", "hidden": [0]},
            "networks.wide: hidden.0 = 0: must be greater than or",
        ),
        (
            "networks.mlp",
            {"network": "small_cnn"},
            "networks.mlp.network = 'small_cnn': mlp is a network itself; giv",
        ),
        ("networks.mlp", {"hidden": [9]}, "networks.mlp: dropout: missing key"),
        (
            "networks.narrow",
            {"network": "resnet", "widths": [4]},
            "networks.narrow: unknown key 'widths'; allowed: block",
        ),
        (
            "networks.resnet18.shortcut",
            "none",
            "networks.resnet18: shortcut = 'none': must be 'padded', 'projected'",
        ),
        (
            "datasets.digits.training.schedule",
            "warm",
            "datasets.digits.training.schedule = 'warm': must be 'cosine',",
        ),
        (
            "datasets.digits.training.schedule",
            "step",
            "datasets.digits.training: schedule = 'step': has 0 milestones; allowed: one or more",
        ),
        (
            "datasets.digits.training.milestones",
            [3, 3],
            "datasets.digits.training.milestones: [3, 3] do not rise; allowed: each larger than",
        ),
        (
            "datasets.digits.training.precision",
            "float16",
            "datasets.digits.training.precision = 'float16': must be 'float32' or 'bfloat16'",
        ),
        (
            "datasets.digits.training.decay",
            1.5,
            "datasets.digits.training.decay = 1.5: must be less than or equal",
        ),
        ("datasets.digits.data.crop", 0, "datasets.digits.data.crop = 0: must be greater than or equal to 1"),
        ("datasets.arrays.data.crop", 4, "datasets.arrays.data.crop: features are no images; allowed: null"),
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
        ("methods.elrr", {}, "methods.elrr: unknown method 'elrr'; allowed: backward, bootstrapping"),
        ("methods.elrr", {"method": "elrr"}, "methods.elrr: unknown method 'elrr'; allowed: backward"),
        ("methods.elrr", {"method": 7}, "methods.elrr.method = 7: must be the name of a method"),
        ("methods.elrr", {"method": "elr", "grid": "no"}, "methods.elrr.grid = 'no': must be true or false"),
        ("methods.elr.training", 3, "methods.elr.training = 3: must be keys of `training` and their values"),
        (
            "methods.elr.training",
            {"lrr": 1.0},
            "methods.elr.training, of datasets.digits: unknown key 'lrr'; allowed: epochs, batch_size",
        ),
        (
            "methods.elr.training",
            {"epochs": 0},
            "methods.elr.training, of datasets.digits: epochs = 0: must be greater than or equal to 1",
        ),
        (
            "methods.elr.training",
            {"lr": "0.1"},
            "methods.elr.training, of datasets.digits: lr = '0.1': must be a valid number",
        ),
        (
            "methods.elrr",
            {"method": "elr", "lamb": 1},
            "methods.elrr: unknown key 'lamb'; allowed: beta, lam, clamp",
        ),
        (
            "methods.elrr",
            {"method": "elr", "lam": -1.0},
            "methods.elrr: lam = -1.0: must be greater than or equal",
        ),
        (
            "methods.sop",
            {"method": "elr"},
            "methods.sop.method = 'elr': sop is a method itself; give the row another",
        ),
        (
            "methods.forward_oracle.transition",
            "true",
            "methods.forward_oracle: transition = 'true': must be 'anchor",
        ),
        ("methods.mae", {"q": 1}, "methods.mae: unknown key 'q'; allowed: none"),
        (
            "methods.joint_optimization.alpha",
            -1.0,
            "methods.joint_optimization: alpha = -1.0: must be greater than",
        ),
        ("run.device", "tpu", "run.device = 'tpu': must be 'auto', 'cpu' or 'cuda'"),
        ("run.workers", 0, "run.workers = 0: must be"),
        ("run.scheduler", "10.0.0.5:8786", "run.scheduler = '10.0.0.5:8786': allowed: the address of a dask"),
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
        ("statements", {"warp": None}, "statements: unknown key; allowed: in claims.yaml"),
        ("registration", {"open": []}, "registration: unknown key; allowed: in registration.yaml"),
        ("claims.wrap", {}, "claims: unknown key 'wrap'; allowed: seeds, more, level, variants"),
        ("claims.seeds", 1, "claims.seeds = 1: has no spread; allowed: 2 or more, or 0"),
        ("claims.more", -1, "claims.more = -1: must be greater than or equal to 0"),
        (
            "datasets.digits.noises.symmetric",
            [0.2, 0.2],
            "datasets.digits.noises.symmetric: 0.2 stands there twice",
        ),
        ("study.datasets", ["digits", "digits"], "study.datasets: 'digits' stands there twice"),
        (
            "study.released",
            ["other"],
            "study.released: 'other' has no section in released; allowed: northcutt2021",
        ),
        (
            "released.northcutt2021.file",
            "file.npz",
            "released.northcutt2021: file and sha256 go together; allowed: both, or null for both",
        ),
        (
            "datasets.northcutt2021",
            {},
            "datasets.northcutt2021: is the name of a folder of the pipeline's; give it",
        ),
        (
            "methods.joint_optimization.update_from",
            0.0,
            "methods.joint_optimization: update_from = 0.0: must be greater than 0",
        ),
        (
            "methods.noise_layer.warmup_epochs",
            5,
            "methods.noise_layer: unknown key 'warmup_epochs'; allowed: ",
        ),
        ("study.methods", ["mae", "elrr"], "study.methods: 'elrr' is not in methods; allowed: backward, "),
        ("study.methods", ["mae"], "study.methods: cross_entropy is missing; every comparison is made"),
        ("study.methods", [], "study.methods: List should have at least 1 item"),
        ("recheck.retrain.method", "wrap", "recheck.retrain.method: 'wrap' is no method; allowed: backward, "),
        ("imbalance.methods", ["elr", "wrap"], "imbalance.methods: 'wrap' is no method; allowed: backward, "),
        (
            "evaluate.conformal.methods",
            ["wrap"],
            "evaluate.conformal.methods: 'wrap' is no method; allowed: backw",
        ),
        (
            "figures.memorization.methods",
            ["cross_entropi"],
            "figures.memorization.methods: 'cross_entropi' is no me",
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


CLAIMS = yaml.safe_load((ROOT / "claims.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("warp.compare.0.pairs", [["warp", "wrap"]], "warp.compare.0: 'wrap' is no method; allowed: backward, "),
        ("calibration.compare.0.of", ["wrap"], "calibration.compare.0: 'wrap' is no method; allowed: backward, "),
        ("prior_loss.compare.1.pairs", [["wrap", "mae"]], "prior_loss.compare.1: 'wrap' is no method; allowed"),
        ("warp.compare.0.pairs", [["warp"]], "warp.compare.0.pairs.0: List should have at least 2 items"),
        ("warp.compare.0.pairs", [["mae", "mae"]], "warp.compare.0.pairs.0: 'mae' stands there twice"),
        ("warp.compare.0.cells", {}, "warp.compare.0.cells: Dictionary should have at least 1 item"),
        ("warp.compare.0.cells", {"symmetric": [1.5]}, "warp.compare.0.cells.symmetric.0 = 1.5: must be less than"),
        ("warp.compare.0.treshold", 0.0, "warp.compare.0: unknown key 'treshold'; allowed: threshold, cells, kind"),
        ("warp.compare.0.kind", "pear", "warp.compare.0.kind: missing or unknown; allowed: damping, estimators, fit"),
        ("warp.compare.0", {"threshold": 0.0}, "warp.compare.0.kind: missing or unknown; allowed: damping, estim"),
        ("warp.compare.0", {"kind": "pairs", "threshold": 0.0}, "warp.compare.0.cells: missing key"),
        ("warp.compare.0.metric", "acc", "warp.compare.0.metric = 'acc': must be 'test_accuracy', "),
        ("warp.compare", [], "warp: compare, proof: allowed: comparisons, or a proof in place of them"),
        ("warp.proof", "trivial", "warp: compare, proof: allowed: comparisons, or a proof in place of them"),
        ("warp.said", 3, "warp.said = 3: must be a valid string"),
        ("warp.id", 7, "robust_losses.id = 7: another claim has it too"),
        ("warp.wrong_when", "wrong", "warp.wrong_when = 'wrong': must be 'refuted' or 'supported'"),
        ("Warp it", {}, "the name 'Warp it'; allowed: lower-case letters, digits, _ and -, as 'warp_it'"),
        ("wrap", {"id": 99}, "wrap.family: missing key"),
        ("training_dynamics.compare.0.scores", ["auum"], "training_dynamics.compare.0: 'auum' is no score; allowed: a"),
        ("training_dynamics.compare.0.scores", [], "training_dynamics.compare.0.scores: List should have at least 1"),
        ("training_dynamics.compare.0.against", ["aum"], "training_dynamics.compare.0: against: 'aum' is in scores"),
        ("training_dynamics.compare.0.against", ["chance"], "training_dynamics.compare.0: against: chance has no auprc"),
        ("obvious_errors.compare.0.scores", ["aum"], "obvious_errors.compare.0: unknown key 'scores'; allowed: thresh"),
        ("prior_loss.compare.1.settings", ["tail"], "prior_loss.compare.1.settings.0 = 'tail': must be 'ten_classes', "),
    ],
)  # fmt: skip
def test_one_line_names_the_claim_and_what_is_allowed(tmp_path, key, value, expected):
    values = deepcopy(CLAIMS)
    *parents, last = [int(part) if part.isdigit() else part for part in key.split(".")]
    section = values
    for parent in parents:
        section = section[parent]
    section[last] = value
    path = changed(tmp_path, "study.seeds", 5)
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(SystemExit) as stopped:
        params.load(path)
    lines = str(stopped.value).splitlines()
    assert lines[0].startswith(f"error: {tmp_path / 'claims.yaml'}: {expected}")
    assert all(line.startswith(f"error: {tmp_path / 'claims.yaml'}: ") for line in lines)


def test_an_unknown_noise_of_a_claim_is_told_before_anything_runs(tmp_path):
    path, values = changed(tmp_path, "study.seeds", 5), deepcopy(CLAIMS)
    values["warp"]["compare"][0]["cells"] = {"symetric": [0.4]}
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(SystemExit, match=r"claims.yaml: warp.cells: unknown noise 'symetric'; allowed: ambiguous"):
        params.check(path)


@pytest.mark.parametrize("cells", [{"symmetric": [0.3]}, {"ambiguous": [0.1]}])
def test_a_cell_that_is_not_studied_is_no_error(tmp_path, cells):
    path, values = changed(tmp_path, "study.seeds", 5), deepcopy(CLAIMS)
    values["warp"]["compare"][0]["cells"] = values["bootstrap_uncertainty"]["compare"][0]["cells"] = cells
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(values))
    assert not set(planned.trained_cells(params.load(path), "digits")) & {("symmetric", 0.3), ("ambiguous", 0.1)}


@pytest.mark.parametrize("name", ["gce", "joint_optimization", "joint_no_entropy"])
def test_a_method_taken_out_needs_no_edit_of_claims(tmp_path, name):
    rows = {key: row for key, row in COMMITTED["methods"].items() if name not in (key, row.get("method"))}
    values = deepcopy(COMMITTED) | {"methods": rows, "figures": {}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    chosen = params.load(tmp_path / "params.yaml", METHODS)
    assert chosen.statements.keys() == CLAIMS.keys() and name not in planned.contrast_runs(chosen)


def test_claims_are_beside_the_parameters(tmp_path):
    path = changed(tmp_path, "study.seeds", 5)
    (tmp_path / "claims.yaml").unlink()
    with pytest.raises(SystemExit, match=r"claims.yaml: no such file"):
        params.load(path)


def test_what_was_registered_is_read_where_it_is_there(tmp_path):
    path = changed(tmp_path, "study.seeds", 5)
    nothing = {"hash": None, "commit": None, "open": None}
    assert params.load(path).registration.model_dump() == nothing
    said = {"hash": hash_of(params.load(path)), "commit": "cd", "open": ["warp"]}
    (tmp_path / "registration.yaml").write_text(yaml.safe_dump(said))
    assert params.load(path).registration.model_dump() == said
    (tmp_path / "registration.yaml").write_text(yaml.safe_dump(said | {"hash": "ab"}))
    assert params.load(path).registration.model_dump() == nothing  # it is of other claims


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"opne": []}, "unknown key 'opne'; allowed: hash, commit, open"),
        ({"hash": 3}, "hash = 3: must be a valid string"),
        ({"open": ["a b"]}, "open.0: the name 'a b'; allowed: lower-case letters"),
    ],
)
def test_one_line_names_what_is_wrong_of_the_registration(tmp_path, said, expected):
    path = changed(tmp_path, "study.seeds", 5)
    (tmp_path / "registration.yaml").write_text(yaml.safe_dump(said))
    with pytest.raises(SystemExit) as stopped:
        params.load(path)
    assert str(stopped.value).startswith(f"error: {tmp_path / 'registration.yaml'}: {expected}")


NOISES = {
    "datasets.cifar10.noises": ({"symmetric": [0.4], "pair": [0.4]}, "datasets.cifar10.noises"),
    "datasets.digits.detection_noises": ({"pair": [0.4]}, "datasets.digits.detection_noises"),
    "datasets.digits.bootstrap.cells": ({"pair": [0.4]}, "datasets.digits.bootstrap.cells"),
    "recheck.retrain.cells": ({"pair": [0.4]}, "recheck.retrain.cells"),
    "imbalance.noise": ("pair", "imbalance.noise"),
    "report.noise": ("pair", "report.noise"),
    "figures.memorization.noise": ("pair", "figures.memorization.noise"),
}


@pytest.mark.parametrize(
    ("key", "noise", "expected"),
    [
        ("datasets.digits.noises.random_labels", [0.4], "datasets.digits.noises: unknown noise 'random_labels'"),
        ("imbalance.noise", "rechecked", "imbalance.noise: unknown noise 'rechecked'"),
        ("report.noise", "random_labels", "report.noise: unknown noise 'random_labels'"),
        ("figures.noise.noise", 3, "figures.noise.noise = 3: must be the name of a noise"),
        ("figures.noise.noise", ["symmetric"], "figures.noise.noise = ['symmetric']: must be the name of a noise"),
    ],
)
def test_what_is_no_noise_of_labels(tmp_path, key, noise, expected):
    """random_labels are drawn by the study of memorisation; rechecked labels have a file of answers."""
    assert message(changed(tmp_path, key, noise)).startswith(expected)


@pytest.mark.parametrize("key", NOISES)
def test_an_unknown_noise_is_told_before_anything_runs(tmp_path, key):
    value, where = NOISES[key]
    with pytest.raises(SystemExit) as stopped:
        params.check(changed(tmp_path, key, value))
    expected = f"error: {tmp_path / 'params.yaml'}: {where}: unknown noise 'pair'; allowed: ambiguous, "
    assert str(stopped.value).startswith(expected)


def test_an_unknown_notebook_is_told_before_anything_runs(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    with pytest.raises(SystemExit, match=r"figures\.acuracy: no such notebook; allowed: accuracy, "):
        params.check(changed(tmp_path, "figures.acuracy", {}))


def test_a_row_changes_the_training_of_the_data_sets_that_are_studied(tmp_path):
    """It need not say what these have: only digits has the schedule that milestones belong to."""
    values = deepcopy(COMMITTED)
    values["datasets"]["digits"]["training"] |= {"schedule": "step", "milestones": [20]}
    path, where = tmp_path / "params.yaml", "methods.elr.training, of datasets"

    def of(training, **study):
        values["methods"]["elr"]["training"] = training
        path.write_text(yaml.safe_dump(values | {"study": values["study"] | study}))
        return path

    assert params.load(of({"milestones": [30]}), METHODS).methods["elr"]["training"] == {"milestones": [30]}
    left = f"{where}.digits: schedule = 'cosine': has 1 milestones; allowed: none, with this schedule"
    assert message(of({"schedule": "cosine"})) == left
    params.load(of({"schedule": "cosine", "milestones": []}), METHODS)
    other = f"{where}.mnist: schedule = 'cosine': has 1 milestones; allowed: none, with this schedule"
    both = {"datasets": ["digits", "mnist"]}
    assert message(of({"milestones": [30]}, **both)) == other
    params.load(of({"milestones": [30]}, **both, methods=["cross_entropy"]), METHODS)  # nobody trains it


def test_a_null_switches_off(tmp_path):
    values = deepcopy(COMMITTED)
    values["datasets"]["digits"]["noises"] |= {"pair_flip": None}
    values["memorization"]["regularizers"] |= {"dropout": None}
    values["figures"] |= {"accuracy": None}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    chosen, full = params.load(path, METHODS), params.load(ROOT / "params.yaml")
    noises = full.datasets["digits"].noises
    assert chosen.datasets["digits"].noises == {name: of for name, of in noises.items() if name != "pair_flip"}
    assert (
        list(full.memorization.regularizers)[2] == "dropout" and "dropout" not in chosen.memorization.regularizers
    )
    assert set(full.figures) - set(chosen.figures) == {"accuracy"}


def test_methods_that_are_not_chosen_are_not_there(tmp_path):
    """What names them is no error; a row keeps what it has from one that is not chosen."""
    names = ["joint_no_entropy", "cross_entropy", "elr"]
    path = changed(tmp_path, "study.methods", names)
    chosen, full = params.load(path, METHODS), params.load(ROOT / "params.yaml")
    assert list(chosen.methods) == [name for name in full.methods if name in names]
    for name in names:
        assert params.resolved(chosen, name) == params.resolved(full, name)
    assert chosen.figures["memorization"]["methods"] == ["cross_entropy", "elr"]
    assert set(planned.contrast_runs(chosen)) <= set(names)


def named(tmp_path: Path, name: str) -> Path:
    """params.yaml with a data set of that name."""
    return changed(tmp_path, "datasets", COMMITTED["datasets"] | {name: COMMITTED["datasets"]["folder"]})


def test_names_may_have_a_hyphen(tmp_path):
    assert "my-photos" in params.load(named(tmp_path, "my-photos")).datasets


@pytest.mark.parametrize(("name", "close"), [("my.photos", "my_photos"), ("-a", "a"), ("My photos", "my_photos")])
def test_names_are_no_paths_of_keys_and_no_options(tmp_path, name, close):
    said = f"datasets: the name {name!r}; allowed: lower-case letters, digits, _ and -, as {close!r}"
    assert message(named(tmp_path, name)) == said


def test_missing_key(tmp_path):
    path = changed(tmp_path, "estimate", {})
    assert message(path).splitlines()[0] == "estimate.anchor_percentile: missing key"


def test_every_fault_is_told(tmp_path):
    """Of keys, values, rows and names; what is only seen once these are right comes after them."""
    values = deepcopy(COMMITTED)
    values["study"] |= {"seeds": "ten", "sedes": 3}
    values["datasets"]["digits"]["noises"]["asymmetric"] = [0.2, 1.4]
    values["run"]["workers"] = 0
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump({**values, "stduy": 1}))
    assert [line.partition(";")[0] for line in message(path).splitlines()] == [
        "unknown key 'stduy'",
        "study: unknown key 'sedes'",
        "study.seeds = 'ten': must be a valid integer",
        "run.workers = 0: must be greater than or equal to 1",
        "datasets.digits.noises.asymmetric.1 = 1.4: must be less than or equal to 1",
    ]
    assert "registration" not in message(path)  # which is a file of its own
    values = deepcopy(COMMITTED)
    values["study"] |= {"datasets": ["digit"], "methods": ["gec"]}
    path.write_text(yaml.safe_dump(values))
    assert [line.partition(";")[0] for line in message(path).splitlines()] == [
        "study.datasets: 'digit' has no section in datasets",
        "study.methods: 'gec' is not in methods",
        "study.methods: cross_entropy is missing",
    ]
    values = deepcopy(COMMITTED)
    values["dataset_defaults"]["training"] |= {"foo": 1, "lr": "x"}
    path.write_text(yaml.safe_dump(values))
    assert [line.partition(";")[0] for line in message(path).splitlines()] == [
        "dataset_defaults.training: unknown key 'foo'",
        "dataset_defaults.training.lr = 'x': must be a valid number",
    ]  # once: data sets have it from there
    values = deepcopy(COMMITTED)
    values["networks"]["resnet"] |= {"foo": 1}
    values["networks"]["cnn9"] |= {"bar": 2}
    path.write_text(yaml.safe_dump(values))
    assert [line.partition(";")[0] for line in message(path).splitlines()] == [
        "networks.cnn9: unknown key 'bar'",
        "networks.resnet: unknown key 'foo'",
    ]  # once: resnet18 and others have it from resnet
    values = deepcopy(COMMITTED)
    values["methods"] |= {
        "gce": values["methods"]["gce"] | {"q": 7.5, "qq": 1},
        "elr_bad": {"method": "elr", "lam": -1},
    }
    path.write_text(yaml.safe_dump(values))
    assert [line.partition(";")[0] for line in message(path).splitlines()] == [
        "methods.gce: unknown key 'qq'",
        "methods.gce: q = 7.5: must be less than or equal to 1",
        "methods.elr_bad: lam = -1: must be greater than or equal to 0",
    ]  # once: gce_truncated has it from gce


def test_baseline_must_be_there(tmp_path):
    assert "cross_entropy is missing" in message(changed(tmp_path, "methods", {"mae": {}}))


def test_a_row_inherits_the_row_of_its_method_and_says_what_differs():
    rows = {
        "cross_entropy": {},
        "elr": {"beta": 0.7, "lam": 3.0, "clamp": 0.1},
        "weak": {"method": "elr", "lam": 1.0},
    }
    rows |= {"hard": {"method": "bootstrapping", "target": "hard", "beta": 0.8, "grid": False}}
    rows["hard"]["training"] = {"weight_decay": 0.1}  # no hyper-parameter
    rows |= {"told": {"method": "second_form", "transition": "oracle"}, "second_form": {"transition": "dual_t"}}
    chosen = params.Params.model_construct(methods=rows)
    assert params.resolved(chosen, "weak") == ("elr", {"beta": 0.7, "lam": 1.0, "clamp": 0.1})
    assert params.resolved(chosen, "hard") == ("bootstrapping", {"target": "hard", "beta": 0.8})
    assert params.grid_names(chosen) == ["cross_entropy", "elr", "weak", "told", "second_form"]
    assert params.claim_only_names(chosen) == ["hard"]


def test_a_network_inherits_the_row_of_its_type_and_says_what_differs(tmp_path):
    rows = COMMITTED["networks"] | {"wide": {"network": "mlp", "hidden": [9]}}
    path = changed(tmp_path, "networks", rows)
    found = params.load(path).networks
    assert params.network(found, "wide") == {"network": "mlp", "hidden": [9], "dropout": 0.0}
    assert params.network(found, "mlp") == COMMITTED["networks"]["mlp"]


FEATURES = [{"encoder": "pixels"}, {"encoder": "patches"}]


@pytest.mark.parametrize(
    ("differs", "expected"),
    [
        (
            {"inputs": "lite0"},
            "datasets.digits.inputs = 'lite0': is no encoder to choose; allowed: null, pixels, patches (what data",
        ),
        (
            {"features": None},
            "datasets.digits.inputs = 'patches': is no encoder to choose; allowed: null (what data",
        ),
        (
            {"features": [*FEATURES, FEATURES[1]]},
            "datasets.digits.inputs = 'patches': is no encoder to choose; allo",
        ),
        (
            {"networks": ["linear", "small_cnn"]},
            "datasets.digits.networks: features of patches are no images; allo",
        ),
        (
            {"training": {"shift": 1}},
            "datasets.digits.training.shift: features of patches are no images; allowed: 0",
        ),
        (
            {"data": {"folds": 5, "subset": None, "standardise": "image"}},
            "datasets.digits.data.standardise: features of patches are no images; allowed: all",
        ),
    ],
)
def test_networks_are_trained_on_features_that_there_are(tmp_path, differs, expected):
    own = COMMITTED["datasets"]["digits"] | {
        "features": FEATURES,
        "inputs": "patches",
        "networks": ["linear", "mlp"],
    }
    assert params.load(changed(tmp_path, "datasets.digits", own)).datasets["digits"].inputs == "patches"
    assert message(changed(tmp_path, "datasets.digits", own | differs)).startswith(expected)


def test_a_row_does_not_augment_features(tmp_path):
    own = COMMITTED["datasets"]["digits"] | {"features": FEATURES, "inputs": "patches", "networks": ["mlp"]}
    path = changed(tmp_path, "datasets.digits", own)
    values = yaml.safe_load(path.read_text())
    values["study"] |= {"datasets": ["digits"], "methods": ["cross_entropy", "plain"]}
    values["methods"]["plain"] = {"method": "cross_entropy", "training": {"crop": 2}}
    path.write_text(yaml.safe_dump(values))
    said = message(path)
    assert said == "methods.plain.training.crop: features of patches (datasets.digits) are no images; allowed: 0"


def test_data_that_hold_features_have_no_encoder(tmp_path):
    own = COMMITTED["datasets"]["arrays"] | {"features": [{"encoder": "given"}], "inputs": "given"}
    said = message(changed(tmp_path, "datasets.arrays", own))
    assert said == "datasets.arrays.inputs = 'given': the data hold no images; allowed: null"


def test_no_file_and_no_yaml(tmp_path):
    assert "no such file" in message(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("a: [")
    assert message(tmp_path / "params.yaml").startswith("not YAML: line 2: ")
    (tmp_path / "params.yaml").write_text("a: 'b\nc: 3\nd: 4\n")
    said = "not YAML: line 4: found unexpected end of stream, while scanning a quoted scalar in line 1"
    assert message(tmp_path / "params.yaml") == said
    (tmp_path / "params.yaml").write_text("study: {seeds: 1}\nrun: {}\nstudy: {seeds: 2}")
    assert message(tmp_path / "params.yaml") == "not YAML: line 3: key 'study' stands there twice"
    (tmp_path / "params.yaml").write_bytes(b"\xff")
    assert "cannot be read as text" in message(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("")
    assert message(tmp_path / "params.yaml").splitlines()[0] == "study: missing key"


def test_schema_for_editors_is_up_to_date():
    assert json.loads((ROOT / "params.schema.json").read_text()) == schema.of_params(METHODS), "run `make schema`"
    assert json.loads((ROOT / "claims.schema.json").read_text()) == schema.of_claims(), "run `make schema`"
