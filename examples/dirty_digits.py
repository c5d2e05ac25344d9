"""A folder of images with wrong labels, and a rechecker who knows the truth: to try `make own` within minutes.

    python examples/dirty_digits.py               writes images/<class>/<nr>.png, 15% in a wrong class folder
    make own                                      finds them: own/reports/folder/to_recheck.csv
    python examples/dirty_digits.py --answers 150 answers for the first 150 rows of that list: rechecked.csv

The truth is kept in images/.truth.csv, a hidden file, which is no image and is not read by anything else.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

WRONG = 0.15
SEED = 0  # of which labels are wrong, and what they become: everybody gets the same folder


def write(root: Path) -> None:
    """scikit-learn's 1797 digits as 8 x 8 PNG files, one class folder per digit; OSError where `root` is there."""
    digits = load_digits()
    rng = np.random.default_rng(SEED)
    wrong = rng.random(len(digits.target)) < WRONG
    given = np.where(wrong, (digits.target + rng.integers(1, 10, len(wrong))) % 10, digits.target)
    root.mkdir(parents=True)
    names = [f"{label}/{number:04}.png" for number, label in enumerate(given)]
    for name, levels in zip(names, digits.images):
        (root / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.rint(levels * (255 / 16)).astype(np.uint8)).save(root / name)
    write_csv(truth(root), zip(names, digits.target))
    print(f"{root}: {len(names)} images, {wrong.sum()} of them in a wrong class folder")


def answer(root: Path, to_recheck: Path, rechecked: Path, count: int) -> None:
    """Add the true label of the first `count` images of the list to the answers that are there already."""
    known = dict(read_csv(truth(root), "label"))
    answers = dict(read_csv(rechecked, "label")) if rechecked.exists() else {}
    found = [(file, given) for file, given in read_csv(to_recheck, "given")][:count]
    write_csv(rechecked, (answers | {file: known[file] for file, _ in found}).items())
    wrong = sum(known[file] != given for file, given in found)
    print(f"{rechecked}: {len(found)} answers more; {wrong} of these labels were wrong")


def truth(root: Path) -> Path:
    return root / ".truth.csv"


def read_csv(path: Path, column: str) -> list[tuple[str, str]]:
    """(file, column) of every row."""
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["file"], row[column]) for row in csv.DictReader(file)]


def write_csv(path: Path, rows) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("file", "label"), *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("images"), help="folder of images")
    parser.add_argument("--answers", type=int, metavar="N", help="play the rechecker for N labels")
    parser.add_argument(
        "--list", type=Path, default=Path("own/reports/folder/to_recheck.csv"), help="what to recheck"
    )
    parser.add_argument("--out", type=Path, default=Path("rechecked.csv"), help="file of answers")
    args = parser.parse_args()
    if args.answers is None:
        write(args.folder)
    else:
        answer(args.folder, args.list, args.out, args.answers)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}")
