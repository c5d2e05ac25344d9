"""Train one method on one data set: every network, noise, rate and seed."""

import argparse
from pathlib import Path

from labelnoise import files, params, stage, study
from labelnoise.methods import METHODS
from labelnoise.train import engine, report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--method", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded = study.load(p, args.dataset, args.data, args.noise)
    given = files.load_arrays(args.given)
    rows = study.grid(loaded, p.study.seeds)
    if not study.tellable(loaded, args.method):
        print(f"{args.dataset}: {args.method} is not trained, since no clean label is known")
        return files.save_arrays(args.out, {})
    jobs = study.jobs(loaded, rows, args.method, p.methods[args.method], given)
    processes = engine.workers(p.run.workers, loaded.study.device)
    results = engine.ensure(jobs, loaded.study.images, study.place(p), processes, f"train {args.method}")
    arrays = study.collect(rows, results)
    report.diverged(args.dataset, args.method, arrays)
    files.save_arrays(args.out, arrays)


if __name__ == "__main__":
    with stage.running():
        main()
