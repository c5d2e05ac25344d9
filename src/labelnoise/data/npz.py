"""A data set as one npz file without pickles: the same data set gives the same bytes."""

import zipfile
from pathlib import Path

import numpy as np

from labelnoise import files
from labelnoise.types import Dataset, Note

HUMAN = "human_labels."  # prefix of the arrays of labels given by people
OPTIONAL = ("pred_probs", "groups")


def save(dataset: Dataset, path: Path) -> None:
    """Write `dataset` to `path`, but for what was left out: that is a table of the report."""
    arrays = {
        "images": dataset.images,
        "clean_labels": dataset.clean_labels,
        "test_fold": dataset.test_fold,
        "class_names": np.array(dataset.class_names, np.str_),
        "files": np.array(dataset.files, np.str_),
        "asymmetric_map": np.array(sorted(dataset.asymmetric_map.items()), np.int64).reshape(-1, 2),
        **{HUMAN + name: labels for name, labels in sorted(dataset.human_labels.items())},
    }
    for name in OPTIONAL:
        if getattr(dataset, name) is not None:
            arrays[name] = getattr(dataset, name)
    if dataset.contents:
        arrays["contents"] = np.array(dataset.contents, np.str_)
    if dataset.notes:
        arrays["notes"] = np.array([[note.kind, note.what, str(note.count), note.where] for note in dataset.notes])
    files.save_arrays(Path(path), arrays)


def read(path: Path) -> Dataset:
    """What `save` wrote; ValueError when `path` is no such file."""
    try:
        return _dataset(files.load_arrays(path))
    except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a data set written by the download stage ({error})") from error


def _dataset(arrays: dict[str, np.ndarray]) -> Dataset:
    return Dataset(
        images=arrays["images"],
        clean_labels=arrays["clean_labels"],
        test_fold=arrays["test_fold"],
        class_names=arrays["class_names"].tolist(),
        asymmetric_map={int(source): int(target) for source, target in arrays["asymmetric_map"]},
        human_labels={key.removeprefix(HUMAN): a for key, a in arrays.items() if key.startswith(HUMAN)},
        files=arrays["files"].tolist(),
        contents=tuple(arrays["contents"].tolist()) if "contents" in arrays else (),
        notes=tuple(_note(*row) for row in arrays["notes"].tolist()) if "notes" in arrays else (),
        **{name: arrays.get(name) for name in OPTIONAL},
    )


def _note(kind: str, what: str, count: str, where: str) -> Note:
    return Note(kind, what, int(count), where)
