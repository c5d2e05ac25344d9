"""Train what the claims compare, in their noise cells with their number of seeds, and write its metrics."""

import argparse
from pathlib import Path

from labelnoise import contrasts, files, params, results, stage, study
from labelnoise.methods import METHODS
from labelnoise.train import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded = study.load(p, args.dataset, args.data, args.noise)
    parts = contrasts.parts(p, loaded, files.load_arrays(args.given))
    jobs = [job for part in parts for job in part.jobs]
    processes = engine.workers(p.run.workers, loaded.study.device)
    found = engine.ensure(jobs, loaded.study.images, study.place(p), processes, "contrasts")
    results.write("contrasts", contrasts.table(loaded, parts, found, p.evaluate.calibration_bins), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
