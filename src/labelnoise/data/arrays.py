"""One's own arrays: an npz file of images, of features or of predictions, with labels and, if known, truth."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from labelnoise.data import own, pred_probs
from labelnoise.data.names import class_name
from labelnoise.data.own import Texts
from labelnoise.types import Dataset

OPTIONAL = ("clean_labels", "class_names", "split", "files", "pred_probs")


def load(name: str, data, download) -> Dataset:
    """Images uint8 [N, channels, H, W] as they are, or features float32 [N, 1, 1, D], each standardised.

    data: section `datasets.<name>.data` with its `arrays`. The file holds `images` uint8 [N, H, W] or
    [N, H, W, channels], or `features` float [N, D], or neither but `pred_probs`; `labels` [N], numbers or text;
    optionally `clean_labels` [N] (-1 or "" where the truth is not known), `class_names` [C] in the order of the
    numbers, `split` [N] (train or test), `files` [N], names of the examples' files, `pred_probs` float [N, C],
    probabilities of the classes in their order, by networks that were not trained on the example.
    Examples with nothing but pred_probs have no pixel: float32 [N, 1, 1, 0].
    ValueError in one line for whatever does not fit. `download` is not needed.
    """
    section = data.arrays
    path = Path(section.file).expanduser()
    arrays = _read(path, section.holds)
    count = len(arrays["labels"])
    names = _class_names(path, arrays)
    texts = Texts(
        labels=_words(path, arrays, "labels", names),
        clean=_words(path, arrays, "clean_labels", names) if "clean_labels" in arrays else [],
        split=_text(path, arrays, "split") if "split" in arrays else [],
        files=_files(path, arrays, name, section.root),
        origin=str(path),
        where=lambda example: f"{path}: example {example} of 0..{count - 1}",
    )
    dataset = own.labelled(name, data, section.trusted, texts, names)
    if section.trusted and texts.clean:
        raise ValueError(f"{path}: has clean_labels; allowed: datasets.{name}.data.arrays.trusted: false")
    if "pred_probs" in arrays:
        probs = pred_probs.checked(arrays["pred_probs"], dataset.class_names, str(path))
        dataset = dataset._replace(pred_probs=probs)
    if section.holds == "pred_probs":
        return dataset._replace(images=np.empty((count, 1, 1, 0), np.float32))
    examples = _images(path, arrays) if section.holds == "images" else _features(path, arrays, dataset.test_fold)
    return dataset._replace(images=own.varied(examples, str(path)))


def _read(path: Path, holds: str) -> dict[str, np.ndarray]:
    """All arrays of the file, as many examples in each."""
    with _opened(path) as file:
        _check_names(path, set(file.files), holds)
        arrays = {key: _array(path, file, key) for key in sorted(file.files)}
    for key, array in arrays.items():
        if key != "class_names" and (not array.size or len(array) != len(arrays[holds])):
            raise ValueError(f"{path}: {key} has shape {array.shape}; allowed: as many rows as {holds} has")
    return arrays


def _opened(path: Path) -> np.lib.npyio.NpzFile:
    if not path.is_file():
        raise ValueError(f"{path}: no such file; allowed: an npz file of numpy")
    if not zipfile.is_zipfile(path):  # else numpy would take it for a pickle
        raise ValueError(f"{path}: no npz file of numpy, or damaged")
    return np.load(path, allow_pickle=False)


def _check_names(path: Path, found: set[str], holds: str) -> None:
    needed = {holds, "labels"}
    if missing := sorted(needed - found):
        raise ValueError(f"{path}: no array {missing[0]!r}; the file has {', '.join(sorted(found)) or 'none'}")
    if unknown := sorted(found - needed - set(OPTIONAL)):
        allowed = ", ".join([*sorted(needed), *(name for name in OPTIONAL if name not in needed)])
        raise ValueError(f"{path}: unknown array {unknown[0]!r}; allowed: {allowed} (holds: {holds})")


def _array(path: Path, file: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    try:
        return np.atleast_1d(file[key])
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if "allow_pickle" in str(error):  # objects would be unpickled, which can run anything
            raise ValueError(
                f"{path}: {key} holds Python objects; allowed: numbers, or {key}.astype(str)"
            ) from None
        raise ValueError(f"{path}: {key} is damaged ({error})") from None


def _class_names(path: Path, arrays: dict[str, np.ndarray]) -> list[str] | None:
    if "class_names" not in arrays:
        return None
    names = _text(path, arrays, "class_names")
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"{path}: class_names repeat a name or have an empty one; allowed: a name per class")
    return names


def _text(path: Path, arrays: dict[str, np.ndarray], key: str) -> list[str]:
    array = arrays[key]
    if array.dtype.kind != "U" or array.ndim != 1:
        raise ValueError(f"{path}: {key} is {array.dtype} of shape {array.shape}; allowed: text [N]")
    return [class_name(word, f"{path}: {key}") for word in array.tolist()]


def _words(path: Path, arrays: dict[str, np.ndarray], key: str, names: list[str] | None) -> list[str]:
    """Labels as words: "" for an unknown clean label."""
    array, unknown = arrays[key], key == "clean_labels"
    if array.ndim != 1 or array.dtype.kind not in "iuU":
        raise ValueError(
            f"{path}: {key} is {array.dtype} of shape {array.shape}; allowed: whole numbers or text [N]"
        )
    if array.dtype.kind == "U":
        words = _text(path, arrays, key)
        if "" in words and not unknown:
            raise ValueError(f"{path}: labels[{words.index('')}] is empty; allowed: the name of a class")
        return words
    lowest, highest = -1 if unknown else 0, len(names) - 1 if names else np.iinfo(np.int64).max
    wrong = np.flatnonzero((array < lowest) | (array > highest))
    if len(wrong):
        allowed = f"{lowest} to {highest}" if names else f"{lowest} or more"
        raise ValueError(f"{path}: {key}[{wrong[0]}] = {array[wrong[0]]}; allowed: {allowed}")
    return ["" if label < 0 else names[label] if names else str(label) for label in array.tolist()]


def _files(path: Path, arrays: dict[str, np.ndarray], name: str, root: str | None) -> list[str]:
    """Names of the examples' files below `root`, where the file tells them."""
    if "files" not in arrays:
        if root is not None:
            raise ValueError(f"{path}: no array 'files'; allowed: datasets.{name}.data.arrays.root: null")
        return []
    array, first = arrays["files"], {}
    if array.dtype.kind != "U" or array.ndim != 1:
        raise ValueError(f"{path}: files is {array.dtype} of shape {array.shape}; allowed: text [N]")
    for row, file in enumerate(array.tolist()):
        where, parts = f"{path}: files[{row}] = {file!r}", Path(file).parts
        if not parts or Path(file).is_absolute() or ".." in parts or not file.isprintable():
            raise ValueError(f"{where}; allowed: the name of a file below a folder")
        if first.setdefault(file, row) < row:
            raise ValueError(f"{where}, as files[{first[file]}]; allowed: a file per example")
        if root is not None and not (Path(root).expanduser() / file).is_file():
            raise ValueError(f"{where}: no such file below {root}; allowed: files below arrays.root")
    return array.tolist()


