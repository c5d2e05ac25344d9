"""This project's side of the sweep: cross-entropy in every noise cell of the study in this folder, as the train
stage does it, into an empty run store."""

import shutil
from pathlib import Path

import workload

from labelnoise.runs import execute
from labelnoise.runs.data import MAIN
from labelnoise.runs.plan import Plan
from labelnoise.train import engine
from labelnoise.train.program import Place


def main() -> None:
    of = workload.load(Path())
    run, store = of.params.run, Path(of.params.run.store)
    shutil.rmtree(store, ignore_errors=True)
    plan = Plan(of.params, workload.runs(of, "cross_entropy"), {MAIN: of.main}, {}, {})
    execute.train(plan, Place(store, run.checkpoint_seconds), engine.workers(run.workers, of.device), "sweep")


if __name__ == "__main__":
    main()
