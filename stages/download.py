"""Get one data set, check it, and store images, clean labels, test folds and class names."""

import argparse
from pathlib import Path

from labelnoise import data, params, stage
from labelnoise.data import npz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    args = parser.parse_args()
    p = params.load()
    npz.save(data.load(args.dataset, p.datasets[args.dataset].data, p.download), args.out)


if __name__ == "__main__":
    with stage.running():
        main()
