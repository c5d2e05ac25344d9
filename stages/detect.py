"""Which labels are wrong: the noise model on features, the gate, and scores beside them. Trains no network."""

import checkout  # first: the code of this checkout, whatever is installed
import joblib

from labelnoise import artifacts, files, params, planned, results, stage
from labelnoise.data import npz
from labelnoise.detect import run_tables, study
from labelnoise.noise import noisy_labels
from labelnoise.recheck import cell


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    paths, section = artifacts.of(name), p.datasets[name]
    dataset, drawn = npz.read(paths.images), noisy_labels.load(paths.noise)
    features = files.load_arrays(paths.features)
    source = cell.source(section.noises, p.recheck.cell).noise
    seeds, checked = (planned.seeds(p, count) for count in (section.detection.seeds, section.detection.checked))
    plan = study.Plan(p.detect, seeds, checked, source, p.evaluate.level, p.evaluate.calibration_bins)
    workers = joblib.cpu_count() if p.run.workers == "auto" else int(p.run.workers)
    runs = study.runs(dataset, drawn, features, plan, workers, name, files.load_arrays(paths.groups))
    for table, rows in run_tables.all_tables(runs, dataset, drawn, plan).items():
        results.write(table, rows, paths.tables)
    files.save_arrays(paths.detect, study.arrays(runs))


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
