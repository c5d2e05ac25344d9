"""One's own arrays: an npz file of images, of features or of predictions, with labels and, if known, truth."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from labelnoise import files
from labelnoise.data import decoding, faults, own, parts, pred_probs
from labelnoise.data.faults import Kind
from labelnoise.data.names import class_name
from labelnoise.data.own import Texts
from labelnoise.data.standardised import standardised
from labelnoise.data.words import counted
from labelnoise.types import Dataset, Note

NO_NAME = Kind("", "are no names of files", "the name of a file below a folder")
TWICE = Kind("", "name a file again", "a file per example")
GONE = ("name no file that is there", "files below arrays.root")
CHANNELS_FIRST = (1, 3, 4)  # lengths of an axis that may be the channels'
CHANNELS_LAST = "channels that come first go last by images.transpose(0, 2, 3, 1)"
OPTIONAL = ("clean_labels", "class_names", "split", "group", "files", "pred_probs")


def load(name: str, data, download) -> Dataset:
    """Images uint8 [N, channels, H, W] as they are, or features float32 [N, 1, 1, D], each standardised.

    data: section `datasets.<name>.data` with its `arrays`. The file holds `images` uint8 [N, H, W] or
    [N, H, W, channels], or `features` float [N, D], or neither but `pred_probs`; `labels` [N], numbers or text, in
    which the words of the section's `missing` stand for none; optionally `clean_labels` [N] (-1 or "" where the
    truth is not known), `class_names` [C] in the order of the numbers, `split` [N] (parts.WORDS), `group` [N],
    numbers or text, alike for one patient, video or burst (-1 or "": none), `files` [N], names of the examples'
    files, `pred_probs` float [N, C], probabilities of the classes in their order, by networks that were not
    trained on the example. Examples with nothing but pred_probs have no pixel: float32 [N, 1, 1, 0]. The files
    below arrays.root are read for their sha256 alone.
    ValueError in one line for whatever does not fit. `download` is not needed.
    """
    section = data.arrays
    path = Path(section.file).expanduser()
    arrays = _read(path, section.holds)
    count = len(arrays["labels"])
    names = _class_names(path, arrays)
    texts = Texts(
        labels=_labels(path, arrays, names, section.missing),
        clean=_words(path, arrays, "clean_labels", names) if "clean_labels" in arrays else [],
        split=_split(path, arrays) if "split" in arrays else [],
        group=_group(path, arrays) if "group" in arrays else [],
        files=_files(path, arrays, name, section.root),
        missing=frozenset(section.missing) if arrays["labels"].dtype.kind == "U" else frozenset(),
        origin=str(path),
        human={},
        where=lambda example: f"example {example} of 0..{count - 1}",
    )
    dataset = own.labelled(name, data, section.trusted, texts, names)
    if section.trusted and texts.clean:
        raise ValueError(f"{path}: has clean_labels; allowed: datasets.{name}.data.arrays.trusted: false")
    if "pred_probs" in arrays:
        probs = pred_probs.checked(arrays["pred_probs"], dataset.class_names, str(path))
        dataset = dataset._replace(pred_probs=probs)
    if section.root is not None:
        root = Path(section.root).expanduser()
        dataset = dataset._replace(contents=decoding.contents(name, [root / file for file in dataset.files]))
    if section.holds == "pred_probs":
        return dataset._replace(images=np.empty((count, 1, 1, 0), np.float32))
    examples = _images(path, arrays) if section.holds == "images" else _features(path, arrays, dataset.test_fold)
    notes = (*dataset.notes, *_axes(arrays)) if section.holds == "images" else dataset.notes
    return dataset._replace(images=own.varied(examples, str(path)), notes=notes)


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
        has = f"the file has {', '.join(sorted(found)) or 'none'}"
        other = next((kind for kind in ("images", "features", "pred_probs") if kind in found), None)
        hint = f"; allowed: arrays.holds: {other}" if holds in missing and other else ""
        raise ValueError(f"{path}: no array {missing[0]!r}; {has}{hint}")
    if unknown := sorted(found - needed - set(OPTIONAL)):
        allowed = ", ".join([*sorted(needed), *(name for name in OPTIONAL if name not in needed)])
        raise ValueError(f"{path}: unknown array {unknown[0]!r}; allowed: {allowed} (holds: {holds})")


def _array(path: Path, file: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    try:
        return np.atleast_1d(files.array_of(path, file, key))  # large ones stay where they are
    except (
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:  # Runtime: encrypted
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


def _labels(path: Path, arrays: dict[str, np.ndarray], names: list[str] | None, missing: list[str]) -> list[str]:
    words = _words(path, arrays, "labels", names)
    empty = [] if "" in missing else [f"labels[{at}] is empty" for at, word in enumerate(words) if not word]
    _check(path, "labels", empty, "the name of a class")
    return words


def _words(path: Path, arrays: dict[str, np.ndarray], key: str, names: list[str] | None) -> list[str]:
    """Labels as words: "" for an unknown clean label."""
    array, unknown = arrays[key], key == "clean_labels"
    if array.ndim != 1 or array.dtype.kind not in "iuU":
        raise ValueError(
            f"{path}: {key} is {array.dtype} of shape {array.shape}; allowed: whole numbers or text [N]"
        )
    if array.dtype.kind == "U":
        return _text(path, arrays, key)
    lowest, highest = -1 if unknown else 0, len(names) - 1 if names else np.iinfo(np.int64).max
    wrong = np.flatnonzero((array < lowest) | (array > highest))
    if len(wrong):
        allowed = f"{lowest} to {highest}" if names else f"{lowest} or more"
        text = "" if unknown else ' (labels as text may be missing: "")'
        _check(path, key, [f"{key}[{at}] = {array[at]}" for at in wrong], f"{allowed}{text}")
    return ["" if label < 0 else names[label] if names else str(label) for label in array.tolist()]


def _check(path: Path, key: str, places: list[str], allowed: str) -> None:
    """ValueError where there is a place."""
    faults.check(faults.of(Kind("", "are not allowed", allowed), places), str(path), f"entries of {key}")


def _split(path: Path, arrays: dict[str, np.ndarray]) -> list[str]:
    words, known = _text(path, arrays, "split"), parts.of_words("split")
    wrong = [f"split[{at}] = {word!r}" for at, word in enumerate(words) if word.casefold() not in known]
    _check(path, "split", wrong, parts.ALLOWED)
    return [known[word.casefold()] for word in words]


def _group(path: Path, arrays: dict[str, np.ndarray]) -> list[str]:
    """A word per example, "" for none."""
    array = arrays["group"]
    if array.ndim != 1 or array.dtype.kind not in "iuU":
        found = f"group is {array.dtype} of shape {array.shape}"
        raise ValueError(f"{path}: {found}; allowed: whole numbers or text [N]")
    return ["" if word == own.NONE else str(word).strip() for word in array.tolist()]


def _files(path: Path, arrays: dict[str, np.ndarray], name: str, root: str | None) -> list[str]:
    """Names of the examples' files below `root`, where the file tells them."""
    if "files" not in arrays:
        if root is not None:
            raise ValueError(f"{path}: no array 'files'; allowed: datasets.{name}.data.arrays.root: null")
        return []
    array, first, wrong = arrays["files"], {}, {}
    if array.dtype.kind != "U" or array.ndim != 1:
        raise ValueError(f"{path}: files is {array.dtype} of shape {array.shape}; allowed: text [N]")
    below = None if root is None else Path(root).expanduser()
    for row, file in enumerate(array.tolist()):
        where, levels = f"files[{row}] = {file!r}", Path(file).parts
        if not levels or Path(file).is_absolute() or ".." in levels or not file.isprintable():
            faults.add(wrong, NO_NAME, where)
        elif first.setdefault(file, row) < row:
            faults.add(wrong, TWICE, f"{where}, as files[{first[file]}]")
        elif below is not None and not (below / file).is_file():
            faults.add(wrong, Kind(f": no such file below {root}", *GONE), where)
    faults.check(wrong, str(path), "entries of files")
    return array.tolist()


