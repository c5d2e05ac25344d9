"""Tables of what was trained: accuracy with intervals, calibration, bootstrap uncertainty, memorisation."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, results, stage
from labelnoise.claims import gradients
from labelnoise.methods import METHODS
from labelnoise.runs import results as runs
from labelnoise.studies import setting
from labelnoise.studies.plan import STUDIES


def main() -> None:
    name = artifacts.asked(__doc__)
    p, at = params.load(methods=METHODS), artifacts.of(name)
    of = setting.load(p, name)
    done = runs.load(at.trained)
    for study in (study for key, study in STUDIES.items() if key != "retrained"):
        for table, frame in study.tables(of, done).items():
            results.write(table, frame, at.tables)
    results.write("gradients", gradients.of_methods(of.main.training.num_classes, p.methods), at.tables)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
