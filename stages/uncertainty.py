"""Tables of what was trained: accuracy with intervals, calibration, bootstrap uncertainty, memorisation."""

import checkout  # first: the code of this checkout, whatever is installed
import joblib

from labelnoise import artifacts, params, results, stage
from labelnoise.claims import gradients
from labelnoise.methods import METHODS
from labelnoise.runs import results as runs
from labelnoise.studies import setting
from labelnoise.studies.plan import STUDIES
from labelnoise.train import engine

APART = "retrained"  # a study of the stage `recheck`


def main() -> None:
    name = artifacts.asked(__doc__)
    p, at = params.load(methods=METHODS), artifacts.of(name)
    of = setting.load(p, name)
    done, workers = runs.load(at.trained), engine.workers(p.run.workers, "cpu")
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        tasks = [joblib.delayed(study.tables)(of, done) for key, study in STUDIES.items() if key != APART]
        parts = joblib.Parallel(min(workers, len(tasks)))(tasks)
    for table, frame in (each for part in parts for each in part.items()):
        results.write(table, frame, at.tables)
    results.write("gradients", gradients.of_methods(of.main.training.num_classes, p.methods), at.tables)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