def _images(path: Path, arrays: dict[str, np.ndarray]) -> np.ndarray:
    images = arrays["images"]
    fits = images.ndim == 3 or (images.ndim == 4 and 1 <= images.shape[3] <= 4)
    if images.dtype != np.uint8 or not fits or 0 in images.shape:
        allowed = "uint8 [N, H, W] or [N, H, W, channels] with 1 to 4 channels"
        raise ValueError(f"{path}: images are {images.dtype} of shape {images.shape}; allowed: {allowed}")
    return images[:, None] if images.ndim == 3 else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def _features(path: Path, arrays: dict[str, np.ndarray], test_fold: np.ndarray) -> np.ndarray:
    """float32 [N, 1, 1, D]: each feature less its mean, by its standard deviation, both over the examples that are
    ever trained on; features that are constant there are 0."""
    features = arrays["features"]
    if features.ndim != 2 or features.dtype.kind != "f" or 0 in features.shape:
        raise ValueError(f"{path}: features are {features.dtype} of shape {features.shape}; allowed: float [N, D]")
    off = np.argwhere(~np.isfinite(features))
    if len(off):
        row, column = off[0]
        value = features[row, column]
        raise ValueError(
            f"{path}: features[{row}, {column}] = {value} (row {row}, column {column}); allowed: finite"
        )
    features = features.astype(np.float64)
    trained = features[test_fold < 0] if (test_fold < 0).any() else features
    constant = trained.min(0) == trained.max(0)  # their deviation need not be exactly 0
    scaled = (features - trained.mean(0)) / np.where(constant, 1, trained.std(0))
    return np.where(constant, 0, scaled).astype(np.float32)[:, None, None]