def _images(path: Path, arrays: dict[str, np.ndarray]) -> np.ndarray:
    images = arrays["images"]
    fits = images.ndim == 3 or (images.ndim == 4 and 1 <= images.shape[3] <= 4)
    if images.dtype != np.uint8 or not fits or 0 in images.shape:
        allowed = "uint8 [N, H, W] or [N, H, W, channels] with 1 to 4 channels"
        if images.ndim == 4 and images.shape[1] in CHANNELS_FIRST and images.shape[3] > 4:
            allowed += f"; {CHANNELS_LAST}"
        raise ValueError(f"{path}: images are {images.dtype} of shape {images.shape}; allowed: {allowed}")
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)


def _axes(arrays: dict[str, np.ndarray]) -> list[Note]:
    """Where the first of the three may be the channels too."""
    shape = arrays["images"].shape
    if len(shape) != 4 or shape[1] not in CHANNELS_FIRST:
        return []
    read = f"{shape[1]} x {shape[2]} pixels of {counted(shape[3], 'channel', 'channels')}"
    what = f"images of shape {shape} are read as [N, H, W, channels]: {read}"
    return [Note("axes", f"{what}; {CHANNELS_LAST}", shape[0], "")]


def _features(path: Path, arrays: dict[str, np.ndarray], test_fold: np.ndarray) -> np.ndarray:
    """float32 [N, 1, 1, D], standardised."""
    features = arrays["features"]
    if features.ndim != 2 or features.dtype.kind != "f" or 0 in features.shape:
        raise ValueError(f"{path}: features are {features.dtype} of shape {features.shape}; allowed: float [N, D]")
    faults.check(pred_probs.entries("features", pred_probs.infinite, features, "finite"), str(path), "rows")
    scaled, told = standardised(features, test_fold)
    _check_scaled(path, features, told)
    return scaled


def _check_scaled(path: Path, features: np.ndarray, told: np.ndarray) -> None:
    wild = [(at, features[:, at]) for at in np.flatnonzero(~told)]
    places = [f"features[:, {at}] goes from {column.min():g} to {column.max():g}" for at, column in wild]
    allowed = "values of which a mean and a deviation can be computed: divide the column by a constant"
    wrong = faults.of(Kind("", "are too large or too small", allowed), places)
    faults.check(wrong, str(path), "columns of features")
