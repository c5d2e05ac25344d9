"""Numbers in which images that look alike lie close, from every encoder; and what the owner predicted."""

import argparse
from pathlib import Path

from labelnoise import device, features, files, params, stage
from labelnoise.data import npz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    args = parser.parse_args()
    p = params.load()
    dataset = npz.read(args.data)
    workers = None if p.run.workers == "auto" else p.run.workers
    how = (Path(p.download.cache).expanduser(), device.chosen(p.run.device), workers)
    found = features.of_dataset(dataset, args.dataset, p.datasets[args.dataset], *how)
    if dataset.pred_probs is not None:
        found["pred_probs"] = dataset.pred_probs
    files.save_arrays(args.out, found)


if __name__ == "__main__":
    with stage.running():
        main()
