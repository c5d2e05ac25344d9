"""What Northcutt et al. 2021 released of CIFAR-10: out-of-sample probabilities of a ResNet-50 in twelve settings
of noise, and the noisy labels that it was trained on.

From the authors' repository, or from one npz file of the same arrays. The probabilities are in half precision, and
rows sum to .986 at least: in their notebook the authors cut them to ten columns.

Shape letters: S settings, N examples, C classes.
"""

import hashlib
import json
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from labelnoise.data import faults
from labelnoise.data.faults import Faults, Kind
from labelnoise.data.fetch import Manifest, Original, fetch

NAME = "northcutt2021"
REPOSITORY = "github.com/cgnorthcutt/confidentlearning-reproduce"
COMMIT = "2f3155636663eb0813363dc06cd822aae6526c34"  # at which the checksums were taken
ADDRESS = f"https://raw.githubusercontent.com/cgnorthcutt/confidentlearning-reproduce/{COMMIT}"
RATES = {2: 0.2, 4: 0.4, 6: 0.7}  # noise_amount of their files, in tenths -> share of wrong labels
TOLERANCE = 0.02  # of the sum of a row of probabilities, see above
MD5 = {  # (sparsity, noise_amount) in tenths -> of the probabilities, of the labels
    (0, 2): ("beb0a3deb83aecf0f3fda50f81caee9b", "ea1680ef9b5e9d3c19af18bc097cca40"),
    (0, 4): ("514d92b80014d2ef436c2622419ac1bd", "a11872f671cb4e790f7872198ffdcac4"),
    (0, 6): ("0ee0dd4eea28e6024e3303a0295234ff", "e6101b0fbdbe621e728dcf2f20e45716"),
    (2, 2): ("53609b42e4b8bf09ba78c54eec7f44b1", "2e4578fc2140e8a09458244869f0042d"),
    (2, 4): ("28478252e8d8ca578e5292ea5cca149c", "948adb96260ef410a5f1071ff544cd5d"),
    (2, 6): ("cfc9bac8b2eaae94cff12b978a3c0e5d", "f608fc8794d585d259f0111b417a0e0e"),
    (4, 2): ("5cb583ccf75989b9da81185b0251143a", "e87cb9c9f876b10f132b0b20cdbb8779"),
    (4, 4): ("00137595cc7e10f5f572a7729f8700c2", "957d0634cdf5f1ae32f8554aecea6f09"),
    (4, 6): ("a7ae4c11cad8c05f1a80b3763e513033", "8b9723ab60a8a2cd48eaabf5b686dd6a"),
    (6, 2): ("5fad706d41c34286b3a10d84fd873822", "8314cf7f635d49d6683e3105534d26ab"),
    (6, 4): ("26ad8071f18c6908ef99fa0309109982", "b56064d3f40898eb0a26aa6317fceb6d"),
    (6, 6): ("0158f6847ee358c9e0d6fabc2f43d03b", "e4156644d01718360c4d2778cdb8bcbb"),
}
INTEGERS, FLOATS = "iu", "f"  # kinds of numpy
ARRAYS = ("clean_labels", "labels", "pred_probs", "sparsity", "noise_amount")
WHERE = (
    f"allowed: a network, download.folder: a clone of {REPOSITORY}, or released.{NAME}.file: an npz file of the "
    "same arrays (docs/papers.md)"
)


class Setting(NamedTuple):
    """One setting of noise."""

    noise_rate: float  # nominal
    sparsity: float  # share of the off-diagonal entries of T that are 0
    labels: np.ndarray  # int64 [N] as given
    probs: np.ndarray  # float16 [N, C] out of sample


class Released(NamedTuple):
    """All of it."""

    clean_labels: np.ndarray  # int64 [N]
    settings: list[Setting]


def load(file: str | None, sha256: str | None, download: Any) -> Released:
    """The npz `file` of that checksum; None: the authors' files, fetched as `download` says and checked.

    ValueError in one line: what is wrong with the file, or why there is none.
    """
    if file is not None:
        return read(Path(file).expanduser(), sha256)
    try:
        folder = fetch(manifest(), download)
    except (ValueError, OSError) as error:
        reason = str(error).split("\n")[1].strip() if "\n" in str(error) else str(error)
        raise ValueError(f"released.{NAME}: the authors' files cannot be had ({reason}); {WHERE}") from None
    return _originals(folder)


def manifest() -> Manifest:
    """Twelve times probabilities and labels, by their places in the repository."""
    paths = [path for at, md5 in MD5.items() for path in zip(_paths(*at), md5, strict=True)]
    originals = [Original(path, {f"{NAME}/{path}": md5}) for path, md5 in paths]
    return Manifest(NAME, originals, [], [ADDRESS])


def _paths(sparsity: int, amount: int) -> tuple[str, str]:
    stem = "cifar10/cifar10_noisy_labels"
    return (
        f"{stem}__frac_zero_noise_rates__0_{sparsity}__noise_amount__0_{amount}/cifar10__train__model_resnet50__pyx.npy",
        f"{stem}/cifar10_noisy_labels__frac_zero_noise_rates__0.{sparsity}__noise_amount__0.{amount}.json",
    )


