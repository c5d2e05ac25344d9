"""Train what label errors are found with, in two rounds, and store what it says of every image."""

import argparse
from pathlib import Path

import numpy as np

from labelnoise import bootstrap, files, params, stage, study
from labelnoise.train import engine


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
    place, images = study.place(p), loaded.study.images
    processes = engine.workers(p.run.workers, loaded.study.device)
    first = [bootstrap.first_jobs(loaded, row) for row in rows]
    engine.fill([job for jobs in first for job in jobs], images, place, processes, "bags, folds, full runs")
    second = [
        bootstrap.second_jobs(loaded, row, engine.load(place, jobs[0]), p.detect)
        for row, jobs in zip(rows, first, strict=True)
    ]
    engine.fill([job for jobs in second for job in jobs], images, place, processes, "second round of bags")
    found = []
    for row, *jobs in zip(rows, first, second, strict=True):
        everything = [job for of in jobs for job in of]
        results = [engine.load(place, job) for job in everything]
        found.append(bootstrap.collected(loaded, row, everything, results))
    arrays = {name: np.stack([part[name] for part in found]) for name in found[0]}
    files.save_arrays(args.out, study.keys(rows) | arrays)


if __name__ == "__main__":
    with stage.running():
        main()
