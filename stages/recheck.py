"""What rechecking costs and brings: lists for people, budgets, and training again after labels were set right."""

import argparse
from pathlib import Path

import pandas as pd

from labelnoise import files, params, results, stage, study
from labelnoise.methods import METHODS
from labelnoise.recheck import cell, detected, label_studio, lists, retrain, tables
from labelnoise.train import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--noise", type=Path, required=True, help="npz file of the noise stage")
    parser.add_argument("--detect", type=Path, required=True, help="npz file of the detect stage")
    parser.add_argument("--given", type=Path, required=True, help="npz file of the estimate stage")
    parser.add_argument("--out-folder", type=Path, required=True, help="folder of the lists")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load(methods=METHODS)
    loaded, found = study.load(p, args.dataset, args.data, args.noise), detected.load(args.detect)
    source = cell.source(p.datasets[args.dataset].noises, p.recheck.cell)
    limits = {"obvious": p.detect.obvious, "possible": p.detect.possible}
    runs = detected.listed_runs(found, source)
    judgement = detected.judge(found, runs, loaded.dataset, loaded.columns, source, limits)
    own = p.datasets[args.dataset].data.folder
    root = Path(own.root).resolve().name if own else ""
    write_lists(loaded, judgement, args.out_folder, p.recheck.export, root)
    made = tables.all_tables(found, loaded.columns, loaded.dataset, judgement, source, p.recheck, p.evaluate.level)
    made["retrained"] = retrained(p, loaded, found, files.load_arrays(args.given))
    for name, table in made.items():
        results.write(name, table, args.tables)
    print(f"{args.dataset}: {lists.said(judgement)}")


def write_lists(loaded: study.Loaded, judgement: detected.Judgement, folder: Path, export: int, root: str) -> None:
    rows = lists.to_recheck(loaded.dataset, judgement)
    files.write_text(folder / "to_recheck.csv", lists.text(loaded.dataset, rows))
    files.write_text(folder / "label_studio.json", label_studio.tasks(loaded.dataset, rows[:export], root))
    files.write_text(folder / "label_studio.xml", label_studio.interface(loaded.dataset.class_names))


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
