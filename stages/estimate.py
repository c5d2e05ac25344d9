"""First runs of plain cross-entropy, and what they tell of the noise: rate, transition matrix, prior."""

import argparse
from pathlib import Path

from labelnoise import files, params, planned, stage, study
from labelnoise.methods import METHODS
from labelnoise.train import engine, out_of_fold, report, runs
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
    rows = study.trained(loaded, p.study.seeds, planned.trained_cells(p, args.dataset))
    first = study.jobs(loaded, rows, "cross_entropy", p.methods["cross_entropy"], {})
    folds = [runs.fold_program(loaded.study, row, p.estimate.folds, p.estimate.epochs) for row in rows]
    jobs = [*first, *(engine.Job(program, None) for program in folds)]
    processes = engine.workers(p.run.workers, loaded.study.device)
    results = engine.ensure(jobs, loaded.study.images, study.place(p), processes, "estimate")
    arrays = study.collect(rows, results[: len(first)])
    report.diverged(args.dataset, "cross_entropy", arrays)
    labels = loaded.study.labels[[row.column for row in rows]]
    pred_probs = out_of_fold.assemble(folds, results[len(first) :])
    known = given.estimate(
        arrays["probs_best_noisy_val"], labels, pred_probs, arrays["index"], p.estimate.anchor_percentile
    )
    if loaded.study.section.training.sampler == "oversample":
        known = given.oversampled(known, pred_probs)
    files.save_arrays(args.out, study.keys(rows) | known | {"pred_probs": pred_probs})


if __name__ == "__main__":
    with stage.running():
        main()
