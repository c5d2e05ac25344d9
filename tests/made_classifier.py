"""A folder of digits with wrong labels, and everything that the stages before `classifier` would find of it."""

import shutil
from types import SimpleNamespace

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from labelnoise import features
from labelnoise.classifier import study
from labelnoise.data import folder
from labelnoise.detect import detector, predictors
from labelnoise.detect.types import Gate
from labelnoise.features.types import Machine
from labelnoise.noise.noisy_labels import NoisyLabels
from labelnoise.recheck.cell import Source
from labelnoise.recheck.detected import Detected
from labelnoise.sections import Folder, Pixels

FLOOR, BINS = 0.003, 15
ONE = Machine("cpu", 1)
DIGITS = load_digits()
GATE = Gate("all", "A", 31.4, 0.004, 0.231, 0.287, 0.81, -0.2, 123.0, 0.967, np.nan, 0.26)


def write(root, count=300, wrong=0.2):
    """`count` digits as root/<class>/<nr>.png, about `wrong` of them in the class folder of the next digit; the
    true classes [count] in the order of the files' names."""
    rng, truth = np.random.default_rng(0), {}
    for at in range(count):
        true = DIGITS.target[at]
        name = f"{(true + 1) % 10 if rng.random() < wrong else true}/{at:04}.png"
        picture(root / name, DIGITS.images[at])
        truth[name] = true
    return np.array([truth[name] for name in sorted(truth)])


def picture(path, levels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.rint(levels * (255 / 16)).astype(np.uint8)).save(path)


def section(root, encoders=None, **changes):
    """datasets.<name> of a folder."""
    own = {"root": str(root), "size": 8, "mode": "grey", "max_pixels": 10**6}
    data = SimpleNamespace(folder=Folder(**own | changes), arrays=None, folds=5)
    return SimpleNamespace(data=data, features=[Pixels(encoder="pixels")] if encoders is None else encoders)


def inputs(root, cache, truth=None, unlabelled=(), encoders=None, **changes):
    """Of the folder `root`. truth [N]; unlabelled: positions of examples without a label."""
    own = section(root, encoders, **changes)
    shutil.rmtree(cache, ignore_errors=True)
    dataset = folder.load("made", own.data, SimpleNamespace(cache=str(cache)))
    given = dataset.human_labels["given"].copy()
    given[list(unlabelled)] = -1
    dataset = dataset._replace(human_labels={"given": given})
    if truth is not None:
        dataset = dataset._replace(clean_labels=truth)
    found = features.of_dataset(dataset, "made", own, ONE, tell=lambda line: None)
    return of(dataset, found, own)


def of(dataset, found, own, answers=None, group=None):
    """Inputs of the stage, where `found` are features [N, D] by name; answers [N]."""
    given, count = dataset.human_labels["given"], len(dataset.clean_labels)
    answers = np.full(count, -1) if answers is None else answers
    group = np.arange(count) if group is None else group
    key, nothing = (np.array(["given"]), np.array([0.0]), np.array([0])), [np.empty(0)] * 3
    columns = NoisyLabels(*key, given[None], *nothing, given[None], answers[None])
    said, source = detected(dataset, found, answers, group), Source("given", 0.0, None)
    return study.Inputs("made", own, dataset, columns, said, found, group, source)


def detected(dataset, found, answers, group) -> Detected:
    """What the stage `detect` finds in labels from people."""
    given = dataset.human_labels["given"]
    rows = np.flatnonzero(given >= 0)
    raw = [one.of(rows) for one in predictors.named(found)]
    labels = detector.Labels(given[rows], answers[rows], len(dataset.class_names))
    lead = detector.detect(detector.prepare(raw, group[rows]), labels, FLOOR).lead
    posterior = np.full((1, len(given), labels.classes), np.nan)
    posterior[0, rows] = lead.posterior
    nothing = np.full((1, len(given)), np.nan)
    return Detected(
        network=np.array(["pixels"]),
        noise=np.array(["given"]),
        noise_rate=np.array([0.0]),
        seed=np.array([0]),
        column=np.array([0]),
        p_wrong=nothing,
        p_low=nothing,
        posterior=posterior,
        transition_low=lead.transition[None],
        tier=np.zeros((1, len(given)), np.int8),
        sure=np.zeros((1, len(given)), bool),
        two_labels=np.zeros((1, len(given)), bool),
        gate=[GATE],
        scores={},
    )


def made(given: study.Inputs) -> study.Outputs:
    return study.outputs(given, FLOOR, BINS, ONE)
