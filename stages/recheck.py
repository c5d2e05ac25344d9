"""What rechecking costs and brings: budgets, errors left, and training again after labels were set right."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, results, stage
from labelnoise.audit import study as audits
from labelnoise.recheck import cell, detected, tables
from labelnoise.runs import results as runs
from labelnoise.studies import retrained, setting
from labelnoise.train import engine


def main() -> None:
    name = artifacts.asked(__doc__)
    p, at = params.load(), artifacts.of(name)
    of, found = setting.load(p, name), detected.load(at.detect)
    source, evaluate = cell.source(p.datasets[name].noises, p.recheck.cell), p.evaluate
    made = tables.budget_tables(found, of.columns, of.dataset, source, p.recheck.errors, evaluate.level)
    made |= audits.audit_tables(
        found,
        of.columns,
        of.dataset,
        source,
        p.recheck,
        evaluate.level,
        evaluate.calibration_bins,
        engine.workers(p.run.workers, "cpu"),
    )
    made |= retrained.tables(of, runs.load(at.trained))
    for table, frame in made.items():
        results.write(table, frame, at.tables)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
