"""Train joint optimisation with many classes, a long tail, and an oversampling sampler."""

import argparse
from pathlib import Path

import pandas as pd

from labelnoise import imbalance, params, results, stage, study
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.train import engine, report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    dataset = npz.read(args.data)
    if (dataset.clean_labels < 0).any():
        print(f"{args.dataset}: not every clean label is known, so that no noise can be drawn")
        return results.write("imbalance", results.empty("imbalance"), args.tables)
    parts, firsts = [], {}
    for setting in imbalance.settings(args.dataset, dataset, p.imbalance):
        loaded = imbalance.assemble(p, args.dataset, setting)
        first = collect(p, loaded, {imbalance.FIRST: imbalance.first_jobs(p, loaded)}, setting.name)
        firsts[setting.name] = first[imbalance.FIRST]
        later = imbalance.later_jobs(p, loaded, setting.sampler, firsts[setting.prior_from])
        for name, found in {**first, **collect(p, loaded, later, setting.name)}.items():
            report.diverged(args.dataset, name, found)
            batch = p.datasets[args.dataset].training.batch_size
            parts.append(imbalance.rows(setting, loaded, name, found, batch))
    results.write("imbalance", pd.concat(parts, ignore_index=True), args.tables)


def collect(p: params.Params, loaded: study.Loaded, jobs: dict, title: str) -> dict:
    """Train the jobs of all names side by side; name -> arrays with a run per row."""
    processes = engine.workers(p.run.workers, loaded.study.device)
    everything = [job for of in jobs.values() for job in of]
    found = iter(engine.ensure(everything, loaded.study.images, study.place(p), processes, title))
    return {name: study.collect(loaded.rows, [next(found) for _ in of]) for name, of in jobs.items()}


if __name__ == "__main__":
    with stage.running():
        main()
