"""Train the bags of every noise setting and store their out-of-bag sums, a snapshot at a time."""

import argparse
from pathlib import Path

import numpy as np

from labelnoise import files, params, stage, study
from labelnoise.train import engine, runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    args = parser.parse_args()
    p = params.load()
    loaded = study.load(p, args.dataset, args.data, args.noise)
    rows = study.bagged(loaded, p.study.seeds)
    jobs = [engine.Job(runs.bag_program(loaded.study, row), None) for row in rows]
    processes = engine.workers(p.run.workers, loaded.study.device)
    results = engine.ensure(jobs, loaded.study.images, study.place(p), processes, "bags")
    names = ("bags_prob_sum", "bags_entropy_sum", "bags_count")  # [K, snapshots, N, ...]
    arrays = {name.removeprefix("bags_"): np.stack([part[name] for part in results]) for name in names}
    files.save_arrays(args.out, study.keys(rows) | arrays)


if __name__ == "__main__":
    with stage.running():
        main()
