"""Train what networks beside the methods' own tell of every label, and judge it beside the noise model."""

import argparse
from pathlib import Path

from labelnoise import files, params, results, stage, study
from labelnoise.alternatives import programs
from labelnoise.alternatives import study as alternatives
from labelnoise.methods import METHODS
from labelnoise.train import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded, given = study.load(p, args.dataset, args.data, args.noise), files.load_arrays(args.given)
    place, processes = study.place(p), engine.workers(p.run.workers, loaded.study.device)
    watched, beside = programs.watched(loaded, given, p.methods[study.WATCHED]), programs.beside(loaded)
    left = engine.ensure([*watched, *beside], loaded.study.images, place, processes, "uncertainty")
    found = programs.trained(loaded, given, left[: len(watched)], beside, left[len(watched) :])
    files.save_arrays(args.out, programs.arrays(loaded, found))
    plan = alternatives.Plan(p.detect.resamples, p.evaluate.level, p.evaluate.calibration_bins)
    runs = alternatives.runs(loaded.dataset, loaded.columns, found, files.load_arrays(args.detect), p.detect.floor)
    for name, table in alternatives.all_tables(runs, plan).items():
        results.write(name, table, args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