def _originals(folder: Path) -> Released:
    """Labels are a mapping from .../<class>/<image> to the number of a class, ordered as the probabilities are."""
    settings, truth = [], np.zeros(0, np.int64)
    for sparsity, amount in MD5:
        probs, labels = (folder / NAME / path for path in _paths(sparsity, amount))
        given = json.loads(labels.read_text("utf-8"))
        names = [PurePosixPath(path).parent.name for path in given]
        truth = np.unique(names, return_inverse=True)[1]
        values = np.array(list(given.values()), np.int64)
        settings.append(Setting(RATES[amount], sparsity / 10, values, np.load(probs, allow_pickle=False)))
    return Released(truth, settings)


def read(path: Path, sha256: str | None) -> Released:
    """The npz of ARRAYS: clean_labels [N], labels [S, N], pred_probs [S, N, C], sparsity [S], noise_amount [S].

    ValueError names the file and all that is wrong with it.
    """
    if not path.is_file():
        raise ValueError(f"released.{NAME}.file: {path}: no such file; allowed: a file that is there, or null")
    with open(path, "rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        raise ValueError(f"{path}: sha256 is {found}; allowed: released.{NAME}.sha256 = {sha256}")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS if name in file.files}
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ValueError(f"{path}: is no npz file without pickles ({error})") from None
    if missing := [name for name in ARRAYS if name not in arrays]:
        raise ValueError(f"{path}: has no {', '.join(missing)}; allowed: {', '.join(ARRAYS)}")
    check(arrays, str(path))
    each = zip(arrays["noise_amount"], arrays["sparsity"], arrays["labels"], arrays["pred_probs"], strict=True)
    settings = [
        Setting(RATES[round(10 * amount)], float(sparsity), labels.astype(np.int64), probs)
        for amount, sparsity, labels, probs in each
    ]
    return Released(arrays["clean_labels"].astype(np.int64), settings)


def check(arrays: dict[str, np.ndarray], origin: str) -> None:
    """ValueError that counts every fault of `arrays`: types and shapes first, then values."""
    found: Faults = {}
    for name, (kinds, shape, letters) in _expected(arrays).items():
        array = arrays[name]
        if array.dtype.kind not in kinds or array.shape != shape or 0 in shape:
            what = f"{name} is {array.dtype} of shape {array.shape}"
            allowed = f"{name}: {'integers' if kinds == INTEGERS else 'floats'} {letters}"
            faults.add(found, Kind("", "have another type or shape", allowed), what)
    faults.check(found, origin, "arrays")
    probs, classes = arrays["pred_probs"], arrays["pred_probs"].shape[2]
    for name in ("clean_labels", "labels"):
        off = (arrays[name] < 0) | (arrays[name] >= classes)
        _collect(found, name, off, ("names no class", "name no class"), f"0 to {classes - 1}")
    proper = (np.isfinite(probs) & (probs >= 0)).all(2)
    what = "an entry below 0 or not finite"
    _collect(found, "pred_probs", ~proper, (f"has {what}", f"have {what}"), "0 or more")
    off = ~(np.abs(probs.sum(2, dtype=np.float64) - 1) <= TOLERANCE)
    _collect(found, "pred_probs", off & proper, ("does not sum to 1", "do not sum to 1"), f"1 (to {TOLERANCE})")
    settings = np.round(10 * np.stack([arrays["sparsity"], arrays["noise_amount"]], 1), 6).tolist()
    wrong = [tuple(of) not in MD5 or settings.index(of) < at for at, of in enumerate(settings)]
    what, allowed = "no setting of the paper, or one again", "0, .2, .4, .6 with .2, .4, .6, each once"
    _collect(found, "sparsity, noise_amount", np.array(wrong), (f"is {what}", f"are {what}"), allowed)
    faults.check(found, origin, "entries")


def _expected(arrays: dict[str, np.ndarray]) -> dict[str, tuple[str, tuple[int, ...], str]]:
    """Array -> kinds of numbers, shape, and the shape in letters; sizes are those of pred_probs."""
    probs = arrays["pred_probs"]
    settings, examples, classes = probs.shape if probs.ndim == 3 else (-1, -1, -1)
    return {
        "clean_labels": (INTEGERS, (examples,), "[N]"),
        "labels": (INTEGERS, (settings, examples), "[S, N]"),
        "pred_probs": (FLOATS, (settings, examples, classes), "[S, N, C]"),
        "sparsity": (FLOATS, (settings,), "[S]"),
        "noise_amount": (FLOATS, (settings,), "[S]"),
    }


def _collect(found: Faults, name: str, wrong: np.ndarray, what: tuple[str, str], allowed: str) -> None:
    """what: of one, and of many."""
    places = [f"{name}{where}" for where in np.argwhere(wrong).tolist()]
    found.update(faults.of(Kind(f" {what[0]}", what[1], f"{name}: {allowed}"), places))
