"""What rechecking costs and brings: budgets, errors left, and training again after labels were set right."""

import argparse
from pathlib import Path

import pandas as pd

from labelnoise import files, params, results, stage, study
from labelnoise.audit import study as audits
from labelnoise.methods import METHODS
from labelnoise.recheck import cell, detected, retrain, tables
from labelnoise.train import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded, found = study.load(p, args.dataset, args.data, args.noise), detected.load(args.detect)
    source = cell.source(p.datasets[args.dataset].noises, p.recheck.cell)
    errors, level = p.recheck.errors, p.evaluate.level
    made = tables.economics_of(found, loaded.columns, loaded.dataset, source, errors, level)
    made |= audits.made(
        found, loaded.columns, loaded.dataset, source, p.recheck, level, p.evaluate.calibration_bins
    )
    made["retrained"] = retrained(p, loaded, found, files.load_arrays(args.given))
    for name, table in made.items():
        results.write(name, table, args.tables)


def retrained(p: params.Params, loaded: study.Loaded, found: detected.Detected, given: dict) -> pd.DataFrame:
    """Train side by side whatever the table needs."""
    plan = retrain.plan(p, loaded, found)
    if plan is None:
        return results.empty("retrained")
    before, after = retrain.jobs(p, plan, given)
    processes = engine.workers(p.run.workers, loaded.study.device)
    trained = engine.ensure([*before, *after], loaded.study.images, study.place(p), processes, "retrain")
    return retrain.rows(plan, trained[: len(before)], trained[len(before) :])


if __name__ == "__main__":
    with stage.running():
        main()
