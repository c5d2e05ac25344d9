"""The labels with the answers in their place, as a CSV, and a script that moves the files accordingly.

The CSV can be read as own data (columns file and label). `state` says where a label comes from:
    given        nobody answered: as it came
    right        people say the same
    changed      people say something else, or name a class where there was no label
    unsure       people cannot tell: as it came
    left out     people want the image left out: no label
    unlabelled   it came without a label, and nobody answered

Shape letters: N examples of the data set.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from labelnoise import files
from labelnoise.data.names import class_name
from labelnoise.noise.noisy_labels import LEFT_OUT, UNSURE
from labelnoise.recheck import move_files
from labelnoise.types import Dataset

Move = tuple[str, str | None, str]  # file, its name after the move or None where it is left out, its sha256
Votes = dict[int, list[int]]  # example -> each answer to it
LABELS, SCRIPT = "labels_corrected.csv", "move_files.py"
COLUMNS = ["label", "given", "state", "votes", "against"]


def texts(
    dataset: Dataset, given: np.ndarray, label: np.ndarray, votes: Votes, root: Path | None = None
) -> dict[str, str]:
    """Files by name: LABELS, and SCRIPT where there is something to move.

    given: int [N] labels before answers, -1 where there is none. label, votes: of Answers; all UNANSWERED and {}
    before any. root: folder that holds a folder for each class; None where the script is not asked for, or labels
    come from a CSV.
    """
    made = {LABELS: text(dataset, rows(dataset, given, label, votes))}
    moves = list(_moves(dataset, given, label)) if root is not None and dataset.contents else []
    return made | ({SCRIPT: script(moves, root)} if moves else {})


def folder_to_sort(data: Any, wanted: bool) -> Path | None:
    """`root` of `texts`. data: `datasets.<name>.data` of params.yaml; wanted: `recheck.move_files`."""
    by_folders = data.folder is not None and data.folder.csv is None
    return Path(data.folder.root).expanduser() if wanted and by_folders else None


def rows(dataset: Dataset, given: np.ndarray, label: np.ndarray, votes: Votes) -> list[dict]:
    """A row for each example, in the order of the data set; classes are names."""
    answers = [votes.get(at, []) for at in range(len(given))]
    names = [*dataset.class_names, ""]  # the last for -1
    now = np.where(label >= 0, label, np.where(label == LEFT_OUT, -1, given))
    facts = zip(
        dataset.files or range(len(given)),
        [names[at] for at in now.tolist()],
        [names[at] for at in given.tolist()],
        _states(given, label),
        map(len, answers),
        [len(of) - of.count(own) for of, own in zip(answers, label.tolist(), strict=True)],
        strict=True,
    )
    return [dict(zip(_columns(dataset), of, strict=True)) for of in facts]


def _columns(dataset: Dataset) -> list[str]:
    return ["file" if dataset.files else "index", *COLUMNS]


def text(dataset: Dataset, found: list[dict]) -> str:
    """`found` as CSV."""
    return files.quoted(_columns(dataset), (of.values() for of in found))


def script(moves: list[Move], root: Path) -> str:
    """move_files.py with its constants filled in; what is left out goes into a folder beside `root`."""
    root = root.resolve()
    listed = "".join(f"    {move!r},\n" for move in moves)
    filled = {"ROOT": str(root), "LEFT_OUT": str(root.with_name(f"{root.name}_left_out"))}
    source = Path(move_files.__file__).read_text("utf-8")
    for name, value in filled.items():
        source = source.replace(f'{name} = ""', f"{name} = {value!r}", 1)
    return source.replace("MOVES = []", f"MOVES = [\n{listed}]", 1)  # last: names of files may be anything


def _states(given: np.ndarray, label: np.ndarray) -> list[str]:
    conditions = [label == LEFT_OUT, label == UNSURE, (label >= 0) & (label == given), label >= 0, given < 0]
    return np.select(conditions, ["left out", "unsure", "right", "changed", "unlabelled"], "given").tolist()


def _moves(dataset: Dataset, given: np.ndarray, label: np.ndarray) -> Iterator[Move]:
    """Every file that lies in a wrong folder."""
    names, folders = dataset.class_names, _folders(dataset, given)
    changed = (label >= 0) & (label != given) & (given >= 0)
    for at in np.flatnonzero(changed | (label == LEFT_OUT)).tolist():
        file, to = dataset.files[at], None
        if label[at] != LEFT_OUT:
            above, _, below = _split(file, names[given[at]])
            folder = folders.get((above, label[at])) or folders.get((None, label[at]), names[label[at]])
            to = "/".join([*above, folder, *below])
        yield file, to, dataset.contents[at]


def _folders(dataset: Dataset, given: np.ndarray) -> dict[tuple, str]:
    """(folders above the class folder, or None for any; class) -> what the class folder is called there: a class
    `cat` may lie in `Cat ` or in another Unicode form."""
    found: dict[tuple, str] = {}
    for file, label in zip(dataset.files, given.tolist(), strict=True):
        if label >= 0:
            above, folder, _ = _split(file, dataset.class_names[label])
            found.setdefault((above, label), folder)
            found.setdefault((None, label), folder)
    return found


def _split(file: str, name: str) -> tuple[tuple[str, ...], str, list[str]]:
    """Folders above the folder of the class `name`, that folder, and what is below: data may come in parts, as
    train/<class>/..."""
    parts = file.split("/")
    at = next(at for at in (0, 1) if class_name(parts[at], file) == name)
    return tuple(parts[:at]), parts[at], parts[at + 1 :]
