"""Which labels are wrong: the noise model on features, the gate, and scores beside them. Trains no network."""

import argparse
from pathlib import Path

import joblib

from labelnoise import columns, files, params, results, stage
from labelnoise.data import npz
from labelnoise.detect import study
from labelnoise.recheck import cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--features", type=Path, required=True, help="npz file of the features stage")
    parser.add_argument("--groups", type=Path, required=True, help="npz file of the inspect stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    section = p.datasets[args.dataset]
    dataset, drawn, features = npz.read(args.data), columns.load(args.noise), files.load_arrays(args.features)
    source = cell.source(section.noises, p.recheck.cell).noise
    plan = study.Plan(p.detect, section.detection, source, p.evaluate.level, p.evaluate.calibration_bins)
    workers = joblib.cpu_count() if p.run.workers == "auto" else int(p.run.workers)
    copies = files.load_arrays(args.groups)
    found = study.runs(dataset, drawn, features, plan, workers, args.dataset, copies)
    for name, table in study.all_tables(found, dataset, drawn, plan).items():
        results.write(name, table, args.tables)
    files.save_arrays(args.out, study.arrays(found))


if __name__ == "__main__":
    with stage.running():
        main()
