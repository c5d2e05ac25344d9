"""Get one data set, check it, store images, clean labels, test folds, class names; tell what was left out."""

import argparse
import sys
from pathlib import Path

import pandas as pd

from labelnoise import data, files, params, results, stage
from labelnoise.data import npz
from labelnoise.recheck import seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--seen", type=Path, required=True, help="record of all files ever seen, which it adds to")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    dataset = data.load(args.dataset, p.datasets[args.dataset].data, p.download)
    record = seen.grown(seen.read(args.seen), dataset)
    for note in dataset.notes:
        print(f"note: datasets.{args.dataset}: {note.what}", file=sys.stderr)
    npz.save(dataset, args.out)
    files.write_text(args.seen, seen.text(record))
    results.write("left_out", pd.DataFrame(dataset.left_out, columns=results.columns("left_out")), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
