"""Which labels are wrong: the noise model and all scores beside it, on what the uncertainty stage left. Trains
nothing."""

import argparse
from pathlib import Path

from labelnoise import columns, files, params, results, stage
from labelnoise.data import npz
from labelnoise.detect import study
from labelnoise.recheck import cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--bags", type=Path, required=True, help="npz file of the uncertainty stage")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    dataset, drawn, bags = npz.read(args.data), columns.load(args.noise), files.load_arrays(args.bags)
    source = cell.source(p.datasets[args.dataset].noises, p.recheck.cell)
    found = study.runs(dataset, drawn, bags, source.noise, p.detect)
    plan = study.Plan(p.detect.resamples, p.evaluate.level, p.evaluate.calibration_bins)
    for name, table in study.all_tables(found, dataset, drawn, plan).items():
        results.write(name, table, args.tables)
    files.save_arrays(args.out, study.arrays(found, bags))


if __name__ == "__main__":
    with stage.running():
        main()
