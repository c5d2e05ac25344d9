"""First runs of plain cross-entropy, and what they tell of the noise: rate, transition matrix, prior."""

import argparse
from pathlib import Path

from labelnoise import files, params, stage, study
from labelnoise.methods import METHODS
from labelnoise.train import engine, report
from labelnoise.uncertainty import given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded = study.load(p, args.dataset, args.data, args.noise)
    jobs = study.jobs(loaded, "cross_entropy", p.methods["cross_entropy"], {})
    processes = engine.workers(p.run.workers, loaded.study.device)
    results = engine.ensure(jobs, loaded.study.images, study.place(p), processes, "estimate")
    arrays = study.collect(loaded, results)
    report.diverged(args.dataset, "cross_entropy", arrays)
    labels = loaded.study.labels[[row.column for row in loaded.rows]]
    files.save_arrays(
        args.out, given.estimate(arrays["probs_best_noisy_val"], labels, p.estimate.anchor_percentile)
    )


if __name__ == "__main__":
    with stage.running():
        main()
