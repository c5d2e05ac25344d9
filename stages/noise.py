"""Draw the noisy labels of one data set, one column for each (noise, rate, seed), and write the ledger."""

import argparse
from pathlib import Path

import pandas as pd

from labelnoise import columns, params, planned, results, stage
from labelnoise.data import npz
from labelnoise.noise import grid
from labelnoise.recheck import answers, cell, seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--data", type=Path, required=True, help="npz file of the download stage")
    parser.add_argument("--seen", type=Path, help="record of the download stage, by which moved files are found")
    parser.add_argument("--out", type=Path, required=True, help="npz file to write")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    section = p.datasets[args.dataset]
    dataset = npz.read(args.data)
    cells = planned.noise_cells(p, args.dataset)
    drawn, rows = grid.draw_all(args.dataset, dataset, cells, section.data.folds, p.noise)
    source = cell.source(section.noises, p.recheck.cell)
    if args.dataset in p.recheck.answers:
        file = Path(p.recheck.answers[args.dataset]).expanduser()
        found = answers.read(file, dataset, seen.read(args.seen) if args.seen else ())
        drawn, rows = cell.with_answers(drawn, rows, dataset, found.label, source)
        print(f"{args.dataset}: {answers.told(file.name, found)}")
    columns.save(drawn, args.out)
    results.write("ledger", pd.DataFrame(rows), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
