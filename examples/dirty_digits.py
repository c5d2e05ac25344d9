"""A folder of images with wrong labels, and a rechecker who knows the truth: to try `make own` within minutes.

    python examples/dirty_digits.py               writes images/<class>/<nr>.png, 15% in a wrong class folder
    make own                                      says what to look at: own/reports/folder/to_audit.csv
    python examples/dirty_digits.py --answers 150 answers the first 150 rows of it: rechecked.csv
    make own                                      with these answers; and so on, until it says to stop

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
SEED = 0  # of which labels are wrong, what they become, and of slips: everybody gets the same folder


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
    write_csv(truth(root), ("file", "label"), zip(names, digits.target))
    print(f"{root}: {len(names)} images, {wrong.sum()} of them in a wrong class folder")


def answer(root: Path, to_audit: Path, rechecked: Path, count: int, slips: float) -> None:
    """Fill in the first `count` rows that have no answer yet, and add them to the answers that are there already.

    slips: share answered wrong, of right labels as of wrong ones. Files are known by their number: they may have
    been moved to another class since."""
    known = {number(row): row["label"] for row in read_csv(truth(root))}
    before = read_csv(rechecked) if rechecked.exists() else []
    done = {number(row) for row in before if row["label"]}
    asked = [row for row in read_csv(to_audit) if number(row) not in done][:count]
    rng = np.random.default_rng([SEED, len(before)])
    slip = rng.random(len(asked)) < slips
    for row, wrong in zip(asked, slip):
        true = known[number(row)]
        row["label"] = slipped(row["given"], true, rng) if wrong else true
    columns = ("file", "given", "label")
    write_csv(rechecked, columns, ([row.get(name, "") for name in columns] for row in [*before, *asked]))
    wrong = sum(known[number(row)] != row["given"] for row in asked)
    print(
        f"{rechecked}: {len(asked)} answers more, {slip.sum()} of them slips; {wrong} of these labels were wrong"
    )


def slipped(given: str, true: str, rng: np.random.Generator) -> str:
    """What someone says who errs: a wrong label passes for right, and a right one gets another class."""
    return given if given != true else str((int(true) + rng.integers(1, 10)) % 10)


def number(row: dict[str, str]) -> str:
    return Path(row["file"]).name


def truth(root: Path) -> Path:
    return root / ".truth.csv"


def read_csv(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, columns, rows) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("images"), help="folder of images")
    parser.add_argument("--answers", type=int, metavar="N", help="play the rechecker for N labels")
    parser.add_argument("--slips", type=float, default=0.0, metavar="SHARE", help="of the answers, wrong")
    parser.add_argument(
        "--list", type=Path, default=Path("own/reports/folder/to_audit.csv"), help="what to look at next"
    )
    parser.add_argument("--out", type=Path, default=Path("rechecked.csv"), help="file of answers, of all rounds")
    args = parser.parse_args()
    if not 0 <= args.slips <= 1:
        parser.error(f"--slips {args.slips:g}: not a share, 0 to 1")
    if args.answers is None:
        write(args.folder)
    else:
        answer(args.folder, args.list, args.out, args.answers, args.slips)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}")
