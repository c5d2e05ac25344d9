"""Draw the noisy labels of one data set, one column for each (noise, rate, seed), and write the ledger."""

from pathlib import Path

import checkout  # first: the code of this checkout, whatever is installed
import pandas as pd

from labelnoise import artifacts, params, planned, results, stage
from labelnoise.data import npz
from labelnoise.noise import grid, noisy_labels
from labelnoise.recheck import answers, cell, seen


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    paths, section = artifacts.of(name), p.datasets[name]
    dataset = npz.read(paths.images)
    drawn, rows = grid.draw_all(name, dataset, planned.noise_cells(p, name), section.data.folds, p.noise)
    source = cell.source(section.noises, p.recheck.cell)
    if name in p.recheck.answers:
        file = Path(p.recheck.answers[name]).expanduser()
        found = answers.read(file, dataset, seen.read(paths.seen))
        drawn, rows = cell.with_answers(drawn, rows, dataset, found.label, source)
        print(f"{name}: {answers.summary(file.name, found)}")
    noisy_labels.save(drawn, paths.noise)
    results.write("ledger", pd.DataFrame(rows), paths.tables)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
