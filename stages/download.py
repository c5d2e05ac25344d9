"""Get one data set, check it, store images, clean labels, test folds, class names; tell what was left out."""

import argparse
from pathlib import Path

import pandas as pd

from labelnoise import data, params, results, stage
from labelnoise.data import npz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    dataset = data.load(args.dataset, p.datasets[args.dataset].data, p.download)
    npz.save(dataset, args.out)
    results.write("left_out", pd.DataFrame(dataset.left_out, columns=results.columns("left_out")), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
